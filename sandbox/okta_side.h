/* What the parts of the played Okta org share. */
#ifndef SANDBOX_OKTA_SIDE_H
#define SANDBOX_OKTA_SIDE_H

#include "calls.h"
#include "faults.h"
#include "okta_auth.h"
#include "okta_deliver.h"
#include "okta_hooks.h"
#include "okta_links.h"
#include "okta_log.h"
#include "okta_rates.h"
#include "okta_users.h"
#include "reply.h"
#include "sandbox.h"

/* What the applications' user names do when a login changes. */
enum okta_renaming {
    OKTA_RENAME_CHANGE,     /* they follow; told by a change_username, which no hook gets */
    OKTA_RENAME_REMOVE_ADD, /* the same, and a remove and an add in the same transaction */
    OKTA_RENAME_KEEP,       /* they stay as they were */
};

struct okta_ask;
struct okta_reply;

struct okta_side {
    struct sandbox *sandbox;
    struct okta_users users;
    struct okta_containers containers;
    struct okta_container *everyone;
    struct okta_log log;
    struct okta_hooks hooks;
    struct okta_deliveries deliveries;
    struct okta_auth auth;
    struct okta_rates rates;
    struct faults faults;
    struct calls calls;
    enum okta_renaming renaming;
    int64_t clock_offset_ms;
    int64_t read_delay_ms, list_delay_ms, search_delay_ms;
    uint64_t n_answers, n_transactions, n_changes; /* n_changes: of groups */
    struct okta_ask *asked;                        /* not answered yet */
    struct replies waiting;
    struct okta_reply *replying; /* control calls that are not answered yet */
};

/* The org's time, which a test may move. */
int64_t okta_wall_ms(const struct okta_side *side);
uint32_t okta_wall_s(const struct okta_side *side);
/* The monotonic time whose state a read with that delay sees. */
int64_t okta_seen_at(int64_t delay_ms);
/* Has the past kept for as long as the delays can show it. */
void okta_keep_past(struct okta_side *side);

#endif
