/* Okta and Amazon Connect as a function sees them, which has no store: their clients, the pace of
 * the calls, and what must be known before anybody is planned for: how users of the instance sign
 * in, and what the names in the rules mean. It is made anew when the settings are (lambda/
 * configuration.h). On the loop only. */
#ifndef ROSTER_LAMBDA_BOTH_SIDES_H
#define ROSTER_LAMBDA_BOTH_SIDES_H

#include "aws/aws.h"
#include "config/settings.h"
#include "connect/connect.h"
#include "engine/current_names.h"
#include "engine/judge.h"
#include "engine/name_search.h"
#include "engine/naming.h"
#include "engine/pace.h"
#include "okta/api.h"

struct both_sides_options {
    struct loop *loop;
    struct http_client *client;
    const char *const *environment;
    const struct settings *settings;
    /* How many processes share the rate that Amazon Connect allows: each takes its part of it. */
    int64_t workers;
    /* How the instance's users sign in, when somebody has asked before: that never changes. */
    bool knows_identity;
    enum identity_type identity;
};

/* To be read only; all but the private members. */
struct both_sides {
    struct both_sides_options options; /* knows_identity is set once it is asked */
    struct rules rules; /* the settings', with the instance's identity. ON_RENAME is never replace,
                           which needs a store */
    struct current_names names;
    struct judge judge; /* of those two */
    struct aws *aws;    /* in the instance's region */
    struct connect *connect;
    struct pace *pace;
    struct okta_api *okta; /* NULL: Okta's API is not used */
    /* Applications and groups that bear a name of the rules that several bear: all count. */
    const struct name_found *shared;
    size_t n_shared;
    /* private */
    struct naming *naming;
    struct name_search *search;
    bool is_prepared;
    void (*done)(void *arg, const struct fail *fail);
    void *arg;
};

/* Makes no request yet. ERR_INPUT: the settings do not fit. */
enum err both_sides_new(const struct both_sides_options *options, struct both_sides **out,
                        struct fail *fail) WARN_UNUSED;
/* What is under way is dropped without calling back. NULL is fine. */
void both_sides_free(struct both_sides *s);
/* Reads what must be known, once; done is called once, at once when it is known. fail not NULL: it
 * could not be read now, so that nobody can be judged; the next call tries again. */
void both_sides_prepare(struct both_sides *s, void (*done)(void *arg, const struct fail *fail),
                        void *arg);
/* Nobody waits for it any more; the reading is given up. */
void both_sides_forget(struct both_sides *s);
/* Names are to be read again by the next both_sides_prepare: somebody needs one that is not known.
 */
void both_sides_doubt(struct both_sides *s);

#endif
