#include "cmd/audit_print.h"

#include <inttypes.h>
#include <stdio.h>

#include "cmd/person_json.h"
#include "crypt/digest.h"
#include "text/csv.h"
#include "text/json.h"
#include "text/time.h"

enum { JSON_DEPTH = 16, NUMBER_TEXT = 24, TIME_TEXT = 40 };

/* ---- JSON ---- */

/* As JSON when it is that, on one line, else as a text. */
static void put_state(struct json_out *out, const char *key, struct span state)
{
    struct json_value value;

    json_out_key(out, key);
    if (state.n == 0)
        json_out_null(out);
    else if (span_find(state, '\n') == state.n && span_find(state, '\r') == state.n &&
             json_scan(state, JSON_DEPTH, &value, NULL) == ERR_NONE)
        json_out_raw(out, value.text);
    else
        json_out_str(out, state);
}

static void put_bytes(struct json_out *out, const char *key, const uint8_t *bytes, size_t n)
{
    char hex[AUDIT_HEX];

    hex_encode(bytes, n, hex);
    person_json_text(out, key, span_n(hex, 2 * n));
}

void audit_print_json(struct buf *to, const struct audit_row *row)
{
    struct json_out out = json_out(to);

    json_out_begin(&out, '{');
    json_put_int(&out, "id", row->id);
    person_json_time(&out, "at", row->at_ms);
    json_put_int(&out, "at_ms", row->at_ms);
    person_json_text(&out, "kind", row->kind);
    person_json_text(&out, "actor", row->actor);
    json_put_int(&out, "step", row->step);
    person_json_text(&out, "source", row->source);
    person_json_text(&out, "instance", row->instance);
    person_json_text(&out, "operation", row->operation);
    person_json_text(&out, "cause", row->cause);
    person_json_text(&out, "outcome", row->outcome);
    json_put_int(&out, "status", row->status);
    person_json_text(&out, "code", row->code);
    person_json_text(&out, "request_id", row->request_id);
    person_json_text(&out, "detail", row->detail);
    json_put_bool(&out, "redacted", row->is_redacted);
    person_json_text(&out, "okta_id", row->user_id);
    person_json_text(&out, "user", row->user);
    person_json_text(&out, "text", row->text);
    put_state(&out, "before", row->before);
    put_state(&out, "after", row->after);
    put_bytes(&out, "salt", row->salt, row->is_redacted ? 0 : AUDIT_SALT);
    put_bytes(&out, "personal", row->personal, AUDIT_HASH);
    put_bytes(&out, "chain", row->chain, AUDIT_HASH);
    json_out_end(&out, '}');
}

/* ---- commas ---- */

static const char *const csv_titles[] = {
    "id",    "at",      "kind",   "actor", "step",       "source",   "instance", "operation",
    "cause", "outcome", "status", "code",  "request_id", "detail",   "redacted", "okta_id",
    "user",  "text",    "before", "after", "salt",       "personal", "chain"};
enum { CSV_COLUMNS = sizeof(csv_titles) / sizeof(csv_titles[0]) };

void audit_print_csv_titles(struct buf *out)
{
    struct span fields[CSV_COLUMNS];

    for (size_t i = 0; i < CSV_COLUMNS; i++)
        fields[i] = span_of(csv_titles[i]);
    csv_add_row(out, ',', fields, CSV_COLUMNS, false);
}

static struct span number(int64_t value, char text[static NUMBER_TEXT])
{
    (void)snprintf(text, NUMBER_TEXT, "%" PRId64, value);
    return span_of(text);
}

static struct span hex(const uint8_t *bytes, size_t n, char text[static AUDIT_HEX])
{
    hex_encode(bytes, n, text);
    return span_n(text, 2 * n);
}

void audit_print_csv(struct buf *out, const struct audit_row *row)
{
    char id[NUMBER_TEXT], step[NUMBER_TEXT], status[NUMBER_TEXT], salt[AUDIT_HEX],
        personal[AUDIT_HEX], chain[AUDIT_HEX];
    struct buf at;

    buf_init(&at, TIME_TEXT);
    time_add_ms(&at, row->at_ms);
    const struct span fields[CSV_COLUMNS] = {
        number(row->id, id),
        buf_span(&at),
        row->kind,
        row->actor,
        number(row->step, step),
        row->source,
        row->instance,
        row->operation,
        row->cause,
        row->outcome,
        number(row->status, status),
        row->code,
        row->request_id,
        row->detail,
        row->is_redacted ? SPAN("true") : SPAN("false"),
        row->user_id,
        row->user,
        row->text,
        row->before,
        row->after,
        hex(row->salt, row->is_redacted ? 0 : AUDIT_SALT, salt),
        hex(row->personal, AUDIT_HASH, personal),
        hex(row->chain, AUDIT_HASH, chain),
    };

    csv_add_row(out, ',', fields, CSV_COLUMNS, false);
    buf_done(&at);
}

/* ---- people ---- */

const char *const audit_print_titles[] = {"#NUMBER", "AT",      "WHO",   "WHAT",
                                          "ABOUT",   "OUTCOME", "CAUSE", NULL};

void audit_print_row(struct table *table, const struct audit_row *row)
{
    bool is_good = span_eq(row->outcome, SPAN("done"));

    table_add_int(table, row->id);
    table_add_time(table, row->at_ms);
    table_add(table, row->actor, COLOUR_NONE);
    table_add(table, row->operation, COLOUR_NONE);
    if (row->is_redacted)
        table_add(table, SPAN("(erased)"), COLOUR_FAINT);
    else
        table_add(table, row->user.n > 0 ? row->user : row->user_id, COLOUR_NONE);
    table_add(table, row->code.n > 0 ? row->code : row->outcome,
              is_good ? COLOUR_GOOD : COLOUR_BAD);
    table_add(table, row->cause.n > 0 ? row->cause : row->detail, COLOUR_NONE);
}
