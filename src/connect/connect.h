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
#include "model/names.h"

#define OP_CREATE_USER "CreateUser"
#define OP_SEARCH_USERS "SearchUsers"
#define OP_TAG_RESOURCE "TagResource"
#define OP_DESCRIBE_INSTANCE "DescribeInstance"

#define OP_DESCRIBE_USER "DescribeUser"
#define OP_DELETE_USER "DeleteUser"
#define OP_LIST_PROFICIENCIES "ListUserProficiencies"
#define OP_CURRENT_USER_DATA "GetCurrentUserData"
#define OP_LIST_QUICK_CONNECTS "ListQuickConnects"
#define OP_DESCRIBE_QUICK_CONNECT "DescribeQuickConnect"
#define OP_DELETE_QUICK_CONNECT "DeleteQuickConnect"
#define OP_LIST_SECURITY_PROFILES "ListSecurityProfiles"
#define OP_LIST_ROUTING_PROFILES "ListRoutingProfiles"
#define OP_SEARCH_HIERARCHY_GROUPS "SearchUserHierarchyGroups"

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
    /* Of each of agents, when all were listed: what the listing shows (model/seen.h). */
    const struct entitlement *entitlements;
    struct span identity_type;               /* DescribeInstance: "SAML", … */
    const struct entitlement *entitlement;   /* DescribeUser, without proficiencies: what the agent
                                                has.   Tags: all of them, in agents[0].tags */
    const struct proficiency *proficiencies; /* ListUserProficiencies */
    size_t n_proficiencies;
    bool has_contact;          /* GetCurrentUserData */
    const struct named *named; /* lists of names; ListQuickConnects of type USER */
    size_t n_named;
    struct span next_token;            /* p == NULL = this was the last page */
    struct span quick_connect_user_id; /* DescribeQuickConnect */
};
/* A thing with a name. */
struct named {
    struct span id, arn, name; /* name: of a hierarchy group its path, "Site/Team" */
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
/* needs_password: the instance keeps passwords of its own; a random one is given, which nobody ever
 * sees. */
struct connect_call *connect_create_user(struct connect *c, const struct entitlement *wanted,
                                         bool needs_password, connect_done *done, void *arg);
/* SearchUsers with a StringCondition Username EXACT; reads its pages until the user name has been
 * found (it is unique in an instance) or there are no more. */
struct connect_call *connect_find_user(struct connect *c, struct span user_name, connect_done *done,
                                       void *arg);
struct connect_call *connect_tag_user(struct connect *c, struct span arn, const struct tag *tags,
                                      size_t n_tags, connect_done *done, void *arg);
struct connect_call *connect_describe_instance(struct connect *c, connect_done *done, void *arg);

/* ---- an agent that exists ---- */

struct connect_call *connect_describe_user(struct connect *c, struct span user_id,
                                           connect_done *done, void *arg);
/* The update of one aspect to what `wanted` has: UpdateUserIdentityInfo, -SecurityProfiles,
 * -RoutingProfile, -Hierarchy (no group removes it), -PhoneConfig, or, when wanted->phone is per
 * channel, -Config. Not for tags and proficiencies. */
struct connect_call *connect_update_user(struct connect *c, struct span user_id, enum aspect aspect,
                                         const struct entitlement *wanted, connect_done *done,
                                         void *arg);
struct connect_call *connect_untag_user(struct connect *c, struct span arn, const struct span *keys,
                                        size_t n_keys, connect_done *done, void *arg);
struct connect_call *connect_list_proficiencies(struct connect *c, struct span user_id,
                                                struct span token, connect_done *done, void *arg);
enum proficiency_change { PROFICIENCY_ASSOCIATE, PROFICIENCY_UPDATE, PROFICIENCY_DISASSOCIATE };
struct connect_call *connect_change_proficiencies(struct connect *c, struct span user_id,
                                                  enum proficiency_change change,
                                                  const struct proficiency *p, size_t n,
                                                  connect_done *done, void *arg);
/* Is the agent on a contact now? */
struct connect_call *connect_current_user_data(struct connect *c, struct span user_id,
                                               connect_done *done, void *arg);
/* 404 is ERR_NOT_FOUND: the caller knows whether that means done. */
struct connect_call *connect_delete_user(struct connect *c, struct span user_id, connect_done *done,
                                         void *arg);

/* ---- lists, a page a call; token empty = from the start ---- */

struct connect_call *connect_list_names(struct connect *c, enum name_kind kind, struct span token,
                                        connect_done *done, void *arg);
struct connect_call *connect_list_quick_connects(struct connect *c, struct span token,
                                                 connect_done *done, void *arg);
struct connect_call *connect_describe_quick_connect(struct connect *c, struct span id,
                                                    connect_done *done, void *arg);
struct connect_call *connect_delete_quick_connect(struct connect *c, struct span id,
                                                  connect_done *done, void *arg);
/* SearchUsers with a TagFilter: the agents that bear this deployment's tag, with all their tags. */
struct connect_call *connect_search_managed(struct connect *c, struct span managed_by,
                                            struct span token, connect_done *done, void *arg);
/* The same, with both tags: the agents that are one person's; there should be one at most. */
struct connect_call *connect_search_owned(struct connect *c, struct span managed_by,
                                          struct span okta_id, struct span token,
                                          connect_done *done, void *arg);

/* SearchUsers without a filter: all agents of the instance, with what it shows of them. */
struct connect_call *connect_list_agents(struct connect *c, struct span token, connect_done *done,
                                         void *arg);
/* SearchUsers for agents with that security profile: one page of at most max of them. */
struct connect_call *connect_search_holders(struct connect *c, struct span security_profile_id,
                                            int max, connect_done *done, void *arg);

/* No callback will come. NULL is fine. */
void connect_cancel(struct connect_call *call);

#endif
