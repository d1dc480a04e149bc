#include "engine/fields.h"

#include "base/buf.h"

enum { TEXT_LIMIT = 16 * 1024 };

struct fields {
    const struct names *names;
    struct arena *a;
    void (*fn)(void *arg, const struct field *field);
    void *arg;
};

static struct span none(void)
{
    return (struct span){NULL, 0};
}

static void tell(const struct fields *f, const char *name, struct span from, struct span to,
                 bool is_hidden)
{
    struct field field = {name, from.n > 0 ? from : none(), to.n > 0 ? to : none(), is_hidden};

    if (!span_eq(from, to))
        f->fn(f->arg, &field);
}

/* ---- values ---- */

static struct span name_of(const struct fields *f, enum name_kind kind, struct span id)
{
    struct span name = id.n == 0 ? none() : f->names->name_of(f->names, kind, id);

    return name.n > 0 ? name : id;
}

static struct span profiles(const struct fields *f, const struct entitlement *e)
{
    struct span text;
    struct buf b;

    buf_init(&b, TEXT_LIMIT);
    for (size_t i = 0; e != NULL && i < e->n_security_profile_ids; i++) {
        if (i > 0)
            buf_add_str(&b, ", ");
        buf_add(&b, name_of(f, NAME_SECURITY_PROFILE, e->security_profile_ids[i]));
    }
    text = arena_span(f->a, buf_span(&b));
    buf_done(&b);
    return text;
}

static struct span channels(const struct fields *f, const struct phone *phone,
                            const int64_t values[static CHANNELS], bool is_time)
{
    bool is_uniform = true;
    struct span text;
    struct buf b;

    for (size_t i = 1; i < CHANNELS; i++)
        is_uniform = is_uniform && (!phone->is_per_channel || values[i] == values[0]);
    buf_init(&b, TEXT_LIMIT);
    for (size_t i = 0; i < (is_uniform ? 1 : CHANNELS); i++) {
        if (values[i] == CHANNEL_UNSET)
            continue;
        if (!is_uniform)
            buf_printf(&b, "%s%s:", b.n > 0 ? ", " : "", channel_name((enum channel)i));
        if (is_time)
            buf_printf(&b, "%llds", (long long)values[i]);
        else
            buf_add_str(&b, values[i] != 0 ? "yes" : "no");
    }
    text = arena_span(f->a, buf_span(&b));
    buf_done(&b);
    return text;
}

/* ---- lists ---- */

static const struct tag *find_tag(const struct entitlement *e, struct span key)
{
    for (size_t i = 0; e != NULL && i < e->n_tags; i++)
        if (span_eq(e->tags[i].key, key))
            return &e->tags[i];
    return NULL;
}

static void tell_tags(const struct fields *f, const struct entitlement *before,
                      const struct entitlement *after)
{
    for (size_t i = 0; before != NULL && i < before->n_tags; i++) {
        const struct tag *had = &before->tags[i], *has = find_tag(after, had->key);

        tell(f, arena_printf(f->a, "tags.%.*s", SPAN_ARG(had->key)), had->value,
             has == NULL ? none() : has->value, false);
    }
    for (size_t i = 0; i < after->n_tags; i++)
        if (find_tag(before, after->tags[i].key) == NULL)
            tell(f, arena_printf(f->a, "tags.%.*s", SPAN_ARG(after->tags[i].key)), none(),
                 after->tags[i].value, false);
}

static const struct proficiency *find_proficiency(const struct entitlement *e,
                                                  const struct proficiency *p)
{
    for (size_t i = 0; e != NULL && i < e->n_proficiencies; i++)
        if (span_eq(e->proficiencies[i].attribute, p->attribute) &&
            span_eq(e->proficiencies[i].value, p->value))
            return &e->proficiencies[i];
    return NULL;
}

static struct span level(const struct fields *f, const struct proficiency *p)
{
    return p == NULL ? none() : span_of(arena_printf(f->a, "%g", p->level));
}

static void tell_proficiency(const struct fields *f, const struct proficiency *of,
                             const struct proficiency *had, const struct proficiency *has)
{
    tell(
        f,
        arena_printf(f->a, "proficiencies.%.*s:%.*s", SPAN_ARG(of->attribute), SPAN_ARG(of->value)),
        level(f, had), level(f, has), true);
}

static void tell_proficiencies(const struct fields *f, const struct entitlement *before,
                               const struct entitlement *after)
{
    for (size_t i = 0; before != NULL && i < before->n_proficiencies; i++) {
        const struct proficiency *had = &before->proficiencies[i];

        tell_proficiency(f, had, had, find_proficiency(after, had));
    }
    for (size_t i = 0; i < after->n_proficiencies; i++)
        if (find_proficiency(before, &after->proficiencies[i]) == NULL)
            tell_proficiency(f, &after->proficiencies[i], NULL, &after->proficiencies[i]);
}

/* ---- all ---- */

static void tell_identity(const struct fields *f, const struct entitlement *b,
                          const struct entitlement *e)
{
    tell(f, "user_name", b->user_name, e->user_name, false);
    tell(f, "first_name", b->first_name, e->first_name, false);
    tell(f, "last_name", b->last_name, e->last_name, false);
    tell(f, "email", b->email, e->email, true);
    tell(f, "secondary_email", b->secondary_email, e->secondary_email, true);
    tell(f, "mobile", b->mobile, e->mobile, true);
}

static struct span phone_type(const struct phone *phone)
{
    return phone->has_desk_phone ? SPAN("DESK_PHONE") : SPAN("SOFT_PHONE");
}

static void tell_phone(const struct fields *f, const struct entitlement *before,
                       const struct phone *had, const struct phone *has)
{
    tell(f, "phone_type", before == NULL ? none() : phone_type(had), phone_type(has), false);
    tell(f, "desk_phone", had->desk_number, has->desk_number, false);
    tell(f, "auto_accept", channels(f, had, had->auto_accept, false),
         channels(f, has, has->auto_accept, false), false);
    tell(f, "after_contact_work", channels(f, had, had->after_contact_work_s, true),
         channels(f, has, has->after_contact_work_s, true), true);
}

void fields_each(const struct entitlement *before, const struct entitlement *after,
                 const struct names *names, struct arena *a,
                 void (*fn)(void *arg, const struct field *field), void *arg)
{
    static const struct entitlement nothing = {
        .phone = {
            .auto_accept = {CHANNEL_UNSET, CHANNEL_UNSET, CHANNEL_UNSET, CHANNEL_UNSET},
            .after_contact_work_s = {CHANNEL_UNSET, CHANNEL_UNSET, CHANNEL_UNSET, CHANNEL_UNSET}}};
    const struct entitlement *b = before == NULL ? &nothing : before;
    struct fields f = {names, a, fn, arg};

    tell_identity(&f, b, after);
    tell(&f, "security_profiles", profiles(&f, before), profiles(&f, after), false);
    tell(&f, "routing_profile", name_of(&f, NAME_ROUTING_PROFILE, b->routing_profile_id),
         name_of(&f, NAME_ROUTING_PROFILE, after->routing_profile_id), false);
    tell(&f, "hierarchy_group", name_of(&f, NAME_HIERARCHY_GROUP, b->hierarchy_group_id),
         name_of(&f, NAME_HIERARCHY_GROUP, after->hierarchy_group_id), false);
    tell_phone(&f, before, &b->phone, &after->phone);
    tell_tags(&f, before, after);
    tell_proficiencies(&f, before, after);
}
