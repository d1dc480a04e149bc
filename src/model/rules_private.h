/* Private to rules.c, rules_values.c and rules_identity.c. */
#ifndef ROSTER_MODEL_RULES_PRIVATE_H
#define ROSTER_MODEL_RULES_PRIVATE_H

#include "model/rules.h"

struct rule_subject {
    const struct names *names;
    const struct person *person;
    const struct membership *memberships;
    size_t n;
};

/* *because: the membership that decided, the application's before the group's; NULL when attributes
 * alone did. */
bool rule_matches(const struct rule *rule, const struct rule_subject *s, struct arena *a,
                  const struct membership **because);
/* Sets fail.code to a REASON_… and returns err. */
enum err rules_refuse(struct fail *fail, enum err err, const char *reason_code, const char *format,
                      ...) __attribute__((format(printf, 4, 5)));
/* User name, names and e-mail. In rules_identity.c. */
enum err rules_identity(const struct rules *rules, const struct person *p, struct arena *a,
                        struct entitlement *e, struct fail *fail) WARN_UNUSED;

#endif
