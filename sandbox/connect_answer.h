/* How answers look on the wire, good ones and bad ones, and the faults that spoil them. */
#ifndef SANDBOX_CONNECT_ANSWER_H
#define SANDBOX_CONNECT_ANSWER_H

#include "connect_side.h"

/* Sets the kinds of faults that Amazon Connect knows. */
void answer_kinds(struct faults *faults);
/* Sets what the call's fault answers instead of carrying it out. */
void answer_fault(struct call *call);
/* Sends, now or in delay_ms, what the call holds; takes call->out. */
void answer_send(struct call *call, int64_t delay_ms);

#endif
