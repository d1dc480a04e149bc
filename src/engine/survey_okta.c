/* Okta's half of a survey: the names first, then searches and containers, one listing after the
 * other. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/attribute_search.h"
#include "engine/interest.h"
#include "engine/survey_private.h"
#include "engine/user_reading.h"
enum { NOTE_NAME_LIMIT = 1024 };

static void list_next(struct survey *s);

/* ---- the end ---- */

static void okta_ended(struct survey *s)
{
    uint64_t broken = okta_api_health(s->options.okta)->broken - s->broken_before;
    char *text;

    if (broken > 0) {
        text = mem_printf("Okta failed %llu times while it was read (with 5xx, or without an "
                          "answer); nobody is removed by such a reading: plan again",
                          (unsigned long long)broken);
        survey_trouble(s, text);
        free(text);
    }
    survey_part_ended(s);
}

void survey_okta_cancel(struct survey *s)
{
    name_search_free(s->names);
    s->names = NULL;
    okta_read_cancel(s->read);
    s->read = NULL;
}

static void trouble_with(struct survey *s, const struct drift_container *c, const char *what)
{
    char *text;

    if (c == NULL)
        text = mem_printf("a search of Okta's for people by their attributes: %s", what);
    else
        text = mem_printf("the %s '%.*s' of Okta's: %s",
                          c->kind == MEMBERSHIP_APP ? "application" : "group",
                          SPAN_ARG(c->name.n > 0 ? c->name : c->id), what);
    survey_trouble(s, text);
    free(text);
}

/* ---- pages ---- */

static enum err put_user(struct survey *s, struct arena *a, const struct okta_user *user,
                         struct span id, struct span app_user_name, const uint16_t *number,
                         struct fail *fail)
{
    struct scan_user row = {.id = id,
                            .app_user_name = app_user_name,
                            .containers = number,
                            .n_containers = number == NULL ? 0 : 1};

    if (user != NULL && user->fault == NULL) {
        row.status = user->status_text;
        row.login = user->login;
        row.display_name = user_display_name(a, user);
        row.profile = user_profile(a, user);
    }
    return scan_user_put(s->options.scan, &row, fail);
}

static enum err put_page(struct survey *s, const struct okta_result *page, const uint16_t *number,
                         struct fail *fail)
{
    enum err err = ERR_NONE;

    for (size_t i = 0; err == ERR_NONE && i < page->n_users + page->n_app_users; i++) {
        struct arena a = {0};

        if (page->n_users > 0) {
            err = put_user(s, &a, &page->users[i], page->users[i].id, SPAN(""), number, fail);
            s->shown++;
        } else if (page->app_users[i].is_assigned) {
            const struct okta_app_user *of = &page->app_users[i];

            err = put_user(s, &a, of->user, of->user_id, of->user_name, number, fail);
            s->shown++;
        }
        arena_done(&a);
    }
    return err;
}

/* ---- one listing ---- */

static struct drift_container *container_now(struct survey *s)
{
    return s->at < s->n_searches ? NULL : &s->containers[s->at - s->n_searches];
}

static enum err survey_size_read(struct store *store, struct arena *a,
                                 const struct drift_container *c, struct plausible *out,
                                 struct fail *fail);

/* Behind a listing that came to its end: can that be all? */
static void judge_listing(struct survey *s, struct drift_container *c)
{
    struct plausible history;
    struct arena a = {0};
    int64_t known = 0;
    struct fail fail;
    char *why;
    enum err err = survey_size_read(s->options.store, &a, c, &history, &fail);

    if (err == ERR_NONE)
        err = store_members_count(s->options.store, SPAN("okta"), c->kind, c->id, &known, &fail);
    if (err == ERR_NONE) {
        why = plausible_fault(&history, known, s->shown, &a);
        if (s->options.trusts_listings)
            why = NULL;
        c->is_read = why == NULL;
        c->shown = s->shown;
        if (why != NULL)
            trouble_with(s, c,
                         arena_printf(&a, "%s. When that is true, say --trust-listings", why));
    } else {
        survey_fail(s, &fail);
    }
    arena_done(&a);
}

static void on_page(void *arg, const struct okta_result *page)
{
    struct survey *s = arg;
    struct drift_container *c = container_now(s);
    uint16_t number = c == NULL ? 0 : (uint16_t)(c - s->containers);
    struct fail fail;

    if (page->is_last)
        s->read = NULL;
    if (page->err != ERR_NONE) {
        trouble_with(s, c, page->fail->text);
    } else if (put_page(s, page, c == NULL ? NULL : &number, &fail) != ERR_NONE) {
        survey_fail(s, &fail);
        okta_read_cancel(s->read);
        s->read = NULL;
        okta_ended(s);
        return;
    } else {
        s->result.okta_pages++;
        s->result.users += (int64_t)(page->n_users + page->n_app_users);
        if (s->options.moved != NULL)
            s->options.moved(s->options.arg);
    }
    if (!page->is_last)
        return;
    if (page->err == ERR_NONE && c != NULL)
        judge_listing(s, c);
    s->at++;
    list_next(s);
}

