#include "engine/intake.h"

#include <stdlib.h>

#include "base/mem.h"
#include "model/standing.h"

/* Behind the look at a person: it judges them anew. */
enum { LOOK_MARGIN_MS = 2000 };

struct intake {
    struct journal_entry *entry;
    const struct judge *judge;
    struct store *store;
    const struct event *event;
    struct span cause; /* "event 4a19…" */
};

/* Accounts of strangers are not kept, so what is said of anybody besides memberships must not
 * depend on whether the person was known already. */
static bool speaks_of_strangers(const struct event_subject *s)
{
    return s->has_membership &&
           (s->membership.kind == MEMBERSHIP_APP || s->membership.kind == MEMBERSHIP_GROUP);
}

/* Does it say something of the person that was not known? */
static bool take_facts(struct person *p, const struct event_subject *s)
{
    struct person before = *p;

    if (!speaks_of_strangers(s))
        return false;
    standing_take_facts(p, s);
    return !span_eq(p->login, before.login) || !span_eq(p->display_name, before.display_name) ||
           !span_eq(p->app_user_name, before.app_user_name);
}

/* Said again, and later: what is older and comes late must not replace it. */
static bool is_later(const struct person *p, const struct person *before)
{
    return p->facts_ns != before->facts_ns || p->display_name_ns != before->display_name_ns ||
           p->app_user_name_ns != before->app_user_name_ns;
}

/* ---- what is to be read in Okta again ---- */

static enum err ask_for_look(struct intake *in, enum look_kind kind, struct span id,
                             struct fail *fail)
{
    const struct event *e = in->event;
    struct look look = {.source = e->source,
                        .kind = kind,
                        .id = id,
                        .due_ms = e->received_ms + in->judge->rules->settle_ms,
                        .asked_ns = e->published_ns,
                        .cause = in->cause};

    in->entry->n_looks++;
    return store_look_put(in->store, &look, fail);
}

/* ---- one user ---- */

/* Okta is asked first: behind the look, which judges them anew. */
static enum err put_off(struct intake *in, struct person *p, struct fail *fail)
{
    int64_t until_ms = in->event->received_ms + in->judge->rules->settle_ms + LOOK_MARGIN_MS;

    in->entry->n_due += p->state == PERSON_DUE;
    if (!in->judge->rules->reads_okta || p->state != PERSON_DUE || p->due_ms >= until_ms)
        return ERR_NONE;
    p->due_ms = until_ms;
    return store_person_put(in->store, p, fail);
}

/* What most events of a rush are: the first that is heard of somebody. So their memberships are
 * known without reading, and the person is written once. */
static enum err write_first(struct intake *in, const struct event_subject *s, struct fail *fail)
{
    struct person person = {.source = in->event->source, .id = s->user_id};
    struct judge_ask ask = {.is_news = true, .now_ms = in->event->received_ms, .cause = in->cause};
    enum err err = ERR_NONE;
    bool is_changed;

    if (speaks_of_strangers(s)) {
        (void)take_facts(&person, s);
        err = judge_person_of(in->judge, in->store, &in->entry->arena, &person, &s->membership, 1,
                              &ask, fail);
        if (err == ERR_NONE)
            err = put_off(in, &person, fail);
    }
    if (err == ERR_NONE && s->has_membership)
        err = store_membership_put(in->store, in->event->source, s->user_id, &s->membership,
                                   &is_changed, fail);
    return err;
}

/* Whatever the order of arrival, the same memberships and the same person come out: of each
 * statement the newest is kept, and everybody of whom an application or a group ever spoke is
 * known. */
static enum err write_known(struct intake *in, const struct event_subject *s, struct fail *fail)
{
    struct arena *a = &in->entry->arena;
    struct person person = {.source = in->event->source, .id = s->user_id}, before;
    struct judge_ask ask = {.is_news = true, .now_ms = in->event->received_ms, .cause = in->cause};
    bool is_changed = false, is_news;
    enum err err = ERR_NONE;

