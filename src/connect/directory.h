/* The name → id directory of one instance: security profiles, routing profiles and hierarchy groups
 * (by path), read page by page, cached with an age, and offered as a view (model/names.h). Names
 * that are pinned (store) stay with their ids; a renamed thing is told, not obeyed. Readings happen
 * on the loop; a view is immutable and may be used by any thread until the directory is freed.
 * https://docs.aws.amazon.com/connect/latest/APIReference/API_SearchUserHierarchyGroups.html */
#ifndef ROSTER_CONNECT_DIRECTORY_H
#define ROSTER_CONNECT_DIRECTORY_H

#include <stdint.h>

#include "connect/connect.h"
#include "model/names.h"

struct directory;

struct directory_pin {
    enum name_kind kind;
    struct span name, id;
};

/* What a person should hear of. Texts are borrowed for the call. */
struct directory_news {
    enum {
        DIRECTORY_PINNED,  /* a name was resolved for the first time: keep the pin */
        DIRECTORY_RENAMED, /* the id that `name` is pinned to is now called `name_now` */
        DIRECTORY_TAKEN,   /* another thing bears the pinned name now; the pin counts. It may come
                              with one of the other two */
        DIRECTORY_GONE,    /* the pinned id does not exist any more */
    } kind;
    struct directory_pin pin;
    struct span name_now;
};

struct directory_options {
    struct loop *loop;
    struct connect *connect;
    /* Called before each request: the caller calls directory_go when its pace allows it. */
    void (*wait)(void *arg, const char *operation);
    void (*told)(void *arg, const char *operation, const struct connect_answer *answer);
    void (*news)(void *arg, const struct directory_news *news);
    /* A reading has ended: directory_names gives a new view where something has changed (err
     * ERR_NONE), or the old one stays. */
    void (*read)(void *arg, enum err err, const struct fail *fail);
    void *arg;
};

struct directory *directory_new(const struct directory_options *options,
                                const struct directory_pin *pins, size_t n_pins);
void directory_free(struct directory *d);
/* The names that the rules use; what of them is resolved gets pinned. Borrowed until freed. */
void directory_use(struct directory *d, enum name_kind kind, struct span name);
/* The id that a name was seen with (Okta's applications and groups are told, not read). It is
 * pinned when the name is not yet; pinned to another id, that is told. */
void directory_learn(struct directory *d, enum name_kind kind, struct span name, struct span id);
/* Only the pins stay for which is_kept says so. The names of the others mean whatever bears them as
 * it was read last, and are pinned anew by the next reading. True: some went. */
bool directory_keep_pins(struct directory *d,
                         bool (*is_kept)(void *arg, const struct directory_pin *pin), void *arg);
/* Starts reading all kinds, unless that is under way or was done within min_age_ms. */
void directory_read(struct directory *d, int64_t min_age_ms);
void directory_go(struct directory *d);
const struct names *directory_names(const struct directory *d);
/* 0 = never read. clock_wall_ms. */
int64_t directory_read_ms(const struct directory *d);

#endif
