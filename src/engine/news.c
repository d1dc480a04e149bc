#include "engine/news.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"

void news_of_converging(struct alert *alert, const struct converge_news *news)
{
    static const char *const events[] = {
        [NEWS_HELD] = "held",     [NEWS_FAILED] = "failed",   [NEWS_PARKED] = "parked",
        [NEWS_PAUSED] = "paused", [NEWS_RESUMED] = "resumed", [NEWS_FULL] = "full"};
    struct alert_message message = {.event = events[news->kind],
                                    .code = news->code,
                                    .text = news->text,
                                    .operation = news->operation};

    if (news->person != NULL) {
        message.okta_id = news->person->id;
        message.user = person_label(news->person);
        log_warn(news->kind == NEWS_HELD     ? "person held"
                 : news->kind == NEWS_PARKED ? "person parked"
                                             : "person failed",
                 LOG_SPAN("okta_id", message.okta_id), LOG_SPAN("user", message.user),
                 LOG_STR("code", news->code), LOG_STR("reason", news->text));
    } else if (news->kind == NEWS_RESUMED) {
        log_info("operation resumed", LOG_STR("operation", news->operation));
    } else {
        log_error("operation paused for everybody", LOG_STR("operation", news->operation),
                  LOG_STR("code", news->code), LOG_STR("reason", news->text));
    }
    alert_send(alert, &message);
}

void news_of_gate(struct alert *alert, enum gate gate, int64_t passed, int64_t held,
                  const char *reason, bool is_new)
{
    const char *what = gate == GATE_REMOVALS ? "removals" : "changes";

    if (passed > 0)
        log_info("a set passed its bound", LOG_STR("of", what), LOG_INT("people", passed));
    if (held > 0) {
        log_error("a set was held at its bound", LOG_STR("of", what), LOG_INT("people", held),
                  LOG_STR("reason", reason));
        if (is_new)
            alert_send(alert,
                       &(struct alert_message){.event = "held", .code = what, .text = reason});
    }
}

void news_of_name(struct alert *alert, const char *code, const char *text)
{
    log_error("a name in the configuration", LOG_STR("code", code), LOG_STR("problem", text));
    alert_send(alert, &(struct alert_message){.event = "unhealthy", .code = code, .text = text});
}

void news_of_pause(struct alert *alert, const char *operation, const struct fail *fail)
{
    news_of_converging(alert,
                       &(struct converge_news){.kind = fail == NULL ? NEWS_RESUMED : NEWS_PAUSED,
                                               .operation = operation,
                                               .code = fail == NULL ? "" : fail->code,
                                               .text = fail == NULL ? "" : fail->text});
}

void news_of_alarm(struct alert *alert, const struct journal_notice *notice, bool is_alerted)
{
    const struct membership *m = &notice->subject->membership;
    struct span name = m->name.n > 0 ? m->name : m->container;
    char *text = mem_printf("%s: '%.*s' (event %.*s); nobody is removed because of that",
                            notice->subject->alarm, SPAN_ARG(name), SPAN_ARG(notice->event->uuid));

    log_warn("Okta tells of something to look at", LOG_STR("alarm", notice->subject->alarm),
             LOG_SPAN("name", name), LOG_SPAN("event", notice->event->uuid));
    if (is_alerted)
        alert_send(alert, &(struct alert_message){
                              .event = "unhealthy", .code = "okta_alarm", .text = text});
    free(text);
}

void news_of_okta(struct alert *alert, const char *code, const char *text)
{
    log_warn("something in Okta to look at", LOG_STR("code", code), LOG_STR("problem", text));
    alert_send(alert, &(struct alert_message){.event = "unhealthy", .code = code, .text = text});
}

void news_of_user(struct alert *alert, struct span user_id, const struct fail *fail)
{
    log_warn("a user in Okta cannot be used", LOG_SPAN("okta_id", user_id),
             LOG_STR("error", fail->text));
    alert_send(alert, &(struct alert_message){.event = "failed",
                                              .code = "unreadable",
                                              .text = fail->text,
                                              .okta_id = user_id});
}