    if (s->has_membership)
        err = store_membership_put(in->store, in->event->source, s->user_id, &s->membership,
                                   &is_changed, fail);
    if (err != ERR_NONE)
        return err;
    err = store_person_get(in->store, a, in->event->source, s->user_id, &person, fail);
    if (err == ERR_NOT_FOUND && !speaks_of_strangers(s))
        return ERR_NONE; /* a stranger */
    if (err != ERR_NONE && err != ERR_NOT_FOUND)
        return err;
    before = person;
    is_news = take_facts(&person, s) || err == ERR_NOT_FOUND;
    if (!is_changed && !is_news)
        return is_later(&person, &before) ? store_person_put(in->store, &person, fail) : ERR_NONE;
    err = judge_person(in->judge, in->store, a, &person, &ask, fail);
    return err != ERR_NONE ? err : put_off(in, &person, fail);
}

/* With Okta's API each event is a ping: the user is read again, also one who is not known yet,
 * since their attributes may bring them into scope. */
static bool asks_for_look(const struct intake *in, const struct event_subject *s, bool is_known)
{
    const struct rules *rules = in->judge->rules;

    return rules->reads_okta &&
           (is_known || speaks_of_strangers(s) || rules_name_kind(rules, TEST_ATTRIBUTE));
}

static enum err is_person_known(struct intake *in, struct span user_id, bool *out,
                                struct fail *fail)
{
    struct person person;
    enum err err =
        store_person_get(in->store, &in->entry->arena, in->event->source, user_id, &person, fail);

    *out = err == ERR_NONE;
    return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

static enum err write_user(struct intake *in, const struct event_subject *s, struct fail *fail)
{
    bool is_mentioned, is_known = false;
    enum err err =
        store_is_mentioned(in->store, in->event->source, s->user_id, &is_mentioned, fail);

    if (err == ERR_NONE)
        err = is_mentioned ? write_known(in, s, fail) : write_first(in, s, fail);
    if (err == ERR_NONE && in->judge->rules->reads_okta)
        err = is_person_known(in, s->user_id, &is_known, fail);
    if (err == ERR_NONE && asks_for_look(in, s, is_known))
        err = ask_for_look(in, LOOK_USER, s->user_id, fail);
    return err;
}

/* ---- applications and groups ---- */

static void notice(struct intake *in, const struct event_subject *s, struct journal_notice **list)
{
    struct journal_notice *notice = arena_new(&in->entry->arena, 1, sizeof(*notice));

    *notice = (struct journal_notice){in->event, s, *list};
    *list = notice;
}

static bool rules_use_name(const struct rules *rules, enum test_kind kind, struct span name)
{
    for (size_t i = 0; i < rules->n; i++)
        for (size_t j = 0; j < rules->rules[i].n_tests; j++) {
            const struct rule_test *test = &rules->rules[i].tests[j];

            for (size_t k = 0; test->kind == kind && k < test->n; k++)
                if (span_eq(test->values[k], name))
                    return true;
        }
    return false;
}

/* Without the API it is events that tell which id a name belongs to. */
static void look_at_container(struct intake *in, const struct event_subject *s)
{
    const struct names *names = current_names_get(in->judge->names);
    bool is_app = s->membership.kind == MEMBERSHIP_APP;
    enum name_kind kind = is_app ? NAME_OKTA_APP : NAME_OKTA_GROUP;
    struct span name = s->membership.name, id = s->membership.container, known;

    if (in->judge->rules->reads_okta || name.n == 0 || id.n == 0 ||
        (!is_app && s->membership.kind != MEMBERSHIP_GROUP))
        return;
    if (names->find(names, kind, name, &known) == NAME_KNOWN && span_eq(known, id))
        return;
    if (names->name_of(names, kind, id).p != NULL ||
        rules_use_name(in->judge->rules, is_app ? TEST_APP : TEST_GROUP, name))
        notice(in, s, &in->entry->containers);
}

/* One that is switched off or deleted is no removal of its members: an alarm, and the whole scope
 * is compared. */
static enum err write_container(struct intake *in, const struct event_subject *s, struct fail *fail)
{
    if (!in->judge->rules->reads_okta)
        return ERR_NONE;
    if (s->alarm != NULL || s->kind == SUBJECT_SCOPE)
        return ask_for_look(in, LOOK_SCOPE, SPAN(""), fail);
    return ask_for_look(in, s->kind == SUBJECT_APP ? LOOK_APP : LOOK_GROUP, s->membership.container,
                        fail);
}

static enum err write_subject(struct intake *in, const struct event_subject *s, struct fail *fail)
{
    if (s->alarm != NULL)
        notice(in, s, &in->entry->alarms);
    if (s->kind != SUBJECT_USER)
        return write_container(in, s, fail);
    if (s->has_membership)
        look_at_container(in, s);
    return write_user(in, s, fail);
}

static enum err write_event(struct intake *in, struct fail *fail)
{
    struct journal_entry *entry = in->entry;
    const struct event *e = in->event;
    bool is_new;
    enum err err = store_event_add(in->store, e, &is_new, fail);

