/* The audit log: append-only, one row for each call to Amazon Connect that has come to an end, and
 * one for each thing that an operator did, written in the transaction that it records.
 *
 * Rows are numbered from 1 without a gap, and chained: the chain of a row is SHA-256 over the chain
 * of the row before it and all that the row says. What it says of a person enters as the SHA-256 of
 * a random salt and the words, so that words and salt can be erased and the chain still be
 * verified. The chain of the last row is kept apart (and exported): without it a cut end would not
 * show. It shows changes to whoever has an earlier head from elsewhere, whatever was written anew:
 * see store_audit_verify.
 *
 * docs/operations.md tells operators. Everything here follows the rules of store/store.h. */
#ifndef ROSTER_STORE_AUDIT_H
#define ROSTER_STORE_AUDIT_H

#include "store/store.h"

enum { AUDIT_HASH = 32, AUDIT_SALT = 16, AUDIT_HEX = 64, AUDIT_FIELD_LIMIT = 256 * 1024 };

#define AUDIT_STEP "step"           /* a call that was answered, or never will be */
#define AUDIT_ACTION "action"       /* an operator's */
#define AUDIT_REDACTION "redaction" /* detail: the numbers of the rows, "3,7-9" */
#define AUDIT_PRUNING "pruning"     /* detail: number and chain of the last row that went */

#define AUDIT_ACTOR_ROSTER "roster" /* the program itself */

struct audit_row {
    int64_t id, at_ms;
    struct span kind;
    struct span actor;  /* AUDIT_ACTOR_ROSTER, or "operator NAME" */
    int64_t step;       /* AUDIT_STEP: the number of the step (struct step_record), else 0 */
    struct span source; /* of the person */
    struct span instance, operation;
    struct span cause;   /* as of the step; of an action: what it makes others say as cause */
    struct span outcome; /* as of the step, "done" for an action */
    int64_t status;
    struct span code, request_id;
    struct span detail; /* for people; nothing about a person */

    /* What it says of a person: empty once it was erased. */
    bool is_redacted;
    struct span user_id, user; /* user: as people know them then */
    struct span text;          /* the failure's words */
    struct span before, after; /* of the agent: entitlements as JSON (model/entitlement.h) */

    uint8_t salt[AUDIT_SALT]; /* zero once it was erased */
    uint8_t personal[AUDIT_HASH], chain[AUDIT_HASH];
};

/* Adds the row of something that an operator did; kind, id and the hashes are set here, texts are
 * cut at AUDIT_FIELD_LIMIT. Empty outcome = "done". */
enum err store_audit_action(struct store *s, const struct audit_row *action,
                            struct fail *fail) WARN_UNUSED;

struct audit_ask {
    int64_t since_ms, before_ms; /* 0 = from the first; 0 = to the last */
    struct span source, user_id; /* user_id empty = everybody */
    int64_t step;                /* 0 = all */
    bool is_newest_first;
};
/* Calls fn for each row that is asked for; texts are borrowed for the call. fn returns false to
 * stop. */
enum err store_audit_each(struct store *s, const struct audit_ask *ask,
                          bool (*fn)(void *arg, const struct audit_row *row), void *arg,
                          struct fail *fail) WARN_UNUSED;

/* The number of the last row, and its chain; 0 before the first. */
struct audit_head {
    int64_t id;
    uint8_t chain[AUDIT_HASH];
};
enum err store_audit_head(struct store *s, struct audit_head *out, struct fail *fail) WARN_UNUSED;
/* "57 4be1…": the form in which a head is printed and given back. */
void audit_head_format(const struct audit_head *head, char out[static 96]);
bool audit_head_parse(struct span text, struct audit_head *out);

struct audit_verdict {
    int64_t rows, redacted;  /* that were read */
    int64_t findings;        /* 0 = intact */
    struct audit_head start; /* of the last row that was pruned */
    struct audit_head head;
};
/* Reads all of it, at one instant, and calls found for each thing that is not as it was written:
 * a changed row, a gap, words erased without a redaction, a cut end. anchor: a head that was noted
 * before, which must still be there as it was; NULL = none. ERR_IO: it could not be read to its
 * end, which of a file that somebody has changed by hand is a finding, too. */
enum err store_audit_verify(struct store *s, const struct audit_head *anchor,
                            void (*found)(void *arg, int64_t id, const char *what), void *arg,
                            struct audit_verdict *out, struct fail *fail) WARN_UNUSED;

/* Erases what rows say of that person (and rows without a user id about an agent of that user
 * name, when it is not empty, and of an import of it), overwriting it on disk; adds the row that
 * says so. *out_n: how many rows. Copies elsewhere, as in backups and exports, stay. */
enum err store_audit_redact(struct store *s, struct span source, struct span user_id,
                            struct span user_name, struct span actor, int64_t now_ms,
                            int64_t *out_n, struct fail *fail) WARN_UNUSED;
/* After the commit of an erasure: takes what the WAL still holds of it out. ERR_BUSY: somebody
 * reads just now; it goes with the WAL's next round. */
enum err store_audit_purge(struct store *s, struct fail *fail) WARN_UNUSED;

/* Removes the oldest rows written before that instant, at most max, and adds the row that says so.
 * Nothing happens until a day's worth has come together. *out_n: how many rows. */
enum err store_audit_prune(struct store *s, int64_t before_ms, int64_t max, int64_t now_ms,
                           int64_t *out_n, struct fail *fail) WARN_UNUSED;

#endif
