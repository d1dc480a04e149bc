/* What Amazon Connect answers: the bodies of answers of status 2xx, read into a struct
 * connect_answer. Members that are not known are ignored, null is taken for absent. Pure and
 * thread-safe.
 *
 * All return ERR_UNCLEAR when the body is not what the operation promises (empty, cut, no JSON,
 * without a member that must be there): something was done, and what came of it is not known. */
#ifndef ROSTER_CONNECT_ANSWER_H
#define ROSTER_CONNECT_ANSWER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/span.h"
#include "connect/connect.h"

/* Texts and arrays in *out and *next_token are in a; members of other operations stay as they are.
 */
enum err answer_create_user(struct span body, struct arena *a, struct connect_answer *out,
                            struct fail *fail) WARN_UNUSED;
/* One page. *next_token is empty on the last one; a page without users may have one. */
enum err answer_find_user(struct span body, struct span user_name, struct arena *a,
                          struct connect_answer *out, struct span *next_token,
                          struct fail *fail) WARN_UNUSED;
enum err answer_describe_instance(struct span body, struct arena *a, struct connect_answer *out,
                                  struct fail *fail) WARN_UNUSED;

/* One page of agents, whatever their names: SearchUsers by tag. *next_token as above. */
enum err answer_search_users(struct span body, struct arena *a, struct connect_answer *out,
                             struct fail *fail) WARN_UNUSED;

/* ---- answer_agent.c ---- */

/* The same with out->entitlements, and every agent must have an Id and an Arn. */
enum err answer_list_agents(struct span body, struct arena *a, struct connect_answer *out,
                            struct fail *fail) WARN_UNUSED;

/* out->entitlement (without proficiencies), and out->agents[0] with id, arn, user name and tags. */
enum err answer_describe_user(struct span body, struct arena *a, struct connect_answer *out,
                              struct fail *fail) WARN_UNUSED;
enum err answer_proficiencies(struct span body, struct arena *a, struct connect_answer *out,
                              struct fail *fail) WARN_UNUSED;
/* A user who is not logged in is not in the list, and has no contact. */
enum err answer_current_user_data(struct span body, struct arena *a, struct connect_answer *out,
                                  struct fail *fail) WARN_UNUSED;

/* ---- answer_list.c ---- */

/* out->named and out->next_token. */
enum err answer_names(struct span body, enum name_kind kind, struct arena *a,
                      struct connect_answer *out, struct fail *fail) WARN_UNUSED;
enum err answer_quick_connects(struct span body, struct arena *a, struct connect_answer *out,
                               struct fail *fail) WARN_UNUSED;
/* out->quick_connect_user_id, empty when it is no user's. */
enum err answer_quick_connect(struct span body, struct arena *a, struct connect_answer *out,
                              struct fail *fail) WARN_UNUSED;

/* ---- for answer_*.c ---- */

enum { ANSWER_ID_MAX = 256, ANSWER_ARN_MAX = 2048, ANSWER_TOKEN_MAX = 64 * 1024 };
struct json;
enum err answer_unclear(struct fail *fail, const char *what);
/* The body as a JSON object; the caller frees it. */
enum err answer_parse(struct span body, struct json **out, struct fail *fail) WARN_UNUSED;
bool answer_is_usable(struct span text, size_t max);
struct agent answer_agent(const struct json *user, struct arena *a);
/* Keeps the page's token in out->next_token, p == NULL on the last page. */
enum err answer_token(const struct json *root, struct arena *a, struct connect_answer *out,
                      struct fail *fail) WARN_UNUSED;

#endif
