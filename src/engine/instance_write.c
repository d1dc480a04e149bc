#include "engine/instance_write.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

enum { FREED_MAX = 2 };

struct instance_write {
    struct handback_job job;
    struct instance_writes *writes;
    struct instance_write *previous, *next;
    struct arena arena;
    bool has_step, has_pin, has_pause;
    struct step_record step;
    const char *note;
    struct span note_value;
    struct pin pin;
    struct pause pause;
    const char *resumed;
    struct {
        enum person_state state;
        const char *reason_code;
    } frees[FREED_MAX];
    size_t n_frees;
    int64_t n_due;
};

struct instance_write *instance_write_new(struct instance_writes *writes)
{
    struct instance_write *write = mem_new(1, sizeof(*write));

    *write = (struct instance_write){.writes = writes, .next = writes->first};
    if (writes->first != NULL)
        writes->first->previous = write;
    writes->first = write;
    return write;
}

static void release(struct instance_write *w)
{
    if (w->previous != NULL)
        w->previous->next = w->next;
    else
        w->writes->first = w->next;
    if (w->next != NULL)
        w->next->previous = w->previous;
    arena_done(&w->arena);
    free(w);
}

void instance_writes_done(struct instance_writes *writes)
{
    for (struct instance_write *write = writes->first, *next; write != NULL; write = next) {
        next = write->next;
        release(write);
    }
}

struct arena *instance_write_arena(struct instance_write *write)
{
    return &write->arena;
}

static struct span keep(struct instance_write *write, const char *text)
{
    return arena_span(&write->arena, span_of(text));
}

void instance_write_call(struct instance_write *write, struct span instance_id,
                         const char *operation, const struct connect_answer *answer)
{
    bool is_done = answer->err == ERR_NONE;

    write->has_step = true;
    write->step = (struct step_record){.sent_ms = clock_wall_ms(),
                                       .answered_ms = clock_wall_ms(),
                                       .source = SPAN(""),
                                       .user_id = SPAN(""),
                                       .instance = arena_span(&write->arena, instance_id),
                                       .operation = span_of(operation),
                                       .cause = SPAN("names and identity of the instance"),
                                       .outcome = is_done                   ? SPAN("done")
                                                  : answer->err == ERR_BUSY ? SPAN("throttled")
                                                                            : SPAN("failed"),
                                       .status = answer->status,
                                       .code = keep(write, is_done ? "" : answer->fail->code),
                                       .request_id = keep(write, answer->request_id),
                                       .text = keep(write, is_done ? "" : answer->fail->text)};
}

void instance_write_note(struct instance_write *write, const char *name, const char *value)
{
    write->note = name;
    write->note_value = keep(write, value);
}

void instance_write_pin(struct instance_write *write, const struct directory_pin *pin,
                        struct span name_now)
{
    bool is_same = span_eq(pin->name, name_now);

    write->has_pin = true;
    write->pin = (struct pin){.kind = (int64_t)pin->kind,
                              .name = arena_span(&write->arena, pin->name),
                              .id = arena_span(&write->arena, pin->id),
                              .since_ms = clock_wall_ms(),
                              .name_now = is_same ? SPAN("") : arena_span(&write->arena, name_now)};
}

void instance_write_pause(struct instance_write *write, const char *operation,
                          const struct fail *fail, int64_t probe_ms)
{
    write->has_pause = true;
    write->pause =
        (struct pause){.operation = span_of(operation),
                       .code = keep(write, fail->code[0] != '\0' ? fail->code : "denied"),
                       .reason = keep(write, fail->text),
                       .since_ms = clock_wall_ms(),
                       .probe_ms = probe_ms};
}

void instance_write_resume(struct instance_write *write, const char *operation)
{
    write->resumed = operation;
}

void instance_write_free(struct instance_write *write, enum person_state state,
                         const char *reason_code)
{
    write->frees[write->n_frees].state = state;
    write->frees[write->n_frees++].reason_code = reason_code;
}

static enum err write_step(struct instance_write *w, struct store *store, struct fail *fail)
{
    int64_t id;
    enum err err = store_step_add(store, &w->step, &id, fail);

    return err != ERR_NONE ? err : store_step_answer(store, id, &w->step, fail);
}

static enum err write_parts(struct handback_job *job, struct store *store, struct fail *fail)
{
    struct instance_write *w = (struct instance_write *)job;
    enum err err = ERR_NONE;
    int64_t n;

    w->n_due = 0;
    if (w->has_step)
        err = write_step(w, store, fail);
    if (err == ERR_NONE && w->note != NULL)
        err = store_note_put(store, w->note, w->note_value, fail);
    if (err == ERR_NONE && w->has_pin)
        err = store_pin_put(store, &w->pin, fail);
    if (err == ERR_NONE && w->has_pause)
        err = store_pause_put(store, &w->pause, fail);
    if (err == ERR_NONE && w->resumed != NULL)
        err = store_pause_remove(store, span_of(w->resumed), fail);
    for (size_t i = 0; err == ERR_NONE && i < w->n_frees; i++) {
        err = store_people_make_due_for(store, w->frees[i].state, span_of(w->frees[i].reason_code),
                                        clock_wall_ms(), SPAN("the instance was read"), &n, fail);
        w->n_due += err == ERR_NONE ? n : 0;
    }
    return err;
}

static void write_ended(struct handback_job *job)
{
    struct instance_write *w = (struct instance_write *)job;

    if (job->err != ERR_NONE)
        log_error("the store did not take what was learned of the instance",
                  LOG_STR("error", job->fail.text));
    else if (w->n_frees > 0)
        w->writes->freed(w->writes->arg, w->n_due);
    release(w);
}

void instance_write_send(struct instance_write *w)
{
    w->job = (struct handback_job){.write = write_parts, .ended = write_ended};
    if (handback_submit(w->writes->handback, &w->job))
        return;
    log_error("the store's queue is full; what was learned of the instance is not kept",
              LOG_NOTHING);
    release(w);
}
