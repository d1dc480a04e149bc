/* First the user; then, side by side, the groups and each application; then the witnesses of what
 * was absent. `step` begins whatever is next and not under way. Texts of the answers are copied
 * into the read's arena, since each answer is borrowed for its callback only. */
#include "okta/person.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "okta/read.h"

/* The listing whose success shows that the org answers: it takes the same scope and role as the
 * user that was not found. An empty one shows nothing, since a role that is missing empties it. */
#define USERS_PATH "/api/v1/users?limit=1"

/* An application, or a group: the reads about it. */
struct part {
    struct okta_person_read *owner;
    struct okta_container *container;
    bool is_app;
    bool is_absent;   /* its witness must exist before that is believed, */
    bool is_in_doubt; /* and must be asked for now */
    struct okta_read *read;
};

struct okta_person_read {
    struct okta_api *api;
    struct arena arena;
    struct span user_id;
    struct okta_interest interest;
    struct okta_person person;
    struct okta_container *apps, *groups;
    struct part *parts; /* applications, then groups */
    size_t n_parts, n_under_way;
    struct okta_read *user_read, *groups_read;
    struct okta_call *witness; /* of the org */
    void (*done)(void *arg, const struct okta_person *person, const struct fail *fail);
    void *arg;
};

/* The end */

static void person_free(struct okta_person_read *r)
{
    okta_read_cancel(r->user_read);
    okta_read_cancel(r->groups_read);
    okta_cancel(r->witness);
    for (size_t i = 0; i < r->n_parts; i++)
        okta_read_cancel(r->parts[i].read);
    arena_done(&r->arena);
    free(r);
}

static void finish(struct okta_person_read *r, const struct fail *fail)
{
    r->done(r->arg, fail == NULL ? &r->person : NULL, fail);
    person_free(r);
}

void okta_person_cancel(struct okta_person_read *read)
{
    if (read != NULL)
        person_free(read);
}

/* Copies */

static struct okta_user user_copy(struct arena *a, const struct okta_user *user)
{
    struct okta_attribute *attributes = arena_new(a, user->n_attributes, sizeof(*attributes));
    struct okta_user copy = *user;

    for (size_t i = 0; i < user->n_attributes; i++)
        attributes[i] = (struct okta_attribute){arena_span(a, user->attributes[i].name),
                                                arena_span(a, user->attributes[i].value),
                                                user->attributes[i].is_item};
    copy.id = arena_span(a, user->id);
    copy.status_text = arena_span(a, user->status_text);
    copy.login = arena_span(a, user->login);
    copy.attributes = attributes;
    return copy;
}

static void groups_copy(struct okta_person_read *r, const struct okta_result *result)
{
    struct okta_group *groups = arena_new(&r->arena, result->n_groups, sizeof(*groups));

    for (size_t i = 0; i < result->n_groups; i++) {
        groups[i] = result->groups[i];
        groups[i].id = arena_span(&r->arena, groups[i].id);
        groups[i].name = arena_span(&r->arena, groups[i].name);
        groups[i].type = arena_span(&r->arena, groups[i].type);
    }
    r->person.all_groups = groups;
    r->person.n_all_groups = result->n_groups;
}

/* Witnesses of absences */

static bool was_seen(struct okta_person_read *r, const struct part *part)
{
    char *path;
    bool is_seen;

    if (part->is_in_doubt)
        return false;
    path = mem_printf("/api/v1/%s/%.*s", part->is_app ? "apps" : "groups",
                      SPAN_ARG(part->container->id));
    is_seen = okta_api_has_seen(r->api, span_of(path), OKTA_WITNESS_MS);
    free(path);
    return is_seen;
}

static void step(struct okta_person_read *r);

static void on_witness(void *arg, const struct okta_result *result)
{
    struct part *part = arg;
    struct okta_person_read *r = part->owner;

    part->read = NULL;
    if (result->err != ERR_NONE && result->err != ERR_NOT_FOUND) {
        finish(r, result->fail);
        return;
    }
    part->container->is_gone = result->err == ERR_NOT_FOUND;
    part->is_absent = false;
    r->n_under_way--;
    step(r);
}

