/* What travels in the queue: one event and one of its subjects, as JSON. Written by the function
 * that receives, read by the one that converges; a queue may hold what an older version wrote.
 * Pure. */
#ifndef ROSTER_LAMBDA_MESSAGE_H
#define ROSTER_LAMBDA_MESSAGE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "crypt/digest.h"
#include "model/event.h"

enum {
    MESSAGE_VERSION = 1, /* goes up when an older reader would do the wrong thing */
    MESSAGE_LIMIT = 256 * 1024,
    MESSAGE_NAME = 128, /* bytes of a group's name, without the NUL */
};

/* Appends the message; it is what SQS can hold, whatever the texts are. */
void message_add(struct buf *out, const struct event *event, const struct event_subject *subject);
/* The group in which the message is ordered: the user's id, or "scope:" and the id of the group or
 * application, or "scope:all"; an id that is no name for SQS is replaced by its SHA-256. */
void message_group(const struct event_subject *subject, char out[static MESSAGE_NAME + 1]);
/* By which repetitions are known: the SHA-256, in hexadecimal, of the event's uuid and the subject,
 * since one event can concern two people, and say two things of one. */
void message_deduplication(const struct event *event, const struct event_subject *subject,
                           char out[static SHA256_HEX + 1]);

/* Why a message was put among the dead letters. */
struct message_death {
    struct span code, reason; /* code: one of REASON_… (model/person.h), "bad_message", … */
    int64_t at_ms;            /* clock_wall_ms */
};
/* Appends body, as it was received, with one more member, "dead", so that it can be put back into
 * the queue as it is; what is no message becomes {"v": …, "dead": …, "body": its text}. */
void message_add_dead(struct buf *out, struct span body, const struct message_death *death);
/* False: it bears no reason; AWS put it there, after having received it too often. Texts are in
 * a. */
bool message_read_dead(struct arena *a, struct span body, struct message_death *out);

/* Reads a message: *out has one subject; all is in a. ERR_INPUT: it is none, or a newer version's.
 * Unknown members are passed over. */
enum err message_read(struct arena *a, struct span body, struct event *out,
                      struct fail *fail) WARN_UNUSED;

#endif
