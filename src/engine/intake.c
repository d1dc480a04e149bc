#include "engine/intake.h"

#include <stdlib.h>

#include "base/mem.h"
#include "model/standing.h"

/* Does it say something of the person that was not known? */
static bool take_facts(struct person *p, const struct event_subject *s)
{
    struct person before = *p;

    /* Accounts of strangers are not kept, so what those events say of anybody must not depend on
     * whether the person was known already. */
    if (s->membership.kind == MEMBERSHIP_ACCOUNT)
        return false;
    standing_take_facts(p, s);
    return !span_eq(p->login, before.login) || !span_eq(p->display_name, before.display_name) ||
           !span_eq(p->app_user_name, before.app_user_name);
}

static enum err judge(struct journal_entry *entry, const struct rules *rules, const struct event *e,
                      struct person *p, const struct membership *memberships, size_t n,
                      struct store *store, struct fail *fail)
{
    struct arena *a = &entry->arena;
    struct scope scope = rules_scope(rules, memberships, n);

    standing_judge(p, rules, &scope, e->received_ms,
                   span_of(arena_printf(a, "event %.*s", SPAN_ARG(e->uuid))), a);
    entry->n_due += p->state == PERSON_DUE;
    return store_person_put(store, p, fail);
}

/* What most events of a rush are: the first that is heard of somebody. So their memberships are
 * known without reading, and the person is written once. */
static enum err write_first(struct journal_entry *entry, const struct rules *rules,
                            const struct event *e, const struct event_subject *s,
                            struct store *store, struct fail *fail)
{
    struct person person = {.source = e->source, .id = s->user_id};
    enum err err = ERR_NONE;
    bool is_changed;

    if (s->membership.kind != MEMBERSHIP_ACCOUNT) { /* strangers' accounts make nobody known */
        (void)take_facts(&person, s);
        err = judge(entry, rules, e, &person, &s->membership, 1, store, fail);
    }
    return err != ERR_NONE ? err
                           : store_membership_put(store, e->source, s->user_id, &s->membership,
                                                  &is_changed, fail);
}

/* Whatever the order of arrival, the same memberships and the same person come out: of each
 * statement the newest is kept, and everybody of whom the application or the group ever spoke is
 * known. */
static enum err write_subject(struct journal_entry *entry, const struct rules *rules,
                              const struct event *e, const struct event_subject *s,
                              struct store *store, struct fail *fail)
{
    struct person person = {.source = e->source, .id = s->user_id};
    struct membership *memberships;
    bool is_mentioned, is_changed, is_news;
    enum err err;
    size_t n;

    err = store_is_mentioned(store, e->source, s->user_id, &is_mentioned, fail);
    if (err != ERR_NONE)
        return err;
    if (!is_mentioned)
        return write_first(entry, rules, e, s, store, fail);
    err = store_membership_put(store, e->source, s->user_id, &s->membership, &is_changed, fail);
    if (err != ERR_NONE)
        return err;
    err = store_person_get(store, &entry->arena, e->source, s->user_id, &person, fail);
    if (err == ERR_NOT_FOUND && s->membership.kind == MEMBERSHIP_ACCOUNT)
        return ERR_NONE;
    if (err != ERR_NONE && err != ERR_NOT_FOUND)
        return err;
    is_news = take_facts(&person, s) || err == ERR_NOT_FOUND;
    if (!is_changed && !is_news)
        return ERR_NONE;
    err = store_memberships(store, &entry->arena, e->source, s->user_id, &memberships, &n, fail);
    return err != ERR_NONE ? err : judge(entry, rules, e, &person, memberships, n, store, fail);
}

static enum err write_event(struct journal_entry *entry, const struct rules *rules,
                            const struct event *e, struct store *store, struct fail *fail)
{
    bool is_new;
    enum err err = store_event_add(store, e, &is_new, fail);

    if (err != ERR_NONE || !is_new)
        return err;
    entry->n_new++;
    if (e->skip_reason != NULL) {
        entry->n_skipped++;
        return store_skip_count_add(store, e->skip_reason, 1, fail);
    }
    entry->n_taken++;
    for (size_t i = 0; err == ERR_NONE && i < e->n_subjects; i++)
        err = write_subject(entry, rules, e, &e->subjects[i], store, fail);
    return err;
}

enum err intake_write(struct journal_entry *entry, const struct rules *rules, struct store *store,
                      struct fail *fail)
{
    enum err err = ERR_NONE;

    entry->n_new = entry->n_due = entry->n_taken = entry->n_skipped = 0;
    if (entry->kept_why != NULL)
        return store_kept_body_add(store, entry->received_ms, entry->kept_body, entry->kept_why,
                                   fail);
    for (size_t i = 0; err == ERR_NONE && i < entry->n; i++)
        err = write_event(entry, rules, &entry->events[i], store, fail);
    return err;
}

struct store_journal {
    struct journal journal;
    struct handback *handback;
    const struct rules *rules;
};

struct journal_job {
    struct handback_job job;
    struct journal_entry *entry;
    const struct rules *rules;
};

static enum err job_write(struct handback_job *job, struct store *store, struct fail *fail)
{
    struct journal_job *j = (struct journal_job *)job;

    return intake_write(j->entry, j->rules, store, fail);
}

static void job_ended(struct handback_job *job)
{
    struct journal_job *j = (struct journal_job *)job;

    j->entry->done(j->entry, job->err, &job->fail);
    free(j);
}

static bool append(struct journal *journal, struct journal_entry *entry)
{
    struct store_journal *sj = (struct store_journal *)journal;
    struct journal_job *j = mem_new(1, sizeof(*j));

    *j = (struct journal_job){{.write = job_write, .ended = job_ended}, entry, sj->rules};
    if (handback_submit(sj->handback, &j->job))
        return true;
    free(j);
    return false;
}

struct journal *store_journal_new(struct handback *handback, const struct rules *rules)
{
    struct store_journal *sj = mem_new(1, sizeof(*sj));

    *sj = (struct store_journal){{append}, handback, rules};
    return &sj->journal;
}

void store_journal_free(struct journal *journal)
{
    free(journal);
}