    if (err == ERR_NONE && entry->is_new != NULL)
        entry->is_new[e - entry->events] = is_new;
    if (err != ERR_NONE || !is_new)
        return err;
    entry->n_new++;
    if (e->skip_reason != NULL) {
        entry->n_skipped++;
        return store_skip_count_add(in->store, e->skip_reason, 1, fail);
    }
    entry->n_taken++;
    in->cause = span_of(arena_printf(&entry->arena, "event %.*s", SPAN_ARG(e->uuid)));
    for (size_t i = 0; err == ERR_NONE && i < e->n_subjects; i++)
        err = write_subject(in, &e->subjects[i], fail);
    return err;
}

enum err intake_write(struct journal_entry *entry, const struct judge *judge, struct store *store,
                      struct fail *fail)
{
    struct intake in = {.entry = entry, .judge = judge, .store = store};
    enum err err = ERR_NONE;

    entry->n_new = entry->n_due = entry->n_looks = entry->n_taken = entry->n_skipped = 0;
    entry->alarms = entry->containers = NULL;
    if (entry->kept_why != NULL)
        return store_kept_body_add(store, entry->received_ms, entry->kept_body, entry->kept_why,
                                   fail);
    for (size_t i = 0; err == ERR_NONE && i < entry->n; i++) {
        in.event = &entry->events[i];
        err = write_event(&in, fail);
    }
    if (err == ERR_NONE && entry->note != NULL)
        err = store_note_put(store, entry->note, entry->note_value, fail);
    return err;
}

/* ---- the journal ---- */

struct store_journal {
    struct journal journal;
    struct handback *handback;
    const struct judge *judge;
    void (*noticed)(void *arg, const struct journal_entry *entry);
    void *arg;
};

struct journal_job {
    struct handback_job job;
    struct store_journal *journal;
    struct journal_entry *entry;
};

static enum err job_write(struct handback_job *job, struct store *store, struct fail *fail)
{
    struct journal_job *j = (struct journal_job *)job;

    return intake_write(j->entry, j->journal->judge, store, fail);
}

static void job_ended(struct handback_job *job)
{
    struct journal_job *j = (struct journal_job *)job;

    if (job->err == ERR_NONE)
        j->journal->noticed(j->journal->arg, j->entry);
    j->entry->done(j->entry, job->err, &job->fail);
    free(j);
}

static bool append(struct journal *journal, struct journal_entry *entry)
{
    struct journal_job *j = mem_new(1, sizeof(*j));

    *j = (struct journal_job){
        {.write = job_write, .ended = job_ended}, (struct store_journal *)journal, entry};
    if (handback_submit(j->journal->handback, &j->job))
        return true;
    free(j);
    return false;
}

struct journal *store_journal_new(struct handback *handback, const struct judge *judge,
                                  void (*noticed)(void *arg, const struct journal_entry *entry),
                                  void *arg)
{
    struct store_journal *sj = mem_new(1, sizeof(*sj));

    *sj = (struct store_journal){{append}, handback, judge, noticed, arg};
    return &sj->journal;
}

void store_journal_free(struct journal *journal)
{
    free(journal);
}
