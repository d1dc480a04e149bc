/* Agents: those with an owner in the order of owners, then those without. */
#include "store/scan_private.h"

enum err scan_agent_put(struct scan *s, const struct scan_agent *agent, struct fail *fail)
{
    sqlite3_stmt *put;
    enum err err =
        scan_prepare(s, SCAN_AGENT_PUT,
                     "INSERT OR REPLACE INTO agent (owner, id, arn, user_name, entitlement,"
                     " is_described, is_taken) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)",
                     &put, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_text(put, 1, agent->owner);
    db_bind_text(put, 2, agent->id);
    db_bind_text(put, 3, agent->arn);
    db_bind_text(put, 4, agent->user_name);
    db_bind_text(put, 5, agent->entitlement);
    db_bind_int(put, 6, agent->is_described);
    return db_run(&s->base, put, fail);
}

#define AGENT_COLUMNS                                                                              \
    "SELECT owner, id, arn, user_name, entitlement, is_described, is_taken FROM agent "

static void read_agent(sqlite3_stmt *row, struct arena *a, struct scan_agent *out)
{
    *out = (struct scan_agent){.owner = db_text(row, 0, a),
                               .id = db_text(row, 1, a),
                               .arn = db_text(row, 2, a),
                               .user_name = db_text(row, 3, a),
                               .entitlement = db_text(row, 4, a),
                               .is_described = sqlite3_column_int64(row, 5) != 0,
                               .is_taken = sqlite3_column_int64(row, 6) != 0};
}

enum err scan_agents_first(struct scan *s, bool is_owned, struct fail *fail)
{
    sqlite3_stmt *rows;

    s->agents = is_owned ? SCAN_AGENTS_OWNED : SCAN_AGENTS_REST;
    return is_owned ? scan_prepare(s, SCAN_AGENTS_OWNED,
                                   AGENT_COLUMNS "WHERE owner > '' ORDER BY owner, id", &rows, fail)
                    : scan_prepare(s, SCAN_AGENTS_REST,
                                   AGENT_COLUMNS "WHERE owner = '' ORDER BY id", &rows, fail);
}

enum err scan_agents_next(struct scan *s, struct arena *a, struct scan_agent *out, bool *out_has,
                          struct fail *fail)
{
    sqlite3_stmt *rows = s->statements[s->agents];
    enum err err = db_next(&s->base, rows, out_has, fail);

    if (err == ERR_NONE && *out_has)
        read_agent(rows, a, out);
    return err;
}

static enum err one(struct scan *s, sqlite3_stmt *row, struct span key, struct arena *a,
                    struct scan_agent *out, bool *out_has, struct fail *fail)
{
    enum err err;

    db_bind_text(row, 1, key);
    err = db_next(&s->base, row, out_has, fail);
    if (err != ERR_NONE || !*out_has)
        return err;
    read_agent(row, a, out);
    (void)sqlite3_reset(row); /* it did not fail */
    return ERR_NONE;
}

static enum err need_ids(struct scan *s, struct fail *fail)
{
    return scan_need_index(s, &s->has_agent_ids, "CREATE INDEX agent_id ON agent (id)", fail);
}

enum err scan_agent_get(struct scan *s, struct arena *a, struct span id, struct scan_agent *out,
                        bool *out_has, struct fail *fail)
{
    sqlite3_stmt *row;
    enum err err = need_ids(s, fail);

    if (err == ERR_NONE)
        err = scan_prepare(s, SCAN_AGENT_GET, AGENT_COLUMNS "WHERE id = ?1", &row, fail);
    return err == ERR_NONE ? one(s, row, id, a, out, out_has, fail) : err;
}

enum err scan_agent_of_name(struct scan *s, struct arena *a, struct span user_name,
                            struct scan_agent *out, bool *out_has, struct fail *fail)
{
    sqlite3_stmt *row;
    enum err err = scan_need_index(s, &s->has_agent_names,
                                   "CREATE INDEX agent_name ON agent (user_name)", fail);

    if (err == ERR_NONE)
        err = scan_prepare(s, SCAN_AGENT_OF_NAME,
                           AGENT_COLUMNS "WHERE user_name = ?1 ORDER BY id LIMIT 1", &row, fail);
    return err == ERR_NONE ? one(s, row, user_name, a, out, out_has, fail) : err;
}

enum err scan_agent_take(struct scan *s, struct span id, struct fail *fail)
{
    sqlite3_stmt *take;
    enum err err = need_ids(s, fail);

    if (err == ERR_NONE)
        err = scan_prepare(s, SCAN_AGENT_TAKE, "UPDATE agent SET is_taken = 1 WHERE id = ?1", &take,
                           fail);
    if (err != ERR_NONE)
        return err;
    db_bind_text(take, 1, id);
    return db_run(&s->base, take, fail);
}

enum err scan_agents_count(struct scan *s, int64_t *out, struct fail *fail)
{
    sqlite3_stmt *row;
    enum err err = scan_prepare(s, SCAN_AGENTS_COUNT, "SELECT count(*) FROM agent", &row, fail);

    return err == ERR_NONE ? scan_number(s, row, out, fail) : err;
}
