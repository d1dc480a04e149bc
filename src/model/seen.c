#include "model/seen.h"

#include "model/step.h"

static bool is_uniform(const int64_t values[static CHANNELS])
{
    for (size_t i = 1; i < CHANNELS; i++)
        if (values[i] != values[0])
            return false;
    return true;
}

/* The times come from elsewhere than the rest, so both are brought into the form by channel. */
static void take_hidden_phone(struct phone *phone, const struct phone *from)
{
    int64_t times[CHANNELS], accepts[CHANNELS];

    for (size_t i = 0; i < CHANNELS; i++) {
        times[i] = from->after_contact_work_s[from->is_per_channel ? i : 0];
        accepts[i] = phone->auto_accept[phone->is_per_channel ? i : 0];
    }
    phone->is_per_channel = !is_uniform(times) || !is_uniform(accepts);
    for (size_t i = 0; i < CHANNELS; i++) {
        bool has_place = i == 0 || phone->is_per_channel;

        phone->after_contact_work_s[i] = has_place ? times[i] : CHANNEL_UNSET;
        phone->auto_accept[i] = has_place ? accepts[i] : CHANNEL_UNSET;
    }
}

static void take_hidden(struct entitlement *e, const struct entitlement *from)
{
    static const struct phone nothing = {
        .after_contact_work_s = {CHANNEL_UNSET, CHANNEL_UNSET, CHANNEL_UNSET, CHANNEL_UNSET}};

    e->email = from == NULL ? SPAN("") : from->email;
    e->secondary_email = from == NULL ? SPAN("") : from->secondary_email;
    e->mobile = from == NULL ? SPAN("") : from->mobile;
    e->proficiencies = from == NULL ? NULL : from->proficiencies;
    e->n_proficiencies = from == NULL ? 0 : from->n_proficiencies;
    take_hidden_phone(&e->phone, from == NULL ? &nothing : &from->phone);
}

struct entitlement seen_merge(const struct entitlement *found, int how,
                              const struct entitlement *applied, const struct entitlement *wanted,
                              struct arena *a)
{
    struct entitlement e = step_seen(found, wanted, applied, a);

    if (how == SEEN_LISTED)
        take_hidden(&e, applied != NULL ? applied : wanted);
    return e;
}
