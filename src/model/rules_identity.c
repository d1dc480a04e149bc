/* Under which names a person becomes an agent. */
#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"
#include "model/profile.h"
#include "model/rules_private.h"

enum {
    FIRST_NAME_MAX = 255,
    LAST_NAME_MAX = 300,
    LAST_NAME_MAX_MANAGED = 256,
    USER_NAME_MIN_SAML = 2,
    USER_NAME_MAX_SAML = 64,
    USER_NAME_MAX = 20,
    SHOWN = 80
};

enum err rules_refuse(struct fail *fail, enum err err, const char *reason_code, const char *format,
                      ...)
{
    char text[FAIL_TEXT];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args); /* cut when too long, as fail.text is */
    va_end(args);
    (void)fail_set(fail, err, "%s", text);
    if (fail != NULL)
        (void)snprintf(fail->code, sizeof(fail->code), "%s", reason_code);
    return err;
}

/* ---- user name ---- */

const char *rules_user_name_fault(struct span user_name, enum identity_type identity)
{
    for (size_t i = 0; i < user_name.n; i++) {
        char c = user_name.p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '_' || c == '.' || c == '@' || c == '-'))
            return "has a character other than A-Z a-z 0-9 _ . @ -";
    }
    if (user_name.n == 0)
        return "is empty";
    if (identity != IDENTITY_SAML)
        return user_name.n > USER_NAME_MAX
                   ? "is longer than the 20 characters that an instance without SAML takes"
                   : NULL;
    if (user_name.n < USER_NAME_MIN_SAML)
        return "is shorter than 2 characters";
    return user_name.n > USER_NAME_MAX_SAML ? "is longer than 64 characters" : NULL;
}

bool rules_identity_parse(struct span text, enum identity_type *out)
{
    static const char *const words[] = {[IDENTITY_SAML] = "SAML",
                                        [IDENTITY_MANAGED] = "CONNECT_MANAGED",
                                        [IDENTITY_DIRECTORY] = "EXISTING_DIRECTORY"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (!span_eq(text, span_of(words[i])))
            continue;
        *out = (enum identity_type)i;
        return true;
    }
    return false;
}

struct span rules_user_name(const struct rules *rules, const struct person *p, struct arena *a)
{
    struct span name = span_trim(p->app_user_name);

    if (rules->user_name.n > 0 && !person_is_import(p))
        return template_fill(a, rules->user_name, p->profile, name);
    return name.n > 0 ? name : span_trim(p->login);
}

/* ---- first and last name ---- */

static struct span clean(struct arena *a, struct span text, size_t max)
{
    struct span cleaned = {NULL, 0};
    struct buf b;

    buf_init(&b, text.n * 4 + 64); /* NFC never grows UTF-8 more than threefold */
    if (text.n > 0 && utf8_add_clean_name(&b, text))
        cleaned = span_trim(utf8_prefix(arena_span(a, buf_span(&b)), max));
    buf_done(&b);
    return cleaned;
}

bool rules_split_name(struct arena *a, struct span display_name, struct span *first,
                      struct span *last)
{
    struct span name = clean(a, display_name, FIRST_NAME_MAX + LAST_NAME_MAX + 1);
    size_t at = span_find(name, ' ');

    if (name.n == 0)
        return false;
    *first = utf8_prefix((struct span){name.p, at}, FIRST_NAME_MAX);
    *last = at == name.n ? name : (struct span){name.p + at + 1, name.n - at - 1};
    *last = span_trim(utf8_prefix(*last, LAST_NAME_MAX));
    return true;
}

static void give_names(const struct person *p, struct arena *a, struct entitlement *e)
{
    struct span first = clean(a, profile_text(a, p->profile, SPAN("firstName")), FIRST_NAME_MAX);
    struct span last = clean(a, profile_text(a, p->profile, SPAN("lastName")), LAST_NAME_MAX);

    if (first.n > 0 && last.n > 0) {
        e->first_name = first;
        e->last_name = last;
        return;
    }
    if (rules_split_name(a, profile_text(a, p->profile, SPAN("displayName")), &e->first_name,
                         &e->last_name) ||
        rules_split_name(a, p->display_name, &e->first_name, &e->last_name))
        return;
    /* Without any name the user name stands in: Amazon Connect wants some name, and nobody may
     * wait for it. */
    e->first_name = first.n > 0 ? first : last.n > 0 ? last : e->user_name;
    e->last_name = last.n > 0 ? last : e->first_name;
}

enum err rules_identity(const struct rules *rules, const struct person *p, struct arena *a,
                        struct entitlement *e, struct fail *fail)
{
    bool is_managed = rules->identity == IDENTITY_MANAGED;
    const char *fault;

    e->user_name = rules_user_name(rules, p, a);
    if (e->user_name.n == 0)
        return rules_refuse(
            fail, ERR_INPUT, REASON_BAD_USER_NAME, "nothing gives a user name: %s",
            rules->user_name.n > 0
                ? "an attribute that [OKTA] USERNAME names has no value in Okta"
                : "Okta has told neither the application's user name nor the login");
    fault = rules_user_name_fault(e->user_name, rules->identity);
    if (fault != NULL)
        return rules_refuse(fail, ERR_INPUT, REASON_BAD_USER_NAME,
                            "the user name '%.*s' %s; Amazon Connect would refuse it. Change it in "
                            "Okta (the application's user name, else the login), or set [OKTA] "
                            "USERNAME",
                            SPAN_ARG(utf8_prefix(e->user_name, SHOWN)), fault);
    give_names(p, a, e);
    if (is_managed)
        e->last_name = span_trim(utf8_prefix(e->last_name, LAST_NAME_MAX_MANAGED));
    e->email = is_managed ? profile_text(a, p->profile, SPAN("email")) : SPAN("");
    if (e->email.p == NULL)
        e->email = SPAN("");
    e->secondary_email = e->mobile = SPAN("");
    return ERR_NONE;
}
