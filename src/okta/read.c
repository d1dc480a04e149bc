/* All questions are one machine: an address, what the answer holds, whether pages are handed out or
 * collected, and a name that the objects must have. */
#include "okta/read.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "okta/answer.h"
#include "text/time.h"
#include "text/url.h"

enum { PATH_LIMIT = 8000 };

struct okta_read {
    struct okta_api *api;
    struct okta_call *call;
    enum okta_kind kind;
    bool is_listing; /* pages are handed out, else collected */
    bool is_one;     /* exactly one object must come */
    bool is_lean;
    char *name;     /* the objects must have it; NULL: all are wanted */
    char *fallback; /* asked when nothing of that name was found; NULL: nothing */
    char *page;     /* the address of the page under way */
    size_t n_pages;
    struct arena arena;
    struct okta_result result;
    okta_read_done *done;
    void *arg;
    bool is_calling_back, is_cancelled;
};

/* Life */

static void read_free(struct okta_read *r)
{
    arena_done(&r->arena);
    free(r->name);
    free(r->fallback);
    free(r->page);
    free(r);
}

static void hand_out(struct okta_read *r)
{
    bool is_last = r->result.is_last;

    r->is_calling_back = true;
    r->done(r->arg, &r->result);
    r->is_calling_back = false;
    if (is_last || r->is_cancelled)
        read_free(r);
}

static void hand_out_failure(struct okta_read *r, const struct fail *fail)
{
    r->result = (struct okta_result){.err = fail->err, .fail = fail, .is_last = true};
    hand_out(r);
}

void okta_read_cancel(struct okta_read *read)
{
    if (read == NULL)
        return;
    okta_cancel(read->call);
    read->call = NULL;
    if (read->is_calling_back)
        read->is_cancelled = true;
    else
        read_free(read);
}

/* Pages */

static void on_answer(void *arg, const struct okta_answer *answer);

static void ask_page(struct okta_read *r)
{
    struct okta_ask ask = {.method = "GET", .path = span_of(r->page), .is_lean = r->is_lean};

    r->n_pages++;
    r->call = okta_ask(r->api, &ask, on_answer, r);
}

static enum err take_page(struct okta_read *r, const struct okta_answer *answer, struct fail *fail)
{
    bool outlives = !r->is_listing && answer->next.p != NULL; /* the answer does not */
    struct span body = outlives ? arena_span(&r->arena, answer->body) : answer->body;
    enum err err = okta_result_add(&r->arena, r->kind, body, &r->result, fail);
    size_t n = r->result.n_users + r->result.n_groups + r->result.n_apps + r->result.n_app_users;

    if (err != ERR_NONE)
        return err;
    if (r->name != NULL)
        okta_result_keep_named(&r->result, span_of(r->name));
    if (r->is_one && n != 1)
        return fail_set(fail, ERR_IO, "Okta: %zu objects came where one must be", n);
    if (!r->is_listing && n > OKTA_FOUND_MAX)
        return fail_set(fail, ERR_INPUT, "Okta: more than %d things came where fewer must be",
                        OKTA_FOUND_MAX);
    if (answer->next.p != NULL &&
        (r->n_pages >= OKTA_PAGES_MAX || span_eq(answer->next, span_of(r->page))))
        return fail_set(fail, ERR_IO,
                        "Okta: a listing does not end: its next page is the same, "
                        "or the %zuth",
                        r->n_pages + 1);
    return ERR_NONE;
}

static void failed(struct okta_read *r, const struct okta_answer *answer)
{
    struct fail fail = *answer->fail;

    /* What came before is of no use then: the listing has to begin anew. */
    if (r->n_pages > 1 && answer_is_stale_cursor(&fail)) {
        fail.err = ERR_IO;
        (void)fail_within(&fail, ERR_IO, "the listing was cut short");
    }
    hand_out_failure(r, &fail);
}

static void on_answer(void *arg, const struct okta_answer *answer)
{
    struct okta_read *r = arg;
    bool has_next = answer->next.p != NULL;
    struct fail fail = {0};
    char *next;

    r->call = NULL;
    if (answer->err != ERR_NONE) {
        failed(r, answer);
        return;
    }
    if (r->is_listing) {
        arena_done(&r->arena);
        r->result = (struct okta_result){0};
    }
    if (take_page(r, answer, &fail) != ERR_NONE) {
        hand_out_failure(r, &fail);
        return;
    }
    next = has_next ? mem_dup(answer->next) : NULL;
    if (next == NULL && r->fallback != NULL && r->result.n_apps + r->result.n_groups == 0) {
        next = r->fallback;
        r->fallback = NULL;
    }
    r->result.is_last = next == NULL;
    if (next != NULL) {
        free(r->page);
        r->page = next;
        ask_page(r);
    }
    if (r->is_listing || r->result.is_last)
        hand_out(r);
}

/* Questions */

/* Begins a read of that path (taken over); NULL: a part of it was no id. */
static struct okta_read *read_new(struct okta_api *api, enum okta_kind kind, char *path,
                                  okta_read_done *done, void *arg)
{
    struct okta_read *r = mem_new(1, sizeof(*r));

    r->api = api;
    r->kind = kind;
    /* okta_ask refuses an empty address, as it has to: ids become parts of one. */
    r->page = path == NULL ? mem_dup_str("") : path;
    r->done = done;
    r->arg = arg;
    arena_init(&r->arena);
    return r;
}

