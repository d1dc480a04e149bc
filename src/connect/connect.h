/* Amazon Connect's operations, one function each; one call of a function is one request
 * (connect_find_user: one a page). On the loop only.
 * https://docs.aws.amazon.com/connect/latest/APIReference/ */
#ifndef ROSTER_CONNECT_CONNECT_H
#define ROSTER_CONNECT_CONNECT_H

#include "aws/aws.h"
#include "base/err.h"
#include "base/span.h"
#include "model/agent.h"
#include "model/entitlement.h"

#define OP_CREATE_USER "CreateUser"
#define OP_SEARCH_USERS "SearchUsers"
#define OP_TAG_RESOURCE "TagResource"
#define OP_DESCRIBE_INSTANCE "DescribeInstance"

enum { CONNECT_LIMIT_PROBE_MS = 15 * 60 * 1000 };

/* The answer of any operation. Only the members of the operation asked for are set; all is borrowed
 * for the callback. */
struct connect_answer {
    enum err err; /* as in aws.h; a 2xx answer without the members that it must have is
                     ERR_UNCLEAR */
    const struct fail *fail;
    int status;
    const char *request_id;
    struct span user_id, user_arn; /* CreateUser */
    const struct agent *agents;    /* SearchUsers: those whose user name is the one asked for, byte
                                      for byte */
    size_t n_agents;
    struct span identity_type; /* DescribeInstance: "SAML", … */
};
typedef void connect_done(void *arg, const struct connect_answer *answer);

struct connect; /* one instance */
/* aws must outlive it. */
struct connect *connect_new(struct aws *aws, struct span instance_id);
/* Drops what is under way without calling back. NULL is fine. */
void connect_free(struct connect *c);

/* An operation under way: done is called once, later; until then it may be cancelled. What is given
 * is copied. */
struct connect_call;
/* CreateUser takes no token that would make it repeatable: ERR_UNCLEAR means that the agent may
 * have been made. */
struct connect_call *connect_create_user(struct connect *c, const struct entitlement *wanted,
                                         connect_done *done, void *arg);
/* SearchUsers with a StringCondition Username EXACT; reads its pages until the user name has been
 * found (it is unique in an instance) or there are no more. */
struct connect_call *connect_find_user(struct connect *c, struct span user_name, connect_done *done,
                                       void *arg);
struct connect_call *connect_tag_user(struct connect *c, struct span arn, const struct tag *tags,
                                      size_t n_tags, connect_done *done, void *arg);
struct connect_call *connect_describe_instance(struct connect *c, connect_done *done, void *arg);
/* No callback will come. NULL is fine. */
void connect_cancel(struct connect_call *call);

#endif
