#include "cmd/plan_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/random.h"
#include "crypt/digest.h"
#include "engine/rules_digest.h"
#include "text/json.h"
#include "text/time.h"

enum { FORMAT = 1, LINE_LIMIT = 64 * 1024, ID_BYTES = 4 };

struct span plan_file_id(struct arena *a)
{
    uint8_t bytes[ID_BYTES];
    char *id = arena_new(a, 2 * ID_BYTES + 1, 1);

    random_bytes(bytes, sizeof(bytes));
    hex_encode(bytes, sizeof(bytes), id);
    return span_n(id, 2 * (size_t)ID_BYTES);
}

/* ---- writing ---- */

/* The digest of a line is that of the line before and the line itself. */
struct writing {
    FILE *file;
    struct buf line;
    char digest[SHA256_HEX];
    int64_t changes;
};

static void chain(char digest[static SHA256_HEX], struct span line)
{
    struct buf b;

    buf_init(&b, LINE_LIMIT + SHA256_HEX);
    buf_add(&b, span_n(digest, SHA256_HEX));
    buf_add(&b, line);
    sha256_hex(buf_span(&b), digest);
    buf_done(&b);
}

static void put_line(struct writing *w)
{
    chain(w->digest, buf_span(&w->line));
    (void)fprintf(w->file, "%s\n", w->line.p); /* seen at the end, by ferror */
    buf_clear(&w->line);
}

static void put_time(struct json_out *out, const char *key, int64_t ms)
{
    struct buf text;

    buf_init(&text, 64);
    time_add_ms(&text, ms);
    json_put_str(out, key, buf_span(&text));
    buf_done(&text);
}

static void put_head(struct writing *w, const struct plan_head *head)
{
    struct json_out out = json_out(&w->line);

    json_out_begin(&out, '{');
    json_put_int(&out, "roster_plan", FORMAT);
    json_put_str(&out, "id", head->id);
    put_time(&out, "created", head->created_ms);
    put_time(&out, "valid_until", head->valid_until_ms);
    json_put_str(&out, "instance", head->instance);
    json_put_str(&out, "rules", head->rules);
    json_put_int(&out, "changes", head->changes);
    json_out_end(&out, '}');
    put_line(w);
}

static void put_change(struct writing *w, const struct scan_change *change)
{
    struct json_out out = json_out(&w->line);

    json_out_begin(&out, '{');
    json_put_str(&out, "okta_id", change->user_id);
    json_put_str(&out, "user", change->user);
    json_put_str(&out, "action", span_of(drift_action_name((enum drift_action)change->action)));
    json_put_str(&out, "digest", change->digest);
    json_out_end(&out, '}');
    put_line(w);
}

static enum err put_changes(struct writing *w, struct proposal *p, struct fail *fail)
{
    enum err err = ERR_NONE;

    for (int action = 0; err == ERR_NONE && action <= DRIFT_ADOPT; action++) {
        bool has = true;

        err = scan_changes_first(p->options.scan, action, fail);
        while (err == ERR_NONE && has) {
            struct scan_change change;
            struct arena a = {0};

            err = scan_changes_next(p->options.scan, &a, &change, &has, fail);
            if (err == ERR_NONE && has)
                put_change(w, &change);
            arena_done(&a);
        }
    }
    return err;
}

static void put_end(struct writing *w)
{
    struct json_out out = json_out(&w->line);

    json_out_begin(&out, '{');
    json_put_str(&out, "end", span_n(w->digest, SHA256_HEX));
    json_out_end(&out, '}');
    (void)fprintf(w->file, "%s\n", w->line.p); /* seen at the end, by ferror */
}

/* A file that was there keeps its modes otherwise. */
static bool make_private(int fd)
{
    struct stat info;

    return fd >= 0 && fstat(fd, &info) == 0 && (!S_ISREG(info.st_mode) || fchmod(fd, 0600) == 0);
}

static FILE *open_file(const char *path, struct fail *fail)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    FILE *file = make_private(fd) ? fdopen(fd, "w") : NULL;

    if (file == NULL)
        (void)fail_errno(fail, ERR_IO, errno, "write the plan to %s", path);
    if (file == NULL && fd >= 0)
        (void)close(fd);
    return file;
}

static int64_t count(const struct proposal *p)
{
    int64_t n = 0;

    for (int action = 0; action <= DRIFT_ADOPT; action++)
        n += p->count[action];
    return n;
}

enum err plan_file_write(const char *path, struct proposal *p, const struct settings *s,
                         int64_t valid_ms, int64_t now_ms, struct arena *a, struct plan_head *out,
                         struct fail *fail)
{
    char rules[SHA256_HEX + 1];
    struct writing w = {.file = open_file(path, fail)};
    enum err err;
    bool is_bad;

    if (w.file == NULL)
        return ERR_IO;
    plan_digest(s, rules);
    *out = (struct plan_head){.id = plan_file_id(a),
                              .created_ms = now_ms,
                              .valid_until_ms = now_ms + valid_ms,
                              .instance = s->instance_id,
                              .rules = arena_span(a, span_of(rules)),
                              .changes = count(p)};
    memset(w.digest, '0', sizeof(w.digest));
    buf_init(&w.line, LINE_LIMIT);
    put_head(&w, out);
    err = put_changes(&w, p, fail);
    put_end(&w);
    buf_done(&w.line);
    is_bad = ferror(w.file) != 0;
    is_bad = fclose(w.file) != 0 || is_bad;
    if (err == ERR_NONE && is_bad)
        err = fail_errno(fail, ERR_IO, errno, "write the plan to %s", path);
    return err;
}

/* ---- reading ---- */

