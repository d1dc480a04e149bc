#include "engine/scope_job.h"

#include "engine/scope_look.h"

static enum err write_state(struct scope_job *j, struct store *store, struct fail *fail)
{
    enum err err = container_state_set(store, &j->arena, &j->comparison.container, j->state,
                                       j->comparison.now_ms, &j->state_before, fail);

    if (err != ERR_NONE || j->state == CONTAINER_WELL)
        return err;
    if (j->state == CONTAINER_DELETED && j->state_before != CONTAINER_DELETED)
        err = scope_compare_gone(&j->comparison, store, &j->arena, &j->end, fail);
    return err == ERR_NONE ? store_look_done(store, &j->look, j->again_ms, fail) : err;
}

static enum err ask_for_containers(struct scope_job *j, struct store *store, struct fail *fail)
{
    enum err err = ERR_NONE;

    for (size_t i = 0; err == ERR_NONE && i < j->n_containers; i++) {
        struct look look = {.source = j->look.source,
                            .kind = j->containers[i].kind == NAME_OKTA_APP ? LOOK_APP : LOOK_GROUP,
                            .id = j->containers[i].id,
                            .due_ms = j->comparison.now_ms,
                            .cause = j->comparison.cause};

        err = store_look_put(store, &look, fail);
    }
    return err;
}

static enum err expand(struct scope_job *j, struct store *store, struct fail *fail)
{
    enum err err = ask_for_containers(j, store, fail);

    if (err == ERR_NONE)
        err = store_note_put(store, SCOPE_NOTE, j->digest, fail);
    return err == ERR_NONE ? store_look_done(store, &j->look, 0, fail) : err;
}

enum err scope_job_write(struct handback_job *job, struct store *store, struct fail *fail)
{
    struct scope_job *j = (struct scope_job *)job;
    enum err err = ERR_INPUT;

    switch (j->deed) {
    case SCOPE_STATE:
        return write_state(j, store, fail);
    case SCOPE_PAGE:
        return scope_compare_page(&j->comparison, store, &j->arena, j->users, j->n_users, &j->asked,
                                  fail);
    case SCOPE_SWEEP:
    case SCOPE_END:
        err =
            scope_compare_end(&j->comparison, store, &j->arena, j->seen, j->n_seen, &j->end, fail);
        return err == ERR_NONE && j->deed == SCOPE_END ? store_look_done(store, &j->look, 0, fail)
                                                       : err;
    case SCOPE_EXPAND:
        return expand(j, store, fail);
    case SCOPE_PUT_OFF:
        return store_look_done(store, &j->look, j->again_ms, fail);
    case SCOPE_ASK:
        return ask_for_containers(j, store, fail);
    }
    return err;
}
