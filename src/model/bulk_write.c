#include <inttypes.h>
#include <string.h>

#include "model/bulk.h"
#include "text/csv.h"

enum { ROW_LIMIT = 256 * 1024 };

struct form {
    const char *name;
    enum bulk_column columns[BULK_COLUMNS];
    size_t n;
};

static const struct form forms[BULK_FORMATS] = {
    [BULK_CONSOLE_2026] = {"console-2026",
                           {BULK_FIRST_NAME, BULK_LAST_NAME, BULK_USER_NAME, BULK_AGENT_HIERARCHY,
                            BULK_ROUTING_PROFILE, BULK_SECURITY_PROFILES, BULK_USER_HIERARCHY,
                            BULK_PHONE_TYPE, BULK_PHONE_NUMBER, BULK_TAGS,
                            BULK_PERSISTENT_CONNECTION, BULK_AUDIO_ENHANCEMENT},
                           12},
    [BULK_CONSOLE_2023] = {"console-2023",
                           {BULK_FIRST_NAME, BULK_LAST_NAME, BULK_EMAIL, BULK_SECONDARY_EMAIL,
                            BULK_MOBILE, BULK_PASSWORD, BULK_USER_NAME, BULK_AGENT_HIERARCHY,
                            BULK_ROUTING_PROFILE, BULK_SECURITY_PROFILES, BULK_USER_HIERARCHY,
                            BULK_PHONE_TYPE, BULK_PHONE_NUMBER, BULK_AUTO_ACCEPT,
                            BULK_AFTER_CONTACT_WORK, BULK_TAGS},
                           16},
    [BULK_ROSTER] = {"roster",
                     {BULK_USER_NAME, BULK_FIRST_NAME, BULK_LAST_NAME, BULK_EMAIL,
                      BULK_SECONDARY_EMAIL, BULK_MOBILE, BULK_ROUTING_PROFILE,
                      BULK_SECURITY_PROFILES, BULK_AGENT_HIERARCHY, BULK_PHONE_TYPE,
                      BULK_PHONE_NUMBER, BULK_AUTO_ACCEPT, BULK_AFTER_CONTACT_WORK,
                      BULK_PERSISTENT_CONNECTION, BULK_TAGS, BULK_PROFICIENCIES, BULK_OKTA_ID,
                      BULK_AGENT_ID, BULK_STATE},
                     19},
};

const char *bulk_format_name(enum bulk_format format)
{
    return (unsigned)format < BULK_FORMATS ? forms[format].name : "";
}

bool bulk_format_parse(struct span name, enum bulk_format *out)
{
    for (int f = 0; f < BULK_FORMATS; f++) {
        if (!span_eq(name, span_of(forms[f].name)))
            continue;
        *out = (enum bulk_format)f;
        return true;
    }
    return false;
}

void bulk_add_titles(struct buf *out, enum bulk_format format)
{
    const struct form *form = &forms[format];
    struct span fields[BULK_COLUMNS];

    for (size_t i = 0; i < form->n; i++)
        fields[i] = span_of(bulk_title(form->columns[i]));
    csv_add_row(out, ',', fields, form->n, false);
}

/* ---- cells ---- */

struct writing {
    enum bulk_format format;
    const struct entitlement *e;
    const struct bulk_about *about;
    const struct names *names;
};

static struct span name_of(const struct writing *w, enum name_kind kind, struct span id)
{
    struct span name = id.n == 0 ? id : w->names->name_of(w->names, kind, id);

    return name.n > 0 ? name : id;
}

static void add_separated(struct buf *cell, size_t start)
{
    if (cell->n > start)
        buf_add_char(cell, '|');
}

static void add_security_profiles(struct buf *cell, const struct writing *w)
{
    size_t start = cell->n;

    for (size_t i = 0; i < w->e->n_security_profile_ids; i++) {
        add_separated(cell, start);
        buf_add(cell, name_of(w, NAME_SECURITY_PROFILE, w->e->security_profile_ids[i]));
    }
}

/* Roster writes a path as its rules have it, the console with "|" between. */
static void add_hierarchy(struct buf *cell, const struct writing *w)
{
    struct span path = name_of(w, NAME_HIERARCHY_GROUP, w->e->hierarchy_group_id);

    for (size_t i = 0; i < path.n; i++)
        buf_add_char(cell, path.p[i] == '/' && w->format != BULK_ROSTER ? '|' : path.p[i]);
}

static void add_yes(struct buf *cell, int64_t value)
{
    buf_add_str(cell, value == CHANNEL_UNSET ? "" : value != 0 ? "yes" : "no");
}

