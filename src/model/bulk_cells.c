/* What stands in the cells of a row. */
#include <string.h>

#include "base/utf8.h"
#include "model/bulk_private.h"

/* Facts: https://docs.aws.amazon.com/connect/latest/APIReference/API_CreateUser.html and the pages
 * of UserIdentityInfo, UserPhoneConfig, UserProficiency and TagResource. Lengths in characters. */
enum {
    FIRST_NAME_MAX = 255,
    LAST_NAME_MAX = 300,
    LAST_NAME_MAX_MANAGED = 256,
    EMAIL_MAX = 265,
    AFTER_CONTACT_WORK_MAX = 2000000,
    NAME_LIMIT = 8 * 1024,
};

static void note(struct bulk_reading *r, enum bulk_column column, const char *text)
{
    struct bulk *b = r->bulk;

    for (size_t i = 0; i < b->n_notes; i++) {
        if (b->notes[i].column == column) {
            b->notes[i].n++;
            return;
        }
    }
    b->notes[b->n_notes++] = (struct bulk_note){column, r->line, 1, text};
}

static bool is_word(struct span cell, const char *word)
{
    return span_eq_nocase(cell, span_of(word));
}

/* ---- identity ---- */

static struct span read_name(struct bulk_reading *r, enum bulk_column column, size_t max)
{
    struct buf clean;
    struct span name = SPAN("");

    buf_init(&clean, NAME_LIMIT);
    if (r->cells[column].n > NAME_LIMIT / 2 || !utf8_add_clean_name(&clean, r->cells[column]) ||
        utf8_length(buf_span(&clean)) > max)
        bulk_fault(r, column, "it is longer than %zu characters", max);
    else if (clean.n == 0)
        bulk_fault(r, column, "it is missing");
    else
        name = arena_span(&r->bulk->arena, buf_span(&clean));
    buf_done(&clean);
    return name;
}

/* UserIdentityInfo's pattern: [a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,63} */
static bool is_email(struct span text)
{
    size_t at = span_find(text, '@'), dot = text.n;

    if (text.n > EMAIL_MAX || at == 0 || at == text.n)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        if (i == at)
            continue;
        if (c == '\0' ||
            (!is_letter && !(c >= '0' && c <= '9') && strchr(i < at ? "._%+-" : ".-", c) == NULL))
            return false;
        if (i > at && c == '.')
            dot = i;
        else if (i > dot && !is_letter)
            dot = text.n;
    }
    return dot > at + 1 && text.n - dot > 2 && text.n - dot <= 64;
}

static struct span read_email(struct bulk_reading *r, enum bulk_column column)
{
    if (r->cells[column].n == 0 || is_email(r->cells[column]))
        return r->cells[column];
    bulk_fault(r, column, "'%s' is no e-mail address that Amazon Connect takes",
               bulk_shown(r->bulk, r->cells[column]));
    return SPAN("");
}

static struct span read_phone_number(struct bulk_reading *r, enum bulk_column column)
{
    struct span number;

    if (r->cells[column].n == 0)
        return SPAN("");
    number = rules_desk_number(&r->bulk->arena, r->cells[column]);
    if (number.p != NULL)
        return number;
    bulk_fault(r, column, "'%s' is no number with its country, as +4930123456",
               bulk_shown(r->bulk, r->cells[column]));
    return SPAN("");
}

static void read_identity(struct bulk_reading *r)
{
    struct span user_name = r->cells[BULK_USER_NAME];
    const char *fault = rules_user_name_fault(user_name, r->identity);
    bool is_managed = r->identity == IDENTITY_MANAGED;

    if (user_name.n == 0)
        bulk_fault(r, BULK_USER_NAME, "it is missing");
    else if (fault != NULL)
        bulk_fault(r, BULK_USER_NAME, "'%s' %s", bulk_shown(r->bulk, user_name), fault);
    r->e->user_name = user_name;
    r->e->first_name = read_name(r, BULK_FIRST_NAME, FIRST_NAME_MAX);
    r->e->last_name =
        read_name(r, BULK_LAST_NAME, is_managed ? LAST_NAME_MAX_MANAGED : LAST_NAME_MAX);
    r->e->email = read_email(r, BULK_EMAIL);
    r->e->secondary_email = read_email(r, BULK_SECONDARY_EMAIL);
    r->e->mobile = read_phone_number(r, BULK_MOBILE);
    if (!is_managed && r->cells[BULK_EMAIL].n > 0) {
        note(r, BULK_EMAIL, "is left out: only an instance that keeps passwords itself takes one");
        r->e->email = SPAN("");
    }
    if (r->cells[BULK_PASSWORD].n > 0)
        note(r, BULK_PASSWORD,
             is_managed ? "is not used: each user gets a random one, and sets another by 'Forgot "
                          "password'"
                        : "is not used: users do not sign in to this instance with one");
}

