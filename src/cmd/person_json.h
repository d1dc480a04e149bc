/* A person as the contract's JSON shows them, and times in JSON. */
#ifndef ROSTER_CMD_PERSON_JSON_H
#define ROSTER_CMD_PERSON_JSON_H

#include <stdint.h>

#include "cmd/open.h"
#include "text/json.h"

/* A text, or null for an empty one. */
void person_json_text(struct json_out *out, const char *key, struct span text);
/* RFC 3339 in UTC, or null for 0. */
void person_json_time(struct json_out *out, const char *key, int64_t ms);
/* The members "okta_id", "user", "agent_id", "state", "reason", "since". */
void person_json_members(struct json_out *out, const struct opened *o, const struct person *p);

#endif
