/* What is learned of the instance, on its way to the store: one write of several parts. Private to
 * instance.c. */
#ifndef ROSTER_ENGINE_INSTANCE_WRITE_H
#define ROSTER_ENGINE_INSTANCE_WRITE_H

#include "connect/connect.h"
#include "connect/directory.h"
#include "engine/handback.h"
#include "model/person.h"

struct instance_write;

/* Those that are under way. */
struct instance_writes {
    struct handback *handback;
    /* Called on the loop when a write is durable that made so many people due. */
    void (*freed)(void *arg, int64_t n);
    void *arg;
    struct instance_write *first;
};
/* Releases what the store has not given back; after the committer has stopped. */
void instance_writes_done(struct instance_writes *writes);

struct instance_write *instance_write_new(struct instance_writes *writes);
/* For texts of the parts. */
struct arena *instance_write_arena(struct instance_write *write);
/* A call of nobody's in particular, that was answered. */
void instance_write_call(struct instance_write *write, struct span instance_id,
                         const char *operation, const struct connect_answer *answer);
void instance_write_note(struct instance_write *write, const char *name, const char *value);
/* name_now: what the id is called now. */
void instance_write_pin(struct instance_write *write, const struct directory_pin *pin,
                        struct span name_now);
void instance_write_pause(struct instance_write *write, const char *operation,
                          const struct fail *fail, int64_t probe_ms);
void instance_write_resume(struct instance_write *write, const char *operation);
/* People of that state and reason become due; two of these at most. */
void instance_write_free(struct instance_write *write, enum person_state state,
                         const char *reason_code);
/* Hands it over: it is no longer the caller's. What the store cannot take is told and dropped: it
 * is learned again at the next start. */
void instance_write_send(struct instance_write *write);

#endif
