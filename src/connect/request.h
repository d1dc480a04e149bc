/* What is sent to Amazon Connect: the path and the JSON body of each operation, as the service
 * model of 2017-08-08 names their members. Pure (but for the random password) and thread-safe.
 * https://docs.aws.amazon.com/connect/latest/APIReference/API_Operations.html */
#ifndef ROSTER_CONNECT_REQUEST_H
#define ROSTER_CONNECT_REQUEST_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"
#include "connect/connect.h"
#include "model/agent.h"
#include "model/entitlement.h"
#include "model/names.h"

struct request {
    const char *method;
    struct buf path, query, body;
    bool has_body; /* without one there is no Content-Type, either */
    bool is_read;  /* repeating it does no harm */
};

/* Each fills a request, which the caller releases with request_done. token: where the page begins;
 * empty for the first. */
struct request request_create_user(struct span instance_id, const struct entitlement *wanted,
                                   bool needs_password);
struct request request_find_user(struct span instance_id, struct span user_name, struct span token);
struct request request_search_managed(struct span instance_id, struct span managed_by,
                                      struct span token);
/* The same, of one person. */
struct request request_search_owned(struct span instance_id, struct span managed_by,
                                    struct span okta_id, struct span token);
/* All agents. */
struct request request_list_agents(struct span instance_id, struct span token);
/* Those with that security profile, at most max. */
struct request request_search_holders(struct span instance_id, struct span security_profile_id,
                                      int max);
/* The whole ARN is one segment of the path. */
struct request request_tag(struct span arn, const struct tag *tags, size_t n_tags);
struct request request_untag(struct span arn, const struct span *keys, size_t n_keys);
struct request request_describe_instance(struct span instance_id);

/* ---- an agent that exists (request_agent.c) ---- */

struct request request_describe_user(struct span instance_id, struct span user_id);
struct request request_delete_user(struct span instance_id, struct span user_id);
struct request request_update(struct span instance_id, struct span user_id, enum aspect aspect,
                              const struct entitlement *wanted);
struct request request_list_proficiencies(struct span instance_id, struct span user_id,
                                          struct span token);
struct request request_change_proficiencies(struct span instance_id, struct span user_id,
                                            enum proficiency_change change,
                                            const struct proficiency *p, size_t n);
struct request request_current_user_data(struct span instance_id, struct span user_id);

/* ---- lists (request_list.c) ---- */

struct request request_list_names(struct span instance_id, enum name_kind kind, struct span token);
struct request request_list_quick_connects(struct span instance_id, struct span token);
struct request request_describe_quick_connect(struct span instance_id, struct span id);
struct request request_delete_quick_connect(struct span instance_id, struct span id);

void request_done(struct request *r);

/* ---- for request_*.c ---- */

struct json_out;
/* method, a fixed path, and one segment that is percent-encoded. */
struct request request_to(const char *method, const char *path, struct span segment);
/* "/" and another segment. */
void request_add_segment(struct request *r, struct span segment);
/* "NAME=VALUE", with '&' where it is not the first. */
void request_add_query(struct request *r, const char *name, struct span value);
/* Asserts that nothing was cut: what goes in was bounded where it came from. */
struct request request_sealed(struct request r);
/* PhoneConfig, or the lists by channel, as members of the object that is open. */
void request_put_phone(struct json_out *out, const struct phone *phone);
void request_put_ids(struct json_out *out, const char *member, const struct span *ids, size_t n);
void request_put_identity(struct json_out *out, const struct entitlement *wanted);

#endif