struct plan_reading {
    const char *path;
    struct scan *scan;
    struct arena *arena;
    struct plan_head head;
    char digest[SHA256_HEX];
    int64_t changes;
    bool has_head, has_end;
};

static enum err is_no_plan(const struct plan_reading *r, const char *why, struct fail *fail)
{
    return fail_set(fail, ERR_INPUT, "%s is no plan of `roster plan --out`: %s; plan again",
                    r->path, why);
}

static bool read_time(const struct json *line, const char *key, int64_t *out_ms)
{
    int64_t ns;

    if (!time_parse(json_str(line, key), &ns))
        return false;
    *out_ms = ns / 1000000;
    return true;
}

static enum err read_head(struct plan_reading *r, const struct json *line, struct fail *fail)
{
    int64_t format = json_int(line, "roster_plan", 0);

    if (format > FORMAT)
        return is_no_plan(r, "it was written by a newer roster", fail);
    if (format != FORMAT || !read_time(line, "created", &r->head.created_ms) ||
        !read_time(line, "valid_until", &r->head.valid_until_ms))
        return is_no_plan(r, "it does not begin as one", fail);
    r->head.id = arena_span(r->arena, json_str(line, "id"));
    r->head.instance = arena_span(r->arena, json_str(line, "instance"));
    r->head.rules = arena_span(r->arena, json_str(line, "rules"));
    r->head.changes = json_int(line, "changes", -1);
    r->has_head = true;
    return ERR_NONE;
}

static enum err read_change(struct plan_reading *r, const struct json *line, struct fail *fail)
{
    struct scan_saved row = {.user_id = json_str(line, "okta_id"),
                             .user = json_str(line, "user"),
                             .digest = json_str(line, "digest"),
                             .action = -1};

    for (int action = 0; action <= DRIFT_ADOPT; action++)
        if (span_eq(json_str(line, "action"),
                    span_of(drift_action_name((enum drift_action)action))))
            row.action = action;
    if (row.user_id.n == 0 || row.digest.n == 0 || row.action < 0)
        return is_no_plan(r, "a line is none of a plan's", fail);
    r->changes++;
    return scan_saved_put(r->scan, &row, fail);
}

static enum err read_line(struct plan_reading *r, struct span text, struct fail *fail)
{
    struct json *line;
    struct span end;
    enum err err;

    if (r->has_end)
        return is_no_plan(r, "it goes on behind its end", fail);
    if (json_parse(text, &line, NULL) != ERR_NONE)
        return is_no_plan(r, "a line is no JSON", fail);
    end = json_str(line, "end");
    if (!r->has_head) {
        err = read_head(r, line, fail);
    } else if (end.p != NULL) {
        r->has_end = true;
        err = span_eq(end, span_n(r->digest, SHA256_HEX)) && r->changes == r->head.changes
                  ? ERR_NONE
                  : is_no_plan(r, "it was changed since it was written", fail);
    } else {
        err = read_change(r, line, fail);
    }
    chain(r->digest, text);
    json_free(line);
    return err;
}

/* False at the end of the file. A line that is too long leaves line full. */
static bool next_line(FILE *file, struct buf *line)
{
    int c = getc_unlocked(file);

    buf_clear(line);
    if (c == EOF)
        return false;
    for (; c != EOF && c != '\n' && !line->full; c = getc_unlocked(file))
        buf_add_char(line, (char)c);
    return true;
}

static enum err read_lines(struct plan_reading *r, FILE *file, struct fail *fail)
{
    enum err err = ERR_NONE;
    struct buf line;

    buf_init(&line, LINE_LIMIT);
    while (err == ERR_NONE && next_line(file, &line))
        err = line.full ? is_no_plan(r, "a line is too long", fail)
                        : read_line(r, buf_span(&line), fail);
    buf_done(&line);
    if (err == ERR_NONE && ferror(file) != 0)
        err = fail_errno(fail, ERR_IO, errno, "read the plan %s", r->path);
    if (err == ERR_NONE && !r->has_end)
        err = is_no_plan(r, "its end is missing", fail);
    return err;
}

enum err plan_file_read(const char *path, struct scan *scan, struct arena *a, struct plan_head *out,
                        struct fail *fail)
{
    struct plan_reading r = {.path = path, .scan = scan, .arena = a};
    FILE *file = fopen(path, "re");
    enum err err;

    if (file == NULL)
        return fail_errno(fail, ERR_IO, errno, "read the plan %s", path);
    memset(r.digest, '0', sizeof(r.digest));
    err = read_lines(&r, file, fail);
    (void)fclose(file); /* only read */
    if (err == ERR_NONE)
        *out = r.head;
    return err;
}

/* ---- does it still hold? ---- */

enum err plan_file_check(const struct plan_head *head, const struct settings *s, int64_t max_age_ms,
                         int64_t now_ms, struct fail *fail)
{
    char rules[SHA256_HEX + 1];

    plan_digest(s, rules);
    if (!span_eq(head->instance, s->instance_id))
        return fail_set(fail, ERR_CONFLICT,
                        "the plan is one for the instance %.*s, and the configuration names "
                        "%.*s; plan again",
                        SPAN_ARG(head->instance), SPAN_ARG(s->instance_id));
    if (!span_eq(head->rules, span_of(rules)))
        return fail_set(fail, ERR_CONFLICT,
                        "the configuration has changed since the plan was made; plan again");
    if (now_ms > head->valid_until_ms || now_ms < head->created_ms - 60 * 1000 ||
        (max_age_ms > 0 && now_ms > head->created_ms + max_age_ms))
        return fail_set(fail, ERR_CONFLICT,
                        "the plan has expired; plan again (--valid says how long a plan holds)");
    return ERR_NONE;
}