/* The end of all reads: what is absent needs its witness. */
static void step(struct okta_person_read *r)
{
    if (r->n_under_way > 0)
        return;
    for (size_t i = 0; i < r->n_parts; i++) {
        struct part *part = &r->parts[i];

        if (!part->is_absent)
            continue;
        if (was_seen(r, part)) {
            part->is_absent = false;
            continue;
        }
        r->n_under_way++;
        part->read = part->is_app ? okta_read_app(r->api, part->container->id, on_witness, part)
                                  : okta_read_group(r->api, part->container->id, on_witness, part);
    }
    if (r->n_under_way == 0)
        finish(r, NULL);
}

/* The person's memberships */

static void on_groups(void *arg, const struct okta_result *result)
{
    struct okta_person_read *r = arg;

    r->groups_read = NULL;
    if (result->err != ERR_NONE) {
        struct fail fail = *result->fail;

        /* The user was there a moment ago. */
        if (fail.err == ERR_NOT_FOUND)
            fail.err = ERR_IO;
        finish(r, &fail);
        return;
    }
    groups_copy(r, result);
    for (size_t i = 0; i < r->n_parts; i++) {
        struct part *part = &r->parts[i];

        if (part->is_app)
            continue;
        for (size_t k = 0; k < result->n_groups && !part->container->is_member; k++)
            part->container->is_member = span_eq(result->groups[k].id, part->container->id);
        part->is_absent = !part->container->is_member;
    }
    r->n_under_way--;
    step(r);
}

/* Does the summary name the user as what was not found? The path before it names both. */
static bool mentions(const char *text, struct span user_id)
{
    const char *summary = strstr(text, "404");

    return summary != NULL && memmem(summary, strlen(summary), user_id.p, user_id.n) != NULL;
}

static void on_app_user(void *arg, const struct okta_result *result)
{
    struct part *part = arg;
    struct okta_person_read *r = part->owner;
    const struct okta_app_user *app_user = result->app_users;
    struct fail fail = {0};

    part->read = NULL;
    if (result->err == ERR_NONE && !span_eq(app_user->user_id, r->user_id)) {
        (void)fail_set(&fail, ERR_IO, "Okta: another user came than the one asked for");
        finish(r, &fail);
        return;
    }
    if (result->err != ERR_NONE && result->err != ERR_NOT_FOUND) {
        finish(r, result->fail);
        return;
    }
    part->is_absent = result->err == ERR_NOT_FOUND;
    /* The summary names what was not found; it may be the application. */
    part->is_in_doubt = part->is_absent && !mentions(result->fail->text, r->user_id);
    if (!part->is_absent) {
        part->container->is_member = app_user->is_assigned;
        part->container->user_name = arena_span(&r->arena, app_user->user_name);
    }
    r->n_under_way--;
    step(r);
}

/* Takes over what is known of an assignment; false: it is to be asked for. */
static bool take_known(struct okta_person_read *r, struct okta_container *app)
{
    for (size_t i = 0; i < r->interest.n_known; i++)
        if (span_eq(r->interest.known[i].app_id, app->id)) {
            app->is_member = r->interest.known[i].is_member;
            app->user_name = arena_span(&r->arena, r->interest.known[i].user_name);
            return true;
        }
    return false;
}

static void read_memberships(struct okta_person_read *r)
{
    bool wants_groups = r->interest.n_groups > 0 || r->interest.wants_all_groups;

    /* One more than there are, so that none that ends early ends them all. */
    r->n_under_way = 1;
    if (wants_groups) {
        r->n_under_way++;
        r->groups_read = okta_read_user_groups(r->api, r->user_id, on_groups, r);
    }
    for (size_t i = 0; i < r->n_parts; i++) {
        struct part *part = &r->parts[i];

        if (!part->is_app || take_known(r, part->container))
            continue;
        r->n_under_way++;
        part->read = okta_read_app_user(r->api, part->container->id, r->user_id, on_app_user, part);
    }
    r->n_under_way--;
    step(r);
}

