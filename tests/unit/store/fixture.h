/* A folder for one test with a store in it. */
#ifndef ROSTER_TESTS_STORE_FIXTURE_H
#define ROSTER_TESTS_STORE_FIXTURE_H

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "store/store.h"

struct fixture {
    char folder[64], file[96];
    struct store *store;
    struct arena arena;
    struct fail fail;
};

#define assert_ok(fixture, call)                                                                   \
    do {                                                                                           \
        enum err assert_err = (call);                                                              \
        if (assert_err != ERR_NONE)                                                                \
            fail_msg("%s: %s: %s", #call, err_name(assert_err), (fixture)->fail.text);             \
    } while (0)

#define assert_span(span, text) assert_true(span_eq((span), span_of(text)))

static inline void fixture_path(const struct fixture *f, const char *name, char out[static 128])
{
    (void)snprintf(out, 128, "%s/%s", f->folder, name);
}

static inline int fixture_folder(void **state)
{
    struct fixture *f = mem_new(1, sizeof(*f));

    (void)snprintf(f->folder, sizeof(f->folder), "/tmp/roster-store-XXXXXX");
    if (mkdtemp(f->folder) == NULL)
        return -1;
    (void)snprintf(f->file, sizeof(f->file), "%s/roster.store", f->folder);
    *state = f;
    return 0;
}

static inline int fixture_store(void **state)
{
    struct fixture *f;

    if (fixture_folder(state) != 0)
        return -1;
    f = *state;
    return store_open(f->file, STORE_CREATE, &f->store, &f->fail) == ERR_NONE ? 0 : -1;
}

static inline void fixture_empty(const char *folder)
{
    DIR *d = opendir(folder);
    struct dirent *entry;

    while (d != NULL && (entry = readdir(d)) != NULL) {
        char path[512];

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        (void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        (void)remove(path);
    }
    if (d != NULL)
        (void)closedir(d);
}

static inline int fixture_done(void **state)
{
    struct fixture *f = *state;

    store_close(f->store);
    arena_done(&f->arena);
    fixture_empty(f->folder);
    (void)rmdir(f->folder);
    free(f);
    return 0;
}

/* An event about one user who is given an application. */
static inline struct event fixture_event(const char *uuid, struct event_subject *subject,
                                         const char *user_id)
{
    *subject = (struct event_subject){
        .user_id = span_of(user_id),
        .login = SPAN("ada@example.com"),
        .display_name = SPAN("Ada Lovelace"),
        .membership = {MEMBERSHIP_APP, SPAN("0oa1"), SPAN("Amazon Connect"), true, 5},
    };
    return (struct event){.source = SPAN("okta"),
                          .uuid = span_of(uuid),
                          .type = SPAN("application.user_membership.add"),
                          .via = SPAN("hook"),
                          .published_ns = 5,
                          .received_ms = 1000,
                          .subjects = subject,
                          .n_subjects = 1};
}

#endif