/* ---- lists ---- */

static void read_security_profiles(struct bulk_reading *r)
{
    struct span *ids = arena_new(&r->bulk->arena, ENTITLEMENT_SECURITY_PROFILES, sizeof(*ids));
    struct span rest = r->cells[BULK_SECURITY_PROFILES], part;
    size_t n = 0;

    while (bulk_next_part(&rest, &part)) {
        bool is_repeated = false;

        for (size_t i = 0; i < n; i++)
            is_repeated = is_repeated || span_eq(ids[i], part);
        if (is_repeated)
            continue;
        if (n == ENTITLEMENT_SECURITY_PROFILES) {
            bulk_fault(r, BULK_SECURITY_PROFILES, "there are more than %d",
                       ENTITLEMENT_SECURITY_PROFILES);
            break;
        }
        ids[n++] = part;
    }
    if (n == 0)
        bulk_fault(r, BULK_SECURITY_PROFILES, "it is missing");
    r->e->security_profile_ids = ids;
    r->e->n_security_profile_ids = n;
}

/* "Site|Team" and "Site/Team" are the path "Site/Team". */
static struct span read_path(struct bulk_reading *r, enum bulk_column column)
{
    struct span rest = r->cells[column], part, path;
    struct buf joined;

    buf_init(&joined, NAME_LIMIT);
    while (bulk_next_part(&rest, &part)) {
        if (joined.n > 0)
            buf_add_char(&joined, '/');
        buf_add(&joined, part);
    }
    if (joined.full)
        bulk_fault(r, column, "it is too long");
    path = arena_span(&r->bulk->arena, buf_span(&joined));
    buf_done(&joined);
    return path;
}

/* Of two columns that say it the longer path counts, when the other one is its end. */
static void read_hierarchy(struct bulk_reading *r)
{
    struct span agent = read_path(r, BULK_AGENT_HIERARCHY),
                user = read_path(r, BULK_USER_HIERARCHY);
    struct span longer = agent.n >= user.n ? agent : user,
                shorter = agent.n >= user.n ? user : agent;

    r->e->hierarchy_group_id = longer;
    if (shorter.n == 0 || span_eq(longer, shorter))
        return;
    if (!span_ends(longer, shorter) || longer.p[longer.n - shorter.n - 1] != '/')
        bulk_fault(r, BULK_USER_HIERARCHY, "'%s' is not '%s' in the other column",
                   bulk_shown(r->bulk, user), bulk_shown(r->bulk, agent));
}

/* ---- phone ---- */

static bool read_yes(struct span cell, int64_t *out)
{
    bool is_yes = is_word(cell, "yes") || is_word(cell, "true"),
         is_no = is_word(cell, "no") || is_word(cell, "false");

    *out = is_yes;
    return is_yes || is_no;
}

static bool read_seconds(struct span cell, int64_t *out)
{
    int64_t value = 0;

    for (size_t i = 0; i < cell.n; i++) {
        if (cell.p[i] < '0' || cell.p[i] > '9' || value > AFTER_CONTACT_WORK_MAX)
            return false;
        value = 10 * value + (cell.p[i] - '0');
    }
    *out = value;
    return cell.n > 0 && value <= AFTER_CONTACT_WORK_MAX;
}

/* "VOICE:yes" */
static bool read_channel(struct span part, bool (*read)(struct span, int64_t *),
                         int64_t values[static CHANNELS])
{
    size_t colon = span_find(part, ':');
    struct span name = span_trim((struct span){part.p, colon});

    if (colon == part.n)
        return false;
    for (int c = 0; c < CHANNELS; c++)
        if (is_word(name, channel_name((enum channel)c)))
            return read(span_trim((struct span){part.p + colon + 1, part.n - colon - 1}),
                        &values[c]);
    return false;
}

