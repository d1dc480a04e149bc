/* What the places of the chain share. */
#ifndef ROSTER_AWS_CHAIN_PRIVATE_H
#define ROSTER_AWS_CHAIN_PRIVATE_H

#include "aws/chain.h"
#include "aws/fetch.h"
#include "aws/shared_files.h"
#include "base/arena.h"
#include "base/buf.h"
#include "net/child.h"

enum { CHAIN_ROLES_MAX = 5 };

/* A role to assume with the credentials found so far. */
struct chain_role {
    struct span arn, session_name, external_id, duration_s; /* p == NULL = not set */
};

struct chain {
    struct chain_context context;
    struct arena arena;
    struct shared_files *files;
    struct span profile;
    bool is_profile_chosen;
    size_t next; /* place of the order */

    struct credentials found;
    char origin[CHAIN_ORIGIN_MAX];
    struct buf passed; /* the places that were passed, and why */
    struct fail fail;
    struct chain_role roles[CHAIN_ROLES_MAX]; /* the last one is assumed first */
    size_t n_roles;

    /* What is under way. */
    struct fetch *fetch;
    struct http_call *call;
    struct child *child;
    struct loop_timer *timer;
    void (*wake)(struct chain *chain); /* what the timer is for */

    struct { /* sts.c */
        struct secret form;
        bool is_signed, has_set_clock;
        unsigned n_tried;
    } sts;
    struct { /* metadata.c */
        const char *endpoint, *role;
        struct secret token;
        bool has_new_token; /* after a 401 */
    } metadata;

    void (*done)(void *arg, const struct chain_result *result);
    void *arg;
};

/* How a place answers when it is its turn. */
enum turn {
    TURN_PASSED,  /* not set up: chain_pass has said so */
    TURN_STARTED, /* chain_found, chain_failed or chain_passed_late follows */
    TURN_FOUND,   /* chain->found and origin are set */
    TURN_FAILED,  /* chain_fail has been called */
};

/* Notes why a place is passed: "environment (AWS_ACCESS_KEY_ID is not set)". */
enum turn chain_pass(struct chain *chain, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Sets the failure, with the origin before it. */
enum turn chain_fail(struct chain *chain, enum err err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void chain_set_origin(struct chain *chain, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* For places that were started. Each of them may free the chain. */
void chain_found(struct chain *chain);
void chain_failed(struct chain *chain, enum err err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void chain_passed_late(struct chain *chain, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Calls wake after a while. */
void chain_wait(struct chain *chain, int64_t ms, void (*wake)(struct chain *chain));

/* The places. */
enum turn environment_turn(struct chain *chain);
enum turn role_turn(struct chain *chain);
enum turn web_identity_turn(struct chain *chain);
enum turn credentials_file_turn(struct chain *chain);
enum turn process_turn(struct chain *chain);
enum turn config_file_turn(struct chain *chain);
enum turn container_turn(struct chain *chain);
enum turn metadata_turn(struct chain *chain);

/* Parts of them that a role's source profile needs, too. */
enum turn keys_of_profile(struct chain *chain, enum shared_file file, struct span profile);
enum turn process_of_profile(struct chain *chain, struct span profile);
/* with_environment: the AWS_… variables go before the profile's settings. */
enum turn web_identity_of(struct chain *chain, struct span profile, bool with_environment);
/* Assumes the last of chain->roles with the credentials found. */
enum turn sts_assume_role(struct chain *chain);
/* The session name given (p == NULL: one of ours); false when STS would refuse it. */
bool sts_session_name(struct chain *chain, struct span given, struct span *out);
/* At least min and at most 64 of A-Z a-z 0-9 + = , . @ - _: names of roles and of their sessions.
 */
bool sts_is_name(struct span s, size_t min);

#endif
