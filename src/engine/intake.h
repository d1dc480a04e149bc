/* Intake: what an event changes in the store. The one place where an event becomes a membership, a
 * person becomes due, and what is to be read in Okta again is asked for. */
#ifndef ROSTER_ENGINE_INTAKE_H
#define ROSTER_ENGINE_INTAKE_H

#include "engine/handback.h"
#include "engine/journal.h"
#include "engine/judge.h"

/* Writes an entry's events, each once, with all that they change. On the committer's thread, inside
 * the store's transaction. Sets the entry's counts and notices. ERR_IO: nothing of it was written.
 */
enum err intake_write(struct journal_entry *entry, const struct judge *judge, struct store *store,
                      struct fail *fail) WARN_UNUSED;

/* The journal over the store, for the loop. judge must outlive it. noticed is called on the loop
 * with each entry that is durable, before its done. */
struct journal *store_journal_new(struct handback *handback, const struct judge *judge,
                                  void (*noticed)(void *arg, const struct journal_entry *entry),
                                  void *arg);
void store_journal_free(struct journal *journal);

#endif