/* One value for all channels, or "VOICE:yes|CHAT:no". */
static void read_channels(struct bulk_reading *r, enum bulk_column column, const char *form,
                          bool (*read)(struct span, int64_t *), int64_t values[static CHANNELS],
                          bool *is_per_channel)
{
    struct span cell = r->cells[column], rest = cell, part;

    *is_per_channel = false;
    for (int c = 0; c < CHANNELS; c++)
        values[c] = CHANNEL_UNSET;
    if (cell.n == 0 || read(cell, &values[0]))
        return;
    values[0] = CHANNEL_UNSET;
    while (bulk_next_part(&rest, &part)) {
        *is_per_channel = true;
        if (!read_channel(part, read, values)) {
            bulk_fault(r, column, "'%s' is not %s", bulk_shown(r->bulk, cell), form);
            return;
        }
    }
}

static void spread(int64_t values[static CHANNELS], bool is_per_channel)
{
    for (int c = 1; !is_per_channel && c < CHANNELS; c++)
        values[c] = values[0];
}

static void read_phone_type(struct bulk_reading *r, struct phone *phone)
{
    struct span type = r->cells[BULK_PHONE_TYPE];
    bool is_desk =
             is_word(type, "desk") || is_word(type, "desk_phone") || is_word(type, "desk phone"),
         is_soft = type.n == 0 || is_word(type, "soft") || is_word(type, "soft_phone") ||
                   is_word(type, "soft phone");

    phone->has_desk_phone = is_desk;
    if (!is_desk && !is_soft) {
        bulk_fault(r, BULK_PHONE_TYPE, "'%s' is neither soft nor desk", bulk_shown(r->bulk, type));
        return;
    }
    phone->desk_number = read_phone_number(r, BULK_PHONE_NUMBER);
    if (is_desk && r->cells[BULK_PHONE_NUMBER].n == 0)
        bulk_fault(r, BULK_PHONE_NUMBER, "it is missing, and the phone is a desk phone");
    if (!is_desk && r->cells[BULK_PHONE_NUMBER].n > 0)
        note(r, BULK_PHONE_NUMBER, "is left out where the phone is a soft phone");
    if (!is_desk)
        phone->desk_number = SPAN("");
}

static void read_phone(struct bulk_reading *r)
{
    struct phone *phone = &r->e->phone;
    struct span persistent = r->cells[BULK_PERSISTENT_CONNECTION];
    bool is_accept_each, is_work_each;

    read_phone_type(r, phone);
    read_channels(r, BULK_AUTO_ACCEPT, "yes, no, or CHANNEL:yes|CHANNEL:no", read_yes,
                  phone->auto_accept, &is_accept_each);
    read_channels(r, BULK_AFTER_CONTACT_WORK,
                  "a number of seconds (0 to 2000000, 0 = without an end), or CHANNEL:20|CHANNEL:0",
                  read_seconds, phone->after_contact_work_s, &is_work_each);
    phone->is_per_channel = is_accept_each || is_work_each;
    if (phone->is_per_channel) {
        spread(phone->auto_accept, is_accept_each);
        spread(phone->after_contact_work_s, is_work_each);
    }
    phone->persistent_connection = CHANNEL_UNSET;
    if (persistent.n > 0 && !read_yes(persistent, &phone->persistent_connection)) {
        phone->persistent_connection = CHANNEL_UNSET;
        bulk_fault(r, BULK_PERSISTENT_CONNECTION, "'%s' is neither yes nor no",
                   bulk_shown(r->bulk, persistent));
    }
    if (r->cells[BULK_AUDIO_ENHANCEMENT].n > 0 &&
        !is_word(r->cells[BULK_AUDIO_ENHANCEMENT], "none"))
        note(r, BULK_AUDIO_ENHANCEMENT, "is not set by Roster; set it in Amazon Connect");
}

void bulk_read_cells(struct bulk_reading *r)
{
    read_identity(r);
    read_security_profiles(r);
    r->e->routing_profile_id = r->cells[BULK_ROUTING_PROFILE];
    if (r->cells[BULK_ROUTING_PROFILE].n == 0)
        bulk_fault(r, BULK_ROUTING_PROFILE, "it is missing");
    read_hierarchy(r);
    read_phone(r);
    bulk_read_tags(r);
    bulk_read_proficiencies(r);
}
