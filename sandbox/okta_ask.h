/* One request of Okta's API on its way, from its route to its answer. */
#ifndef SANDBOX_OKTA_ASK_H
#define SANDBOX_OKTA_ASK_H

#include "base/arena.h"
#include "okta_side.h"

enum { OKTA_PARTS = 2, OKTA_HEADERS = 16, OKTA_BODY = 256 * 1024 * 1024 };

struct okta_ask;

struct okta_route {
    const char *operation;     /* as Okta's own description of its API names it */
    const char *method, *path; /* "{}" is any one part */
    const char *scope;         /* NULL: none is needed */
    bool is_write;
    void (*run)(struct okta_ask *ask);
};

struct okta_ask {
    struct okta_ask *next, **link;
    struct okta_side *side;
    struct http_exchange *x;
    const struct okta_route *route;
    struct arena arena;
    const char *part[OKTA_PARTS]; /* of the path, decoded */
    char *base;                   /* "http://127.0.0.1:8081" as the request knows us */
    const struct okta_token *token;
    const struct fault *fault;
    int64_t delay_ms; /* of a slow answer */
    size_t entry;     /* in the log of calls */
    bool is_later;    /* the handler will call okta_ask_end by itself */
    /* The answer. */
    int status;
    const char *code; /* NULL: fine */
    struct buf body;
    const char *headers[OKTA_HEADERS];
    size_t n_headers;
};

void okta_ask_header(struct okta_ask *ask, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The decoded value of a query parameter, NULL when absent. */
const char *okta_ask_query(struct okta_ask *ask, const char *name);
/* The body as a JSON object, the caller's; NULL after okta_fail. */
json_t *okta_ask_body(struct okta_ask *ask);
/* Takes value. */
void okta_ask_json(struct okta_ask *ask, json_t *value);
/* Okta's error object; cause may be NULL. */
void okta_fail(struct okta_ask *ask, int status, const char *code, const char *summary,
               const char *cause);
/* 404 E0000007: kind as Okta says it, "User", "UserGroup", "AppInstance", "AppUser", "Webhook". */
void okta_fail_missing(struct okta_ask *ask, const char *id, const char *kind);
/* Sends and releases. */
void okta_ask_end(struct okta_ask *ask);
/* Releases without an answer. */
void okta_ask_drop(struct okta_ask *ask);
/* The kinds of faults that the org knows. */
void okta_ask_kinds(struct faults *faults);
/* Sets what the fault answers instead of carrying the request out. */
void okta_ask_fault(struct okta_ask *ask);

/* Is there such an operation? Or "*". */
bool okta_operation_is_known(const char *name);

#define OKTA_VALIDATION "E0000001"
#define OKTA_MALFORMED "E0000003"
#define OKTA_FORBIDDEN "E0000006"
#define OKTA_BAD_TOKEN "E0000011"

#endif
