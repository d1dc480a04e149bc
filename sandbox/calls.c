#include "calls.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { FIRST_ROOM = 1024, MOST_ENTRIES = 1000000 };

void calls_reset(struct calls *calls)
{
    for (size_t i = 0; i < calls->n; i++) {
        free(calls->entries[i].user);
        json_decref(calls->entries[i].input);
    }
    calls->n = 0;
    calls->dropped = 0;
}

void calls_done(struct calls *calls)
{
    calls_reset(calls);
    free(calls->entries);
    *calls = (struct calls){0};
}

size_t calls_add(struct calls *calls, const struct call_entry *entry)
{
    if (calls->n == MOST_ENTRIES) {
        calls->dropped++;
        free(entry->user);
        return (size_t)CALLS_NONE;
    }
    if (calls->n == calls->room) {
        calls->room = calls->room == 0 ? FIRST_ROOM : calls->room * 2;
        calls->entries = mem_grow(calls->entries, calls->room, sizeof *calls->entries);
    }
    calls->entries[calls->n] = *entry;
    return calls->n++;
}

struct call_entry *calls_at(struct calls *calls, size_t i)
{
    return i < calls->n ? &calls->entries[i] : NULL;
}

static void count(json_t *row, const char *key)
{
    json_object_set_new(row, key, json_integer(json_integer_value(json_object_get(row, key)) + 1));
}

static const char *kind_of(const struct call_entry *entry)
{
    if (entry->status >= 200 && entry->status < 300 && entry->code == NULL)
        return "ok";
    if (entry->code != NULL &&
        (strcmp(entry->code, "ThrottlingException") == 0 ||
         strcmp(entry->code, "TooManyRequestsException") == 0 ||
         strcmp(entry->code, "RequestThrottled") == 0 || strcmp(entry->code, "E0000047") == 0))
        return "throttled";
    return "failed";
}

json_t *calls_summary(const struct calls *calls)
{
    json_t *all = json_object();

    for (size_t i = 0; i < calls->n; i++) {
        const struct call_entry *entry = &calls->entries[i];
        json_t *row = json_object_get(all, entry->operation);

        if (row == NULL) {
            row = json_pack("{s:i, s:i, s:i, s:i, s:I}", "ok", 0, "throttled", 0, "failed", 0,
                            "done", 0, "first_ms", (json_int_t)entry->time_ms);
            json_object_set_new(all, entry->operation, row);
        }
        count(row, kind_of(entry));
        if (entry->is_done)
            count(row, "done");
        json_object_set_new(row, "last_ms", json_integer(entry->time_ms));
    }
    return all;
}

json_t *calls_log(const struct calls *calls)
{
    json_t *all = json_array();

    for (size_t i = 0; i < calls->n; i++) {
        const struct call_entry *entry = &calls->entries[i];
        json_t *row = json_pack("{s:I, s:s, s:s?, s:i, s:s?, s:s?, s:b}", "time_ms",
                                (json_int_t)entry->time_ms, "operation", entry->operation, "user",
                                entry->user, "status", entry->status, "code", entry->code, "fault",
                                entry->fault, "done", (int)entry->is_done);

        if (entry->input != NULL)
            json_object_set(row, "input", entry->input);
        json_array_append_new(all, row);
    }
    return all;
}
