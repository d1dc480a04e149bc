/* What the parts of the played Amazon Connect share: the instance, its things, and one call on its
 * way. */
#ifndef SANDBOX_CONNECT_SIDE_H
#define SANDBOX_CONNECT_SIDE_H

#include "connect_agents.h"
#include "calls.h"
#include "faults.h"
#include "connect_keys.h"
#include "connect_model.h"
#include "connect_throttle.h"
#include "reply.h"
#include "sandbox.h"

struct instance {
    char *id, *alias, *account, *region;
    char *identity; /* "SAML", "CONNECT_MANAGED" or "EXISTING_DIRECTORY" */
    bool exists;
    int64_t created_ms;
    char *arn; /* made of the others */
};

enum { SIDE_SHARED = 16 };

struct connect_side {
    struct sandbox *sandbox;
    struct model *model;
    struct instance instance;
    struct agents agents;
    /* Arrays of objects; each has "Id", "Name", and what connect_things.h says. */
    json_t *security_profiles, *routing_profiles, *groups, *statuses, *attributes, *quick_connects;
    struct keys keys;
    struct throttle throttle;
    struct faults faults;
    struct calls calls;
    int64_t clock_offset_ms;
    int64_t search_delay_ms, list_delay_ms, read_delay_ms;
    size_t quota;        /* users */
    uint64_t empty_each; /* so many pages of a list or a search, one of them is empty; 0: none is */
    uint64_t n_errors, n_pages, n_throttled;
    json_t *shared[SIDE_SHARED]; /* recent values, so that equal ones are kept once */
    size_t next_shared;
    struct replies waiting;
};

/* One request of an operation. A handler ends with exactly one of call_ok and call_fail. */
struct call {
    struct connect_side *side;
    struct http_exchange *x;
    const struct model_operation *op;
    json_t *input;
    const struct fault *fault;
    size_t entry; /* in the log of calls */
    /* The answer. */
    int status;
    const char *code; /* NULL: fine */
    bool is_front;    /* an error of the front end, not of the service */
    char message[MODEL_MESSAGE];
    json_t *out;
};

/* Takes out; NULL for operations without output. */
void call_ok(struct call *call, json_t *out);
void call_fail(struct call *call, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The string member of the input, NULL when absent. */
const char *call_text(const struct call *call, const char *member);
/* The agent of the input's UserId, or NULL after call_fail. */
struct agent *call_agent(struct call *call);

/* The time that the played service has, which a test may move. */
int64_t side_wall_ms(const struct connect_side *side);
/* A new string "arn:aws:connect:REGION:ACCOUNT:instance/ID/KIND/THING". */
json_t *side_arn(const struct connect_side *side, const char *kind, const char *id);
/* Sets Id, Arn and LastModified… */
void side_stamp(const struct connect_side *side, json_t *object, int64_t wall_ms);
void side_set_instance(struct connect_side *side, const char *id, const char *region,
                       const char *account);

#define NOT_FOUND "ResourceNotFoundException"
#define BAD_PARAMETER "InvalidParameterException"
#define BAD_REQUEST "InvalidRequestException"

#endif
