/* A survey: reads all of Okta that the rules speak of, and all agents of the instance, page by page
 * into a scan. Nothing is concluded from what could not be read: it says what that was. On the loop
 * only.
 * https://docs.aws.amazon.com/connect/latest/APIReference/API_SearchUsers.html */
#ifndef ROSTER_ENGINE_SURVEY_H
#define ROSTER_ENGINE_SURVEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "connect/connect.h"
#include "engine/drift.h"
#include "engine/judge.h"
#include "engine/pace.h"
#include "net/loop.h"
#include "okta/api.h"
#include "store/scan.h"
#include "store/store.h"

struct survey;

struct survey_options {
    struct loop *loop;
    struct okta_api *okta; /* NULL: its API is not used */
    struct connect *connect;
    struct pace *pace;
    int64_t priority; /* of its calls (engine/pace.h) */
    const struct judge *judge;
    struct store *store; /* for reading */
    struct scan *scan;
    bool
        trusts_listings; /* a person has said that listings are whole however much they have lost */
    bool is_deep;        /* agents of this deployment are also described, one by one */
    /* A name in the rules means that id from now on. */
    void (*found)(void *arg, enum name_kind kind, struct span name, struct span id);
    /* A page was read. May be NULL. */
    void (*moved)(void *arg);
    /* Everything was read that could be (fail NULL); or Amazon Connect could not be, or the scratch
     * could not be written. Once for each survey_begin and survey_ask. */
    void (*done)(void *arg, const struct fail *fail);
    void *arg;
};

struct survey_result {
    int64_t read_ms; /* when it began, by Okta's clock */
    const struct drift_container *containers;
    size_t n_containers;
    const char *stops_removals;  /* NULL = all of Okta was read, and is plausible */
    const char *const *troubles; /* each a line for people */
    size_t n_troubles;
    int64_t users, agents; /* rows of listings */
    int64_t okta_pages, connect_pages;
    int64_t failed_asks; /* of survey_ask: people and agents that could not be read */
};

struct survey *survey_new(const struct survey_options *options);
/* Gives up what is under way, without calling back. NULL is fine. */
void survey_free(struct survey *s);
/* The listings. Once. */
void survey_begin(struct survey *s);
/* One user alone, by Okta id, login or user name: of Okta and of Amazon Connect only what concerns
 * them is read. survey_user_id tells who it is. */
void survey_begin_one(struct survey *s, struct span word);
struct span survey_user_id(const struct survey *s);
/* Some one by one, behind the listings: users in Okta, and agents by their ids. The lists are
 * borrowed until done is called. */
void survey_ask(struct survey *s, const struct span *users, size_t n_users,
                const struct span *agents, size_t n_agents);
const struct survey_result *survey_result(const struct survey *s);

/* Keeps the sizes of what was read: what is plausible the next time. Inside a transaction. */
enum err survey_sizes_write(struct store *store, const struct survey_result *result,
                            struct fail *fail) WARN_UNUSED;

#endif
