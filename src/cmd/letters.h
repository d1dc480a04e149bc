/* Dead letters: messages for people whom the function `converge` could not bring into step, in the
 * dead-letter queue beside [Queue] URL. One request after the other; each function returns when it
 * is over. What is read is hidden from others for a while, so that a letter is in one hand at a
 * time, and shown again by letters_let_go. */
#ifndef ROSTER_CMD_LETTERS_H
#define ROSTER_CMD_LETTERS_H

#include "aws/sqs.h"
#include "cmd/surroundings.h"
#include "crypt/digest.h"

enum {
    LETTERS_MAX = 10000,              /* that are held at a time */
    LETTERS_BYTES = 64 * 1024 * 1024, /* … all together */
    LETTERS_HIDDEN_S = 120,           /* for as long as people look at them */
};

struct letter {
    struct span id, receipt, body, group, deduplication;
    struct span user;         /* the Okta id that it is about; empty: a group, an application … */
    struct span type;         /* of the event; empty when it is no message of Roster's */
    struct span code, reason; /* why; empty when nobody wrote it down: AWS has moved it */
    int64_t sent_ms;          /* into this queue, by SQS's clock */
    int64_t n_received;       /* as SQS counts: this time, and other looks, included */
    bool is_over;             /* sent back or dropped */
};

struct letters {
    struct surroundings around;
    struct sqs *work, *dead;
    struct arena arena; /* of the letters in hand */
    struct letter *of;
    size_t n;
    int64_t n_there;     /* in the queue, by its own count, before any was taken */
    int64_t n_elsewhere; /* in other hands then */
    /* of the request under way */
    enum err err;
    struct fail fail;
    size_t bytes, at, n_asked;
    char *dead_url;
};

/* queue_url: of the queue from which they fell. ERR_INPUT: there is none, or it has no dead-letter
 * queue. Released by letters_done in any case. */
enum err letters_open(struct span queue_url, const char *const *environment, struct letters *out,
                      struct fail *fail) WARN_UNUSED;
void letters_done(struct letters *l);
/* Takes all letters that can be had into the hand, in place of those before. Of one group SQS hands
 * out ten at a time: what is behind them comes when these are over. */
enum err letters_read(struct letters *l, struct fail *fail) WARN_UNUSED;
/* By its id, NULL when it is not in hand. */
struct letter *letters_find(struct letters *l, struct span id);
/* Back into the queue it fell out of, behind what waits there for the same group; then it is gone
 * here. Cut off in between, it is there twice, which does no harm: whoever works on it finds
 * everything as it should be. */
enum err letters_send_back(struct letters *l, struct letter *letter, struct fail *fail) WARN_UNUSED;
enum err letters_drop(struct letters *l, struct letter *letter, struct fail *fail) WARN_UNUSED;
/* Shows the others again. */
enum err letters_let_go(struct letters *l, struct fail *fail) WARN_UNUSED;

#endif
