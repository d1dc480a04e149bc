/* Judging people by what the store knows of them, in the transaction that has changed it: the one
 * way from memberships to who is due. On any thread, with that thread's store. */
#ifndef ROSTER_ENGINE_JUDGE_H
#define ROSTER_ENGINE_JUDGE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "engine/current_names.h"
#include "model/person.h"
#include "model/rules.h"
#include "store/store.h"

struct judge {
    const struct rules *rules;
    const struct current_names *names;
};

/* The person's memberships and scope, by the names that count now. Texts in a. */
enum err judge_scope(const struct judge *judge, struct store *store, struct arena *a,
                     const struct person *p, struct membership **out_memberships, size_t *out_n,
                     struct scope *out, struct fail *fail) WARN_UNUSED;

struct judge_ask {
    bool is_news;   /* the source has said something new of this person */
    bool is_unsure; /* should they be out of scope now, then not because the source said so */
    int64_t now_ms;
    struct span cause;
};
/* Judges p (model/standing.h) and writes the row. Who was in the way of others' user names and is
 * no longer has them looked at again. */
enum err judge_person(const struct judge *judge, struct store *store, struct arena *a,
                      struct person *p, const struct judge_ask *ask, struct fail *fail) WARN_UNUSED;
/* The same, of somebody whose memberships are at hand. */
enum err judge_person_of(const struct judge *judge, struct store *store, struct arena *a,
                         struct person *p, const struct membership *memberships, size_t n,
                         const struct judge_ask *ask, struct fail *fail) WARN_UNUSED;
/* The user name that p is to have: what an operator has restored, else what the rules say. In a or
 * borrowed. */
struct span judge_user_name(const struct rules *rules, const struct person *p, struct arena *a);
/* Makes those due whom a person was in the way of, now that `before` has become `after`: both
 * claimed one user name, or an agent of theirs is gone whose name others were waiting for. Whoever
 * writes a person's row without judging them calls it: nothing else would ever wake those. */
enum err judge_free_names(const struct judge *judge, struct store *store, struct arena *a,
                          const struct person *before, const struct person *after, int64_t now_ms,
                          struct fail *fail) WARN_UNUSED;
/* p, whose row has just been written, was told that rival_id claims the user name that p wants. The
 * rival is looked at once more, and then held as well; or p is, when the rival has given the name
 * up meanwhile: nothing else would tell. */
enum err judge_rivals(const struct judge *judge, struct store *store, struct arena *a,
                      struct person *p, struct span rival_id, int64_t now_ms,
                      struct fail *fail) WARN_UNUSED;

#endif
