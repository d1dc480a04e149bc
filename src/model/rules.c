#include "model/rules.h"

#include <stdio.h>

#include "base/utf8.h"

enum {
    FIRST_NAME_MAX = 255,
    LAST_NAME_MAX = 300,
    USER_NAME_MIN = 2,
    USER_NAME_MAX = 64,
    SHOWN = 80
};

bool rules_name_container(const struct rules *rules, enum membership_kind kind, struct span name)
{
    struct span wanted = kind == MEMBERSHIP_APP ? rules->app_name : rules->group_name;

    return kind != MEMBERSHIP_ACCOUNT && wanted.n > 0 && utf8_eq_nfc(wanted, name);
}

struct scope rules_scope(const struct rules *rules, const struct membership *memberships, size_t n)
{
    struct scope scope = {0};
    bool is_active = true;

    for (size_t i = 0; i < n; i++) {
        const struct membership *m = &memberships[i];

        if (m->kind == MEMBERSHIP_ACCOUNT) {
            is_active = m->is_member;
        } else if (m->is_member && rules_name_container(rules, m->kind, m->name)) {
            scope.is_in = true;
            scope.is_by_app |= m->kind == MEMBERSHIP_APP;
            scope.because = m->name;
        }
    }
    return is_active ? scope : (struct scope){0};
}

const char *rules_user_name_fault(struct span user_name)
{
    for (size_t i = 0; i < user_name.n; i++) {
        char c = user_name.p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '_' || c == '.' || c == '@' || c == '-'))
            return "has a character other than A-Z a-z 0-9 _ . @ -";
    }
    if (user_name.n < USER_NAME_MIN)
        return "is shorter than 2 characters";
    return user_name.n > USER_NAME_MAX ? "is longer than 64 characters" : NULL;
}

bool rules_split_name(struct arena *a, struct span display_name, struct span *first,
                      struct span *last)
{
    struct buf clean;
    struct span name;
    size_t at;
    bool fine;

    buf_init(&clean, display_name.n * 4 + 64); /* NFC never grows UTF-8 more than threefold */
    fine = utf8_add_clean_name(&clean, display_name) && clean.n > 0;
    if (fine) {
        name = arena_span(a, buf_span(&clean));
        at = span_find(name, ' ');
        *first = utf8_prefix((struct span){name.p, at}, FIRST_NAME_MAX);
        *last = at == name.n ? name : (struct span){name.p + at + 1, name.n - at - 1};
        *last = span_trim(utf8_prefix(*last, LAST_NAME_MAX));
    }
    buf_done(&clean);
    return fine;
}

static enum err bad_user_name(struct fail *fail, struct span user_name, const char *fault)
{
    enum err err = fail_set(fail, ERR_INPUT,
                            "the user name '%.*s' %s; Amazon Connect would refuse it. Change it in "
                            "Okta (the application's user name, else the login)",
                            SPAN_ARG(utf8_prefix(user_name, SHOWN)), fault);

    if (fail != NULL)
        (void)snprintf(fail->code, sizeof(fail->code), "%s", REASON_BAD_USER_NAME);
    return err;
}

enum err rules_entitlement(const struct rules *rules, const struct person *p, struct arena *a,
                           struct entitlement *out, struct fail *fail)
{
    struct entitlement e = {
        .user_name = person_user_name(p),
        .security_profile_ids = rules->security_profile_ids,
        .n_security_profile_ids = rules->n_security_profile_ids,
        .routing_profile_id = rules->routing_profile_id,
        .has_desk_phone = rules->has_desk_phone,
        .tags = {{SPAN(TAG_MANAGED_BY), rules->managed_by}, {SPAN(TAG_OKTA_ID), p->id}},
        .n_tags = 2,
    };
    const char *fault = rules_user_name_fault(e.user_name);

    if (fault != NULL)
        return bad_user_name(fail, e.user_name, fault);
    /* Without a display name the user name stands in: Amazon Connect wants some name, and nobody
     * may wait for it. */
    if (!rules_split_name(a, p->display_name, &e.first_name, &e.last_name))
        e.first_name = e.last_name = e.user_name;
    *out = e;
    return ERR_NONE;
}
