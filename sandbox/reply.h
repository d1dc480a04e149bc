/* One answer on its way out, and the fault that spoils or delays it: what all played services
 * share. On the loop only. */
#ifndef SANDBOX_REPLY_H
#define SANDBOX_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "calls.h"
#include "faults.h"
#include "net/http_server.h"
#include "net/loop.h"

struct reply;

/* Answers that wait for their time. All zeros = none. */
struct replies {
    struct reply *first;
};

/* They are never sent. */
void replies_drop(struct replies *waiting);

/* Takes body, on the heap; NULL = none. type outlives the reply. */
struct reply *reply_new(struct http_exchange *x, int status, const char *type, char *body);
/* Adds "Name: value". */
void reply_header(struct reply *reply, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* "Date: …", of that moment. */
void reply_date(struct reply *reply, int64_t wall_ms);
/* Sends it as the fault has it: spoiled, in delay_ms, or never. NULL = no fault; code = the error
 * that is answered, NULL for none: an error answer goes out as it is. Releases the reply in the
 * end. */
void reply_send(struct reply *reply, struct replies *waiting, struct loop *loop,
                const struct fault *fault, const char *code, int64_t delay_ms);

/* Writes down how call `entry` ended; and on standard error behind `service`, unless that is
 * NULL. */
void reply_note(struct calls *calls, size_t entry, int status, const char *code,
                const struct fault *fault, const char *service);

#endif
