/* The sandbox: one program that plays an Amazon Connect instance and an Okta org on one loopback
 * port, as strictly as the real ones. Paths keep the two apart: /api/… and /oauth2/… are Okta's,
 * /sandbox/… is the control interface, the rest is Amazon Connect's. State is in memory; a seed
 * file (JSON) can fill it at start. */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/loop.h"

struct connect_side; /* connect_*.c */
struct okta_side;    /* okta_*.c */

struct sandbox {
    struct loop *loop;
    struct http_client *client;
    struct connect_side *connect;
    struct okta_side *okta;
    const char *address; /* "127.0.0.1:43211" */
    bool is_quiet;       /* else each call is told on standard error */
};

struct connect_side *connect_side_new(struct sandbox *sandbox);
void connect_side_free(struct connect_side *side);
/* Takes "connect" of the seed (may be NULL = defaults). */
enum err connect_side_seed(struct connect_side *side, const json_t *seed,
                           struct fail *fail) WARN_UNUSED;
/* Answers (now or later) any request of Amazon Connect's. */
void connect_side_request(struct connect_side *side, struct http_exchange *x);
/* Answers a control request whose path (behind "/sandbox/") is this side's; false when it is not.
 * body may be NULL. */
bool connect_side_control(struct connect_side *side, struct http_exchange *x, const char *path,
                          const json_t *body);

struct okta_side *okta_side_new(struct sandbox *sandbox);
void okta_side_free(struct okta_side *side);
enum err okta_side_seed(struct okta_side *side, const json_t *seed, struct fail *fail) WARN_UNUSED;
void okta_side_request(struct okta_side *side, struct http_exchange *x);
bool okta_side_control(struct okta_side *side, struct http_exchange *x, const char *path,
                       const json_t *body);

/* Answers with a JSON value (reference stolen) or {"error": {"code", "message"}}. */
void sandbox_reply_json(struct http_exchange *x, int status, json_t *body,
                        const char *const *headers);
void sandbox_reply_error(struct http_exchange *x, int status, const char *code,
                         const char *message);

/* ERR_INPUT unless from is an object whose members are all among names (ended by NULL), so that a
 * slip of the pen is not silently nothing. */
enum err sandbox_only(const json_t *from, const char *const *names, struct fail *fail) WARN_UNUSED;

/* The control interface: GET and POST /sandbox/… (control.c). */
void sandbox_control(struct sandbox *sandbox, struct http_exchange *x);

#endif