static void add_seconds(struct buf *cell, int64_t value)
{
    if (value != CHANNEL_UNSET)
        buf_printf(cell, "%" PRId64, value);
}

static void add_channels(struct buf *cell, const struct writing *w,
                         const int64_t values[static CHANNELS], void (*add)(struct buf *, int64_t))
{
    size_t start = cell->n;

    if (!w->e->phone.is_per_channel || w->format != BULK_ROSTER) {
        add(cell, values[0]);
        return;
    }
    for (int c = 0; c < CHANNELS; c++) {
        if (values[c] == CHANNEL_UNSET)
            continue;
        add_separated(cell, start);
        buf_printf(cell, "%s:", channel_name((enum channel)c));
        add(cell, values[c]);
    }
}

static void add_tags(struct buf *cell, const struct writing *w)
{
    size_t start = cell->n;

    for (size_t i = 0; i < w->e->n_tags; i++) {
        if (span_starts(w->e->tags[i].key, SPAN("roster:")))
            continue;
        add_separated(cell, start);
        buf_add(cell, w->e->tags[i].key);
        buf_add_char(cell, '=');
        buf_add(cell, w->e->tags[i].value);
    }
}

static void add_proficiencies(struct buf *cell, const struct writing *w)
{
    for (size_t i = 0; i < w->e->n_proficiencies; i++) {
        buf_add_str(cell, i == 0 ? "" : "|");
        buf_add(cell, w->e->proficiencies[i].attribute);
        buf_add_char(cell, ':');
        buf_add(cell, w->e->proficiencies[i].value);
        buf_printf(cell, "=%g", w->e->proficiencies[i].level);
    }
}

static void add_lists(struct buf *cell, const struct writing *w, enum bulk_column column)
{
    if (column == BULK_SECURITY_PROFILES)
        add_security_profiles(cell, w);
    else if (column == BULK_AGENT_HIERARCHY || column == BULK_USER_HIERARCHY)
        add_hierarchy(cell, w);
    else if (column == BULK_AUTO_ACCEPT)
        add_channels(cell, w, w->e->phone.auto_accept, add_yes);
    else if (column == BULK_AFTER_CONTACT_WORK)
        add_channels(cell, w, w->e->phone.after_contact_work_s, add_seconds);
    else if (column == BULK_PERSISTENT_CONNECTION)
        add_yes(cell, w->e->phone.persistent_connection);
    else if (column == BULK_TAGS)
        add_tags(cell, w);
    else if (column == BULK_PROFICIENCIES)
        add_proficiencies(cell, w);
}

static struct span text_of(const struct writing *w, enum bulk_column column)
{
    const struct entitlement *e = w->e;

    switch (column) {
    case BULK_FIRST_NAME:
        return e->first_name;
    case BULK_LAST_NAME:
        return e->last_name;
    case BULK_EMAIL:
        return e->email;
    case BULK_SECONDARY_EMAIL:
        return e->secondary_email;
    case BULK_MOBILE:
        return e->mobile;
    case BULK_USER_NAME:
        return e->user_name;
    case BULK_ROUTING_PROFILE:
        return name_of(w, NAME_ROUTING_PROFILE, e->routing_profile_id);
    case BULK_PHONE_TYPE:
        return e->routing_profile_id.n == 0 ? SPAN("")
               : e->phone.has_desk_phone    ? SPAN("desk")
                                            : SPAN("soft");
    case BULK_PHONE_NUMBER:
        return e->phone.desk_number;
    case BULK_OKTA_ID:
        return w->about->okta_id;
    case BULK_AGENT_ID:
        return w->about->agent_id;
    case BULK_STATE:
        return w->about->state;
    default:
        return SPAN("");
    }
}

void bulk_add_agent(struct buf *out, enum bulk_format format, const struct entitlement *e,
                    const struct bulk_about *about, const struct names *names)
{
    const struct writing w = {format, e, about, names};
    const struct form *form = &forms[format];
    struct span fields[BULK_COLUMNS];
    size_t starts[BULK_COLUMNS + 1];
    struct buf cells;

    buf_init(&cells, ROW_LIMIT);
    for (size_t i = 0; i < form->n; i++) {
        starts[i] = cells.n;
        buf_add(&cells, text_of(&w, form->columns[i]));
        add_lists(&cells, &w, form->columns[i]);
    }
    starts[form->n] = cells.n;
    for (size_t i = 0; i < form->n; i++)
        fields[i] = (struct span){cells.p + starts[i], starts[i + 1] - starts[i]};
    csv_add_row(out, ',', fields, form->n, false);
    buf_done(&cells);
}