static struct okta_read *start(struct okta_read *r)
{
    ask_page(r);
    return r;
}

static struct okta_read *one_new(struct okta_api *api, enum okta_kind kind, char *path,
                                 okta_read_done *done, void *arg)
{
    struct okta_read *r = read_new(api, kind, path, done, arg);

    r->is_one = true;
    return start(r);
}

/* "/api/v1/" and the rest; NULL when an id is none. */
static char *path_of(const char *collection, struct span id, const char *rest)
{
    return okta_is_id(id) ? mem_printf("/api/v1/%s/%.*s%s", collection, SPAN_ARG(id), rest) : NULL;
}

static char *path_with(const char *path, struct span value)
{
    struct buf out;

    buf_init(&out, PATH_LIMIT);
    buf_add_str(&out, path);
    url_add_encoded(&out, value);
    if (out.full) {
        buf_done(&out);
        return NULL;
    }
    return buf_take(&out);
}

struct okta_read *okta_read_user(struct okta_api *api, struct span user_id, okta_read_done *done,
                                 void *arg)
{
    return one_new(api, OKTA_USERS, path_of("users", user_id, ""), done, arg);
}

struct okta_read *okta_read_user_groups(struct okta_api *api, struct span user_id,
                                        okta_read_done *done, void *arg)
{
    return start(read_new(api, OKTA_GROUPS, path_of("users", user_id, "/groups"), done, arg));
}

struct okta_read *okta_read_group(struct okta_api *api, struct span group_id, okta_read_done *done,
                                  void *arg)
{
    return one_new(api, OKTA_GROUPS, path_of("groups", group_id, ""), done, arg);
}

struct okta_read *okta_read_app(struct okta_api *api, struct span app_id, okta_read_done *done,
                                void *arg)
{
    return one_new(api, OKTA_APPS, path_of("apps", app_id, ""), done, arg);
}

struct okta_read *okta_read_app_user(struct okta_api *api, struct span app_id, struct span user_id,
                                     okta_read_done *done, void *arg)
{
    char *rest = mem_printf("/users/%.*s", SPAN_ARG(user_id));
    char *path = okta_is_id(user_id) ? path_of("apps", app_id, rest) : NULL;

    free(rest);
    return one_new(api, OKTA_APP_USERS, path, done, arg);
}

struct okta_read *okta_find_app(struct okta_api *api, struct span label, okta_read_done *done,
                                void *arg)
{
    struct okta_read *r =
        read_new(api, OKTA_APPS, path_with("/api/v1/apps?limit=200&q=", label), done, arg);

    r->name = mem_dup(label);
    return start(r);
}

struct okta_read *okta_find_group(struct okta_api *api, struct span name, okta_read_done *done,
                                  void *arg)
{
    struct okta_read *r;
    struct buf search;

    /* q gives the first 300 that begin so, of which the one may not be one; the search lags, so
     * that a new group is only found by q. */
    buf_init(&search, PATH_LIMIT);
    buf_add_str(&search, "profile.name eq \"");
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '"' || name.p[i] == '\\')
            buf_add_char(&search, '\\');
        buf_add_char(&search, name.p[i]);
    }
    buf_add_char(&search, '"');
    r = read_new(api, OKTA_GROUPS,
                 search.full ? NULL
                             : path_with("/api/v1/groups?limit=200&search=", buf_span(&search)),
                 done, arg);
    r->name = mem_dup(name);
    r->fallback = path_with("/api/v1/groups?q=", name);
    buf_done(&search);
    return start(r);
}

static struct okta_read *list_new(struct okta_api *api, enum okta_kind kind, char *path,
                                  okta_read_done *done, void *arg)
{
    struct okta_read *r = read_new(api, kind, path, done, arg);

    r->is_listing = true;
    r->is_lean = kind == OKTA_USERS;
    return start(r);
}

struct okta_read *okta_list_group_members(struct okta_api *api, struct span group_id,
                                          okta_read_done *done, void *arg)
{
    return list_new(api, OKTA_USERS, path_of("groups", group_id, "/users?limit=200"), done, arg);
}

struct okta_read *okta_list_app_users(struct okta_api *api, struct span app_id, bool with_users,
                                      okta_read_done *done, void *arg)
{
    return list_new(
        api, OKTA_APP_USERS,
        path_of("apps", app_id, with_users ? "/users?limit=500&expand=user" : "/users?limit=500"),
        done, arg);
}

struct okta_read *okta_search_users(struct okta_api *api, struct span expression,
                                    okta_read_done *done, void *arg)
{
    return list_new(api, OKTA_USERS, path_with("/api/v1/users?limit=200&search=", expression), done,
                    arg);
}

struct okta_read *okta_search_changed_users(struct okta_api *api, int64_t since_ms,
                                            okta_read_done *done, void *arg)
{
    struct okta_read *r;
    struct buf search;

    buf_init(&search, 200);
    buf_add_str(&search, "lastUpdated ge \"");
    time_add_ms(&search, since_ms);
    buf_add_char(&search, '"');
    r = okta_search_users(api, buf_span(&search), done, arg);
    buf_done(&search);
    return r;
}
