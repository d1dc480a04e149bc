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

#endif
