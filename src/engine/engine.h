/* The engine as a whole: the store with its committer, the journal, the roster, the pace,
 * converging, asking Okta, housekeeping. One engine a store: a second one is refused. On the loop
 * only. */
#ifndef ROSTER_ENGINE_ENGINE_H
#define ROSTER_ENGINE_ENGINE_H

#include "aws/aws.h"
#include "base/err.h"
#include "base/secret.h"
#include "config/settings.h"
#include "engine/journal.h"
#include "engine/judge.h"
#include "model/rules.h"
#include "net/loop.h"
#include "store/store.h"

struct engine;

/* settings and aws must outlive it. ERR_CONFLICT: another engine runs on that store, or its schema
 * is newer; ERR_IO: the store cannot be opened. */
enum err engine_new(struct loop *loop, const struct settings *settings, struct aws *aws,
                    struct engine **out, struct fail *fail) WARN_UNUSED;
/* The same for one piece of work of the command line's: only people of that cause are carried out,
 * and Okta is not asked. */
enum err engine_new_for(struct loop *loop, const struct settings *settings, struct aws *aws,
                        struct span cause, struct engine **out, struct fail *fail) WARN_UNUSED;
/* Starts converging. */
enum err engine_start(struct engine *e, struct fail *fail) WARN_UNUSED;
/* Starts nothing more; idle is called when the calls under way are answered and recorded. */
void engine_stop(struct engine *e, void (*idle)(void *arg), void *arg);
/* Writes what waits, closes the store. NULL is fine. */
void engine_free(struct engine *e);

struct journal *engine_journal(struct engine *e);
const struct rules *engine_rules(const struct engine *e);
/* The names that count now; may be used until the engine is freed. */
const struct names *engine_names(const struct engine *e);
/* The time by Okta's clock; 0 when its API is not used. */
int64_t engine_okta_now_ms(const struct engine *e);
/* The loop's own connection, for reading (metrics, dashboards). */
struct store *engine_reader(struct engine *e);
/* Events have become durable that made people due. */
void engine_kick(struct engine *e);
/* The last attempt to store a delivery: 0 = it worked (or none was made), else since when
 * (clock_wall_ms) it fails. */
void engine_store_worked(struct engine *e, bool worked, const char *text);
int64_t engine_store_failing_since_ms(const struct engine *e);
/* A write of the smallest kind, to learn whether deliveries can be stored: NULL when it worked.
 * Only one at a time. */
void engine_probe_store(struct engine *e, void (*done)(void *arg, const struct fail *fail),
                        void *arg);
/* What an event hook must bring, as its files say now; they stay where they are until the engine is
 * freed. Either may be unset. */
const struct secret *engine_hook_secret(const struct engine *e);
const struct secret *engine_hook_secret_previous(const struct engine *e);
/* Reads the files of secrets again, now; it is done every five minutes, too. */
void engine_renew_secrets(struct engine *e);
double engine_rate(struct engine *e, const char *operation);

#endif
