/* Agents: those with an owner in the order of owners, then those without. */
#include "store/scan_private.h"

#define AGENT_FIELDS "owner, id, arn, user_name, entitlement, is_described"

enum err scan_sort_agents(struct scan *s, struct fail *fail)
{
    return scan_sort_heap(s, &s->are_agents_heaped,
                          "INSERT OR REPLACE INTO agent (" AGENT_FIELDS ", is_taken)"
                          " SELECT " AGENT_FIELDS ", 0 FROM agent_heap ORDER BY owner, id, number",
                          fail);
}

static enum err need_ids(struct scan *s, struct fail *fail)
{
    enum err err = scan_sort_agents(s, fail);

    return err == ERR_NONE
               ? scan_need_index(s, &s->has_agent_ids, "CREATE INDEX agent_id ON agent (id)", fail)
               : err;
}

/* What a listing said of it: its owner may be another one by now. */
static enum err forget(struct scan *s, struct span id, struct fail *fail)
{
    sqlite3_stmt *row;
    enum err err = need_ids(s, fail);

    if (err == ERR_NONE)
        err = scan_prepare(s, SCAN_AGENT_REMOVE, "DELETE FROM agent WHERE id = ?1", &row, fail);
    if (err != ERR_NONE)
        return err;
    db_bind_text(row, 1, id);
    return db_run(&s->base, row, fail);
}

enum err scan_agent_put(struct scan *s, const struct scan_agent *agent, struct fail *fail)
{
    sqlite3_stmt *put;
    enum err err = agent->is_described ? forget(s, agent->id, fail) : ERR_NONE;

    if (err == ERR_NONE && s->are_agents_heaped)
        err = scan_prepare(s, SCAN_AGENT_HEAP,
                           "INSERT INTO agent_heap (" AGENT_FIELDS ")"
                           " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                           &put, fail);
    else if (err == ERR_NONE)
        err = scan_prepare(s, SCAN_AGENT_PUT,
                           "INSERT OR REPLACE INTO agent (" AGENT_FIELDS ", is_taken)"
                           " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)",
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

#define AGENT_COLUMNS "SELECT " AGENT_FIELDS ", is_taken FROM agent "

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
    enum err err = scan_sort_agents(s, fail);

    if (err != ERR_NONE)
        return err;
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

enum err scan_agent_get(struct scan *s, struct arena *a, struct span id, struct scan_agent *out,
                        bool *out_has, struct fail *fail)
{
    sqlite3_stmt *row;
    enum err err = need_ids(s, fail);

    if (err == ERR_NONE)
        err = scan_prepare(s, SCAN_AGENT_GET, AGENT_COLUMNS "WHERE id = ?1", &row, fail);
    return err == ERR_NONE ? one(s, row, id, a, out, out_has, fail) : err;
}

enum err scan_agent_after(struct scan *s, struct arena *a, struct span owner, struct span id,
                          struct scan_agent *out, bool *out_has, struct fail *fail)
{
    sqlite3_stmt *row;
    enum err err = scan_sort_agents(s, fail);

    if (err == ERR_NONE)
        err = scan_prepare(s, SCAN_AGENT_AFTER,
                           AGENT_COLUMNS "WHERE owner > '' AND (owner, id) > (?1, ?2)"
                                         " ORDER BY owner, id LIMIT 1",
                           &row, fail);
    if (err != ERR_NONE)
        return err;
    db_bind_text(row, 2, id);
    return one(s, row, owner, a, out, out_has, fail);
}

enum err scan_agents_of(struct scan *s, struct arena *a, struct span owner, size_t max,
                        struct scan_agent *out, size_t *out_n, struct fail *fail)
{
    sqlite3_stmt *rows;
    bool has = true;
    size_t n = 0;
    enum err err = scan_sort_agents(s, fail);

    if (err == ERR_NONE)
        err =
            scan_prepare(s, SCAN_AGENTS_OF,
                         AGENT_COLUMNS "WHERE owner = ?1 AND owner > '' ORDER BY id", &rows, fail);
    if (err != ERR_NONE)
        return err;
    db_bind_text(rows, 1, owner);
    while (n < max) {
        err = db_next(&s->base, rows, &has, fail);
        if (err != ERR_NONE)
            return err;
        if (!has)
            break;
        read_agent(rows, a, &out[n++]);
    }
    (void)sqlite3_reset(rows); /* it did not fail */
    *out_n = n;
    return ERR_NONE;
}

enum err scan_agent_of_name(struct scan *s, struct arena *a, struct span user_name,
                            struct scan_agent *out, bool *out_has, struct fail *fail)
{
    sqlite3_stmt *row;
    enum err err = scan_sort_agents(s, fail);

    if (err == ERR_NONE)
        err = scan_need_index(s, &s->has_agent_names,
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

enum err scan_agents_holding(struct scan *s, struct span security_profile_id, int64_t *out,
                             struct fail *fail)
{
    sqlite3_stmt *row;
    enum err err = scan_sort_agents(s, fail);

    if (err == ERR_NONE)
        err =
            scan_prepare(s, SCAN_AGENTS_HOLDING,
                         "SELECT count(*) FROM agent WHERE instr(entitlement, ?1) > 0", &row, fail);
    if (err != ERR_NONE)
        return err;
    db_bind_text(row, 1, security_profile_id);
    return scan_number(s, row, out, fail);
}

enum err scan_agents_count(struct scan *s, int64_t *out, struct fail *fail)
{
    sqlite3_stmt *row;
    enum err err = scan_sort_agents(s, fail);

    if (err == ERR_NONE)
        err = scan_prepare(s, SCAN_AGENTS_COUNT,
                           "SELECT count(*) FROM agent WHERE entitlement <> ''", &row, fail);
    return err == ERR_NONE ? scan_number(s, row, out, fail) : err;
}
