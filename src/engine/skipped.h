/* What is told of an event that is not taken, whichever door it came by. */
#ifndef ROSTER_ENGINE_SKIPPED_H
#define ROSTER_ENGINE_SKIPPED_H

#include "model/event.h"

/* Logs the event and the reason, when it has one. Thread-safe. */
void log_if_skipped(const struct event *event);

#endif