static void list_next(struct survey *s)
{
    struct okta_api *api = s->options.okta;
    const struct drift_container *c = container_now(s);

    s->shown = 0;
    if (s->is_failed || s->at == s->n_searches + s->result.n_containers)
        okta_ended(s);
    else if (c == NULL)
        s->read = okta_search_users(api, s->searches[s->at], on_page, s);
    else if (c->kind == MEMBERSHIP_APP)
        s->read = okta_list_app_users(api, c->id, true, on_page, s);
    else
        s->read = okta_list_group_members(api, c->id, on_page, s);
}

/* ---- what is to be listed ---- */

static void add_container(struct survey *s, enum name_kind kind, struct span id, struct span value)
{
    const struct names *names = current_names_get(s->options.judge->names);
    enum membership_kind of = kind == NAME_OKTA_APP ? MEMBERSHIP_APP : MEMBERSHIP_GROUP;
    struct span name = names->name_of(names, kind, id);
    struct drift_container *list;
    size_t n = s->result.n_containers;

    for (size_t i = 0; i < n; i++)
        if (s->containers[i].kind == of && span_eq(s->containers[i].id, id))
            return;
    if (n == SCAN_CONTAINERS) {
        survey_trouble(s, "the rules name more applications and groups than can be read at once");
        return;
    }
    list = arena_new(&s->arena, n + 1, sizeof(*list));
    if (n > 0)
        memcpy(list, s->containers, n * sizeof(*list));
    list[n] = (struct drift_container){of, arena_span(&s->arena, id),
                                       arena_span(&s->arena, name.n > 0 ? name : value), false, 0};
    s->containers = list;
    s->result.n_containers = n + 1;
}

static bool take_container(void *arg, enum name_kind kind, struct span value, struct span id)
{
    if (id.n > 0)
        add_container(arg, kind, id, value);
    return true;
}

static void names_done(void *arg, const struct fail *fail)
{
    struct survey *s = arg;
    const struct judge *judge = s->options.judge;
    const struct name_found *shared;
    size_t n;

    if (fail != NULL)
        survey_trouble(s, fail->text);
    interest_each(judge->rules, current_names_get(judge->names), take_container, s);
    shared = name_search_shared(s->names, &n);
    for (size_t i = 0; i < n; i++)
        add_container(s, shared[i].kind, shared[i].id, SPAN(""));
    if (s->word.n > 0) {
        survey_one_go(s);
        return;
    }
    s->searches = attribute_searches(judge->rules, &s->arena, &s->n_searches);
    list_next(s);
}

static void name_found(void *arg, enum name_kind kind, struct span name, struct span id)
{
    struct survey *s = arg;

    s->options.found(s->options.arg, kind, name, id);
}

static void name_told(void *arg, const char *code, const char *text)
{
    (void)code;
    survey_trouble(arg, text);
}

void survey_okta_begin(struct survey *s)
{
    struct name_search_options names = {.api = s->options.okta,
                                        .judge = s->options.judge,
                                        .found = name_found,
                                        .told = name_told,
                                        .done = names_done,
                                        .arg = s};

    s->broken_before = okta_api_health(s->options.okta)->broken;
    s->names = name_search_new(&names);
    name_search_begin(s->names);
}

/* ---- sizes, from one reading to the next ---- */

static void size_note(const struct drift_container *c, struct buf *out)
{
    buf_printf(out, "size %c %.*s", (int)c->kind, SPAN_ARG(c->id));
}

/* How large it was, by what is kept of it. */
static enum err survey_size_read(struct store *store, struct arena *a,
                                 const struct drift_container *c, struct plausible *out,
                                 struct fail *fail)
{
    struct span text;
    struct buf name;
    enum err err;

    buf_init(&name, NOTE_NAME_LIMIT);
    size_note(c, &name);
    err = store_note_get(store, a, name.p, &text, fail);
    if (err == ERR_NONE)
        plausible_parse(text, out);
    buf_done(&name);
    return err;
}

enum err survey_sizes_write(struct store *store, const struct survey_result *result,
                            struct fail *fail)
{
    enum err err = ERR_NONE;

    for (size_t i = 0; err == ERR_NONE && i < result->n_containers; i++) {
        const struct drift_container *c = &result->containers[i];
        struct plausible history;
        struct buf name, value;
        struct arena a = {0};

        if (!c->is_read)
            continue;
        buf_init(&name, NOTE_NAME_LIMIT);
        buf_init(&value, NOTE_NAME_LIMIT);
        size_note(c, &name);
        err = survey_size_read(store, &a, c, &history, fail);
        if (err == ERR_NONE) {
            plausible_push(&history, c->shown);
            plausible_add(&value, &history);
            err = store_note_put(store, name.p, buf_span(&value), fail);
        }
        buf_done(&name);
        buf_done(&value);
        arena_done(&a);
    }
    return err;
}
