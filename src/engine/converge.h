/* Converging: takes people who are due, plans, and carries the steps out until Amazon Connect is as
 * it should be. Each step is on disk before it is sent and its answer before anything follows from
 * it. On the loop only. */
#ifndef ROSTER_ENGINE_CONVERGE_H
#define ROSTER_ENGINE_CONVERGE_H

#include <stdbool.h>

#include "connect/connect.h"
#include "engine/pace.h"
#include "engine/roster.h"
#include "model/rules.h"
#include "net/loop.h"

/* What a person should hear of. Texts are borrowed for the call. */
struct converge_news {
    enum { NEWS_HELD, NEWS_FAILED, NEWS_PAUSED, NEWS_RESUMED, NEWS_FULL } kind;
    const char *operation;       /* PAUSED, RESUMED, FULL */
    const struct person *person; /* HELD, FAILED */
    const char *code, *text;
};

struct converge_options {
    struct loop *loop;
    struct roster *roster;
    struct pace *pace;
    struct connect *connect;
    const struct rules *rules;
    struct span instance_id;
    void (*tell)(void *arg, const struct converge_news *news);
    void *arg;
};

struct converge;

/* Takes up the pauses that are stored. */
enum err converge_new(const struct converge_options *options, struct converge **out,
                      struct fail *fail) WARN_UNUSED;
/* Looks for due people soon. */
void converge_kick(struct converge *c);
/* Starts nothing more and calls idle when the calls under way are answered and recorded. */
void converge_stop(struct converge *c, void (*idle)(void *arg), void *arg);
/* Drops what is under way: the ledger on disk tells the next start to look. NULL is fine. */
void converge_free(struct converge *c);

#endif
