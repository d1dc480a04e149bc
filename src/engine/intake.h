/* Intake: what an event changes in the store. The one place where an event becomes a membership and
 * a person becomes due. */
#ifndef ROSTER_ENGINE_INTAKE_H
#define ROSTER_ENGINE_INTAKE_H

#include "engine/handback.h"
#include "engine/journal.h"
#include "model/rules.h"

/* Writes an entry's events, each once, with all that they change. Inside the store's transaction.
 * Sets the entry's counts. */
enum err intake_write(struct journal_entry *entry, const struct rules *rules, struct store *store,
                      struct fail *fail) WARN_UNUSED;

/* The journal over the store. rules must outlive it. */
struct journal *store_journal_new(struct handback *handback, const struct rules *rules);
void store_journal_free(struct journal *journal);

#endif
