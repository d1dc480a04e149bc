/* The sandbox: one program that plays an Amazon Connect instance, an Okta org, and the queues and
 * secrets of AWS on one loopback port, as strictly as the real ones. Paths keep them apart: /api/…
 * and /oauth2/… are Okta's, /sandbox/… is the control interface, the rest is Amazon Connect's; SQS,
 * Secrets Manager and Systems Manager are told by the header X-Amz-Target. State is in memory; a
 * seed file (JSON) can fill it at start. */
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
struct sqs_side;     /* sqs_*.c */
struct secrets_side; /* secrets_side.c */

struct sandbox {
    struct loop *loop;
    struct http_client *client;
    struct connect_side *connect;
    struct okta_side *okta;
    struct sqs_side *sqs;
    struct secrets_side *secrets;
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

struct sqs_side *sqs_side_new(struct sandbox *sandbox);
void sqs_side_free(struct sqs_side *side);
enum err sqs_side_seed(struct sqs_side *side, const json_t *seed, struct fail *fail) WARN_UNUSED;
/* False when the request is not for SQS. */
bool sqs_side_request(struct sqs_side *side, struct http_exchange *x);
bool sqs_side_control(struct sqs_side *side, struct http_exchange *x, const char *path,
                      const json_t *body);

struct secrets_side *secrets_side_new(struct sandbox *sandbox);
void secrets_side_free(struct secrets_side *side);
enum err secrets_side_seed(struct secrets_side *side, const json_t *seed,
                           struct fail *fail) WARN_UNUSED;
/* False when the request is neither for Secrets Manager nor for Systems Manager. */
bool secrets_side_request(struct secrets_side *side, struct http_exchange *x);
bool secrets_side_control(struct secrets_side *side, struct http_exchange *x, const char *path,
                          const json_t *body);

/* One account, one region, one clock and one set of keys for all of AWS: those of the instance. */
const char *sandbox_aws_region(const struct sandbox *sandbox);
const char *sandbox_aws_account(const struct sandbox *sandbox);
int64_t sandbox_aws_wall_ms(const struct sandbox *sandbox);
/* NULL: the request is signed for that service as it should be. Otherwise the code of the 403; its
 * message (KEYS_MESSAGE of connect_keys.h) in message. */
const char *sandbox_aws_refuse(const struct sandbox *sandbox, const struct http_exchange *x,
                               const char *service, char *message);

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
