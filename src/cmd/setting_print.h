/* Settings as `roster check` shows them: one line a key, written as the file would have it. Secrets
 * have no way out. */
#ifndef ROSTER_CMD_SETTING_PRINT_H
#define ROSTER_CMD_SETTING_PRINT_H

#include <stdint.h>
#include <stdio.h>

#include "base/secret.h"
#include "base/span.h"
#include "config/settings.h"

void setting_put(FILE *to, const char *key, const char *value);
/* In double quotes when the file would need them; "not set" when it is empty. */
void setting_put_text(FILE *to, const char *key, struct span value);
void setting_put_list(FILE *to, const char *key, const struct span *texts, size_t n);
void setting_put_duration(FILE *to, const char *key, int64_t ms);
/* Only whether it is set. */
void setting_put_secret(FILE *to, const char *key, const struct secret *secret);
void setting_put_limits(FILE *to, const char *key, const struct rate_limits *limits);
void setting_put_bound(FILE *to, const char *key, const struct guard_bound *bound);

/* The [Mapping …] sections, in their order. */
void setting_put_rules(FILE *to, const struct settings *s);

#endif
