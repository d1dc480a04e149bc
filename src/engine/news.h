/* What people hear of: log lines, and alerts (engine/alert.h). On the loop only. */
#ifndef ROSTER_ENGINE_NEWS_H
#define ROSTER_ENGINE_NEWS_H

#include <stdbool.h>

#include "engine/alert.h"
#include "engine/converge.h"
#include "engine/journal.h"
#include "model/plan.h"

void news_of_converging(struct alert *alert, const struct converge_news *news);
/* A set was judged at its bound; is_new: the first of it are held. */
void news_of_gate(struct alert *alert, enum gate gate, int64_t passed, int64_t held,
                  const char *reason, bool is_new);
/* An operation waits for everybody, or (fail NULL) does no longer. */
void news_of_pause(struct alert *alert, const char *operation, const struct fail *fail);
/* Of names in the configuration. */
void news_of_name(struct alert *alert, const char *code, const char *text);
/* An event bears an alarm; it is also alerted when nobody looks in Okta first. */
void news_of_alarm(struct alert *alert, const struct journal_notice *notice, bool is_alerted);
void news_of_okta(struct alert *alert, const char *code, const char *text);
/* One user in Okta cannot be used. */
void news_of_user(struct alert *alert, struct span user_id, const struct fail *fail);

#endif
