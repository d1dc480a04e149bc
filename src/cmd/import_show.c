#include "cmd/import_show.h"

#include <inttypes.h>

#include "cmd/plan_print.h"
#include "cmd/table.h"

enum { FAULTS_SHOWN = 200, ROWS_SHOWN = 100, LINE_LIMIT = 16 * 1024 };

/* ---- what is wrong ---- */

static void print_fault(const struct import_show *s, const struct bulk_fault *fault,
                        struct buf *line)
{
    buf_clear(line);
    style_add(line, span_of(s->file));
    buf_printf(line, ":%u: ", fault->line);
    if (fault->column.n > 0) {
        buf_add_char(line, '\'');
        style_add(line, fault->column);
        buf_add_str(line, "': ");
    }
    style_add(line, span_of(fault->text));
    command_complain(s->i, "%s", line->p);
}

void import_show_faults(const struct import_show *s)
{
    const struct bulk *b = s->bulk;
    size_t shown = b->n_faults < FAULTS_SHOWN ? b->n_faults : FAULTS_SHOWN;
    size_t n = b->n_faults + b->n_more_faults;
    struct buf line;

    buf_init(&line, LINE_LIMIT);
    for (size_t i = 0; i < shown; i++)
        print_fault(s, &b->faults[i], &line);
    buf_done(&line);
    if (n > shown)
        command_complain(s->i, "… and %zu more", n - shown);
    command_complain(s->i, "%zu %s in the file; nothing was done. Mend them and say it again", n,
                     n == 1 ? "mistake" : "mistakes");
}

/* ---- what is to be done ---- */

static struct span name_of(const struct import_show *s, enum name_kind kind, struct span id)
{
    struct span name = s->names->name_of(s->names, kind, id);

    return name.n > 0 ? name : id;
}

static void add_profiles(struct table *table, const struct import_show *s,
                         const struct entitlement *e)
{
    struct buf text;

    buf_init(&text, LINE_LIMIT);
    for (size_t i = 0; i < e->n_security_profile_ids; i++) {
        buf_add_str(&text, i == 0 ? "" : ", ");
        buf_add(&text, name_of(s, NAME_SECURITY_PROFILE, e->security_profile_ids[i]));
    }
    table_add(table, buf_span(&text), COLOUR_NONE);
    buf_done(&text);
}

static void add_row(struct table *table, const struct import_show *s, const struct bulk_row *row,
                    enum import_verdict verdict)
{
    static const char *const what[IMPORT_VERDICTS] = {[IMPORT_NEW] = "create",
                                                      [IMPORT_GOES_ON] = "create: was begun before",
                                                      [IMPORT_KNOWN] =
                                                          "left alone: Roster manages it",
                                                      [IMPORT_EXISTS] = "left alone: exists"};
    const struct entitlement *e = &row->wanted;
    bool is_made = verdict == IMPORT_NEW || verdict == IMPORT_GOES_ON;
    struct buf name;

    buf_init(&name, LINE_LIMIT);
    buf_printf(&name, "%.*s %.*s", SPAN_ARG(e->first_name), SPAN_ARG(e->last_name));
    table_add_int(table, row->line);
    table_add(table, e->user_name, COLOUR_NONE);
    table_add(table, buf_span(&name), COLOUR_NONE);
    table_add(table, name_of(s, NAME_ROUTING_PROFILE, e->routing_profile_id), COLOUR_NONE);
    table_add(table, span_of(what[verdict]), is_made ? COLOUR_GOOD : COLOUR_FAINT);
    add_profiles(table, s, e);
    buf_done(&name);
}

static void print_notes(const struct import_show *s)
{
    for (size_t i = 0; i < s->bulk->n_notes; i++) {
        const struct bulk_note *note = &s->bulk->notes[i];

        (void)fprintf(s->i->out, "note: '%s' %s (%zu %s, from line %u)\n", bulk_title(note->column),
                      note->text, note->n, note->n == 1 ? "row" : "rows", note->line);
    }
}

static void print_summary(const struct import_show *s, const struct import *import)
{
    int64_t calls = import_calls(import);
    struct buf took;

    buf_init(&took, LINE_LIMIT);
    plan_add_duration(&took, import_seconds(import, s->settings));
    (void)fprintf(s->i->out, "\n%" PRId64 " to create, %zu left alone; %" PRId64 " %s, %s\n",
                  import_n(import), import->count[IMPORT_KNOWN] + import->count[IMPORT_EXISTS],
                  calls, calls == 1 ? "call" : "calls", took.p);
    buf_done(&took);
}

void import_show_rows(const struct import_show *s, const struct import *import)
{
    static const char *const titles[] = {
        "#LINE", "USER", "NAME", "ROUTING PROFILE", "WHAT", "SECURITY PROFILES", NULL};
    struct table table;

    table_init(&table, "", titles);
    for (size_t i = 0; i < s->bulk->n && i < ROWS_SHOWN; i++)
        add_row(&table, s, &s->bulk->rows[i], import->verdicts[i]);
    table_print(&table, s->i->out, &s->i->style);
    table_done(&table);
    if (s->bulk->n > ROWS_SHOWN)
        (void)fprintf(s->i->out, "… and %zu more\n", s->bulk->n - ROWS_SHOWN);
    print_summary(s, import);
    print_notes(s);
}

/* ---- what is not ---- */

void import_show_left_alone(const struct import_show *s, const struct import *import)
{
    size_t n = 0;
    struct buf line;

    buf_init(&line, LINE_LIMIT);
    for (size_t i = 0; i < s->bulk->n; i++) {
        const struct bulk_row *row = &s->bulk->rows[i];
        const struct bulk_fault fault = {
            .line = row->line,
            .column = SPAN(""),
            .text = import->verdicts[i] == IMPORT_KNOWN
                        ? "Roster manages an agent of this user name; it is left as it is"
                        : "an agent of this user name exists; it is left as it is"};

        if ((import->verdicts[i] != IMPORT_KNOWN && import->verdicts[i] != IMPORT_EXISTS) ||
            n++ >= FAULTS_SHOWN)
            continue;
        print_fault(s, &fault, &line);
    }
    buf_done(&line);
    if (n > FAULTS_SHOWN)
        command_complain(s->i, "… and %zu more", n - FAULTS_SHOWN);
}

void import_show_beyond(const struct import_show *s, const struct import *import, int64_t beyond)
{
    command_complain(s->i,
                     "%zu agents are to be made, and the instance has %zu of the %" PRId64
                     " that [Connect] MAX_AGENTS allows: %" PRId64
                     " are too many, so nothing was done. Have the quota of users raised, then "
                     "MAX_AGENTS, or take rows out of the file",
                     import->count[IMPORT_NEW], import->agents->n, s->settings->max_agents, beyond);
}