/* The user */

static void on_org(void *arg, const struct okta_answer *answer)
{
    struct okta_person_read *r = arg;
    struct fail fail = {0};

    r->witness = NULL;
    if (answer->err != ERR_NONE) {
        finish(r, answer->fail);
        return;
    }
    if (!okta_api_has_seen(r->api, SPAN(USERS_PATH), OKTA_WITNESS_MS)) {
        (void)fail_set(&fail, ERR_DENIED,
                       "Okta: the user %.*s is not found, but neither is any other: give the "
                       "service app (or the API token's maker) the administrator role that "
                       "docs/okta-setup.md lists",
                       SPAN_ARG(r->user_id));
        finish(r, &fail);
        return;
    }
    r->person.is_gone = true;
    finish(r, NULL);
}

static void not_found(struct okta_person_read *r)
{
    struct okta_ask ask = {.method = "GET", .path = SPAN(USERS_PATH)};

    if (okta_api_has_seen(r->api, SPAN(USERS_PATH), OKTA_WITNESS_MS)) {
        r->person.is_gone = true;
        finish(r, NULL);
        return;
    }
    r->witness = okta_ask(r->api, &ask, on_org, r);
}

static void on_user(void *arg, const struct okta_result *result)
{
    struct okta_person_read *r = arg;
    const struct okta_user *user = result->users;
    struct fail fail = {0};

    r->user_read = NULL;
    if (result->err == ERR_NOT_FOUND) {
        not_found(r);
        return;
    }
    if (result->err != ERR_NONE) {
        finish(r, result->fail);
        return;
    }
    if (!span_eq(user->id, r->user_id))
        (void)fail_set(&fail, ERR_IO, "Okta: another user came than the one asked for");
    else if (user->fault != NULL)
        (void)fail_set(&fail, ERR_INPUT, "Okta: the user %.*s cannot be used: %s",
                       SPAN_ARG(r->user_id), user->fault);
    if (fail.err != ERR_NONE) {
        finish(r, &fail);
        return;
    }
    r->person.user = user_copy(&r->arena, user);
    if (user->status == OKTA_DEPROVISIONED)
        finish(r, NULL);
    else
        read_memberships(r);
}

static void part_init(struct okta_person_read *r, size_t i, struct okta_container *container,
                      struct span id, bool is_app)
{
    container->id = arena_span(&r->arena, id);
    r->parts[i] = (struct part){.owner = r, .container = container, .is_app = is_app};
}

struct okta_person_read *
okta_person_read(struct okta_api *api, const struct okta_interest *interest, struct span user_id,
                 void (*done)(void *arg, const struct okta_person *person, const struct fail *fail),
                 void *arg)
{
    struct okta_person_read *r = mem_new(1, sizeof(*r));
    size_t n_apps = interest->n_apps, n_groups = interest->n_groups;

    r->api = api;
    r->interest = *interest;
    r->done = done;
    r->arg = arg;
    arena_init(&r->arena);
    r->user_id = arena_span(&r->arena, user_id);
    r->apps = arena_new(&r->arena, n_apps, sizeof(*r->apps));
    r->groups = arena_new(&r->arena, n_groups, sizeof(*r->groups));
    r->n_parts = n_apps + n_groups;
    r->parts = arena_new(&r->arena, r->n_parts, sizeof(*r->parts));
    for (size_t i = 0; i < n_apps; i++)
        part_init(r, i, &r->apps[i], interest->app_ids[i], true);
    for (size_t i = 0; i < n_groups; i++)
        part_init(r, n_apps + i, &r->groups[i], interest->group_ids[i], false);
    r->person.apps = r->apps;
    r->person.groups = r->groups;
    r->user_read = okta_read_user(api, r->user_id, on_user, r);
    return r;
}
