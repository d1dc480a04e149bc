/* What came in, for people to read. */
#include "store/db.h"
#include "text/uuid.h"

/* The inverse of what the inbox does to a UUID (its time stands in front in the index). */
static struct span read_uuid(sqlite3_stmt *row, int i, struct arena *a)
{
    const uint8_t *kept = sqlite3_column_blob(row, i);
    char text[UUID_TEXT + 1];

    if (sqlite3_column_type(row, i) != SQLITE_BLOB || sqlite3_column_bytes(row, i) != UUID_BYTES)
        return db_text(row, i, a);
    uuid_format((const uint8_t[UUID_BYTES]){kept[4], kept[5], kept[6], kept[7], kept[2], kept[3],
                                            kept[0], kept[1], kept[8], kept[9], kept[10], kept[11],
                                            kept[12], kept[13], kept[14], kept[15]},
                text);
    return arena_span(a, span_of(text));
}

static void read_event_row(sqlite3_stmt *row, struct arena *a, void *item)
{
    struct event_row *to = item;

    *to = (struct event_row){.uuid = read_uuid(row, 0, a),
                             .type = db_text(row, 1, a),
                             .via = db_text(row, 2, a),
                             .skip_reason = db_text(row, 3, a),
                             .skip_detail = db_text(row, 4, a),
                             .subjects = db_text(row, 5, a),
                             .received_ms = sqlite3_column_int64(row, 6),
                             .published_ns = sqlite3_column_int64(row, 7)};
}

enum err store_events(struct store *s, struct arena *a, struct span user_id, bool only_skipped,
                      size_t max, struct event_row **out, size_t *out_n, struct fail *fail)
{
    void *items = NULL;
    sqlite3_stmt *rows;
    enum err err = db_read(
        s, DB_EVENT_LIST,
        "SELECT uuid, type, via, skip_reason, skip_detail, subjects, received_ms,"
        " published_ns FROM event WHERE (?1 = '' OR instr(' ' || subjects || ' ',"
        " ' ' || ?1 || ' ') > 0) AND (?2 = 0 OR skip_reason <> '') ORDER BY id DESC LIMIT ?3",
        &rows, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_text(rows, 1, user_id);
    db_bind_int(rows, 2, only_skipped);
    db_bind_int(rows, 3, (int64_t)max);
    err = db_list(s, rows, a, sizeof(**out), read_event_row, &items, out_n, fail);
    if (err == ERR_NONE)
        *out = items;
    return err;
}
