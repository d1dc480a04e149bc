#include "okta/subjects.h"

#include "okta/targets.h"

void event_skip(struct event *e, const char *reason, struct span detail)
{
    e->skip_reason = reason;
    e->skip_detail = detail;
}

/* One event under way. */
struct decoding {
    struct arena *a;
    const struct event_type *type;
    const struct delivery_rules *by;
    struct targets targets;
    struct event *e;
};

static struct event_subject subject_of(const struct decoding *d, size_t user,
                                       enum membership_kind kind, const struct target *container)
{
    const struct target *t = &d->targets.users[user];

    return (struct event_subject){
        .kind = SUBJECT_USER,
        .user_id = t->id,
        .login = t->alternate_id,
        .display_name = t->display_name,
        .app_user_name = container != NULL && kind == MEMBERSHIP_APP
                             ? targets_app_user_name(&d->targets, user)
                             : (struct span){0},
        .membership = {kind, container == NULL ? SPAN("") : container->id,
                       container == NULL ? SPAN("") : container->display_name, d->type->is_member,
                       d->e->published_ns},
    };
}

/* Each user is a subject; two when the event says of them that a suspension has ended, too. */
static void take_users(const struct decoding *d, const struct target *container)
{
    size_t n = d->targets.n_users;
    bool is_statement = d->type->topic == TOPIC_MEMBERSHIP || d->type->topic == TOPIC_ACCOUNT;
    size_t each = d->type->ends_suspension ? 2 : 1;
    struct event_subject *subjects = arena_new(d->a, n * each, sizeof(*subjects));

    if (n == 0) {
        event_skip(d->e, SKIP_NO_USER, SPAN(""));
        return;
    }
    for (size_t i = 0; i < n; i++) {
        subjects[i * each] = subject_of(d, i, d->type->kind, container);
        subjects[i * each].has_membership = is_statement;
        if (each == 1)
            continue;
        subjects[i * each + 1] = subject_of(d, i, MEMBERSHIP_SUSPENSION, NULL);
        subjects[i * each + 1].has_membership = true;
        subjects[i * each + 1].membership.is_member = false;
    }
    d->e->subjects = subjects;
    d->e->n_subjects = n * each;
}

static void take_thing(const struct decoding *d, enum subject_kind kind, struct span id,
                       struct span name)
{
    struct event_subject *subject = arena_new(d->a, 1, sizeof(*subject));

    *subject = (struct event_subject){
        .kind = kind,
        .membership = {kind == SUBJECT_APP ? MEMBERSHIP_APP : MEMBERSHIP_GROUP, id, name, false,
                       d->e->published_ns},
        .alarm = d->type->alarm,
    };
    d->e->subjects = subject;
    d->e->n_subjects = 1;
}

/* The application or group that the event is about; NULL: the event is skipped. */
static const struct target *container_of(struct decoding *d)
{
    enum membership_kind kind = d->type->kind;
    const struct target *t = targets_container(&d->targets, kind, d->by->rules, d->by->names);

    if (t == NULL) {
        event_skip(d->e, SKIP_NO_CONTAINER, SPAN(""));
        return NULL;
    }
    if (rules_name_container(d->by->rules, d->by->names, kind, t->id, t->display_name))
        return t;
    event_skip(d->e, kind == MEMBERSHIP_APP ? SKIP_FOREIGN_APP : SKIP_FOREIGN_GROUP,
               t->display_name);
    return NULL;
}

static void take_container(struct decoding *d)
{
    const struct target *t = container_of(d);

    if (t == NULL)
        return;
    if (t->id.n == 0)
        event_skip(d->e, SKIP_NO_CONTAINER, SPAN(""));
    else
        take_thing(d, d->type->kind == MEMBERSHIP_APP ? SUBJECT_APP : SUBJECT_GROUP, t->id,
                   t->display_name);
}

/* An imported group has another id at the application that it comes from, so its name is all there
 * is to know it by. */
static void take_import(struct decoding *d)
{
    const struct targets *t = &d->targets;
    struct span id;

    if (t->n_app_groups + t->n_groups == 0) {
        event_skip(d->e, SKIP_NO_CONTAINER, SPAN(""));
        return;
    }
    for (size_t i = 0; i < t->n_app_groups + t->n_groups; i++) {
        const struct target *group =
            i < t->n_app_groups ? &t->app_groups[i] : &t->groups[i - t->n_app_groups];

        if (!rules_name_container(d->by->rules, &names_unread, MEMBERSHIP_GROUP, group->id,
                                  group->display_name))
            continue;
        if (t->n_users > 0)
            take_users(d, NULL);
        else if (d->by->names->find(d->by->names, NAME_OKTA_GROUP, group->display_name, &id) ==
                 NAME_KNOWN)
            take_thing(d, SUBJECT_GROUP, id, group->display_name);
        else
            take_thing(d, SUBJECT_SCOPE, SPAN(""), group->display_name);
        return;
    }
    event_skip(d->e, SKIP_FOREIGN_GROUP,
               t->n_app_groups > 0 ? t->app_groups[0].display_name : t->groups[0].display_name);
}

static void take_membership(struct decoding *d)
{
    const struct target *container = NULL;

    if (d->targets.n_users == 0) {
        event_skip(d->e, SKIP_NO_USER, SPAN(""));
        return;
    }
    container = container_of(d);
    if (container != NULL)
        take_users(d, container);
}

void subjects_take(struct arena *a, const struct event_type *type, struct json_value target,
                   const struct delivery_rules *by, struct event *e)
{
    struct decoding decoding = {.a = a, .type = type, .by = by, .e = e}, *d = &decoding;
    const char *fault;

    if (type->topic == TOPIC_SCOPE) {
        take_thing(d, SUBJECT_SCOPE, SPAN(""), SPAN(""));
        return;
    }
    fault = targets_read(a, target, &d->targets);
    if (fault != NULL) {
        event_skip(d->e, fault, SPAN(""));
        return;
    }
    switch (type->topic) {
    case TOPIC_MEMBERSHIP:
    case TOPIC_APP_USER:
        take_membership(d);
        break;
    case TOPIC_ACCOUNT:
    case TOPIC_PROFILE:
        take_users(d, NULL);
        break;
    case TOPIC_CONTAINER:
        take_container(d);
        break;
    case TOPIC_IMPORT:
        take_import(d);
        break;
    case TOPIC_SCOPE:
    case TOPIC_HEALTH:
        break;
    }
}
