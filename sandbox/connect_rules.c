#include "connect_rules.h"

#include "base/utf8.h"
#include "connect_pattern.h"

enum {
    LOGIN_SAML_MIN = 2,
    LOGIN_SAML = 64,
    LOGIN_OTHER = 20,
    LAST_NAME_MANAGED = 256,
    MOST_ACW_S = 2000000
};

const char *const rules_lists[] = {"AutoAcceptConfigs",       "AfterContactWorkConfigs",
                                   "PhoneNumberConfigs",      "PersistentConnectionConfigs",
                                   "VoiceEnhancementConfigs", NULL};

const json_t *thing_find(const json_t *things, const char *key, const char *value)
{
    size_t i;
    json_t *thing;

    if (value == NULL)
        return NULL;
    json_array_foreach(things, i, thing)
    {
        const char *text = json_string_value(json_object_get(thing, key));

        if (text != NULL && strcmp(text, value) == 0)
            return thing;
    }
    return NULL;
}

static bool is_saml(const struct call *call)
{
    return strcmp(call->side->instance.identity, "SAML") == 0;
}

static bool is_managed(const struct call *call)
{
    return strcmp(call->side->instance.identity, "CONNECT_MANAGED") == 0;
}

static bool refuse(struct call *call, const char *message)
{
    call_fail(call, BAD_PARAMETER, "%s", message);
    return false;
}

bool rules_login(struct call *call)
{
    struct span name = span_of(call_text(call, "Username"));
    const char *password = call_text(call, "Password");

    if (!pattern_is_username(name, is_saml(call) ? LOGIN_SAML_MIN : 1,
                             is_saml(call) ? LOGIN_SAML : LOGIN_OTHER))
        return refuse(call, is_saml(call)
                                ? "Username must be 2 to 64 characters of [a-zA-Z0-9_.@-]"
                                : "Username must be 1 to 20 characters of [a-zA-Z0-9_.@-]");
    if (is_managed(call) && password == NULL)
        return refuse(call,
                      "Password is required for instances that manage users in Amazon Connect");
    if (!is_managed(call) && password != NULL)
        return refuse(call, "Password must not be given for this identity management type");
    if (strcmp(call->side->instance.identity, "EXISTING_DIRECTORY") != 0 &&
        call_text(call, "DirectoryUserId") != NULL)
        return refuse(call, "DirectoryUserId must not be given for this identity management type");
    return true;
}

/* "text containing characters in a non-NFC form … are not accepted" (API_UserIdentityInfo) */
static bool is_nfc(const char *text)
{
    struct buf composed;
    bool is_same;

    buf_init(&composed, 65536);
    is_same = utf8_add_nfc(&composed, span_of(text)) && span_eq(buf_span(&composed), span_of(text));
    buf_done(&composed);
    return is_same;
}

static bool rules_name(struct call *call, const json_t *identity, const char *member, size_t max)
{
    const char *name = json_string_value(json_object_get(identity, member));

    if (name == NULL || *name == '\0') {
        call_fail(call, BAD_PARAMETER, "%s is required", member);
        return false;
    }
    if (!is_nfc(name)) {
        call_fail(call, BAD_PARAMETER, "%s is not in Unicode normal form C", member);
        return false;
    }
    if (utf8_length(span_of(name)) > max) {
        call_fail(call, BAD_PARAMETER, "%s is longer than %zu characters", member, max);
        return false;
    }
    return true;
}

bool rules_identity(struct call *call, const json_t *identity, bool is_new)
{
    const char *email = json_string_value(json_object_get(identity, "Email"));
    const char *second = json_string_value(json_object_get(identity, "SecondaryEmail"));
    const char *mobile = json_string_value(json_object_get(identity, "Mobile"));
    bool has_names = json_object_get(identity, "FirstName") != NULL ||
                     json_object_get(identity, "LastName") != NULL;

    if (is_saml(call) && email != NULL)
        return refuse(call,
                      "Email must not be given when SAML manages identities; use SecondaryEmail");
    if (!is_saml(call) && !is_managed(call)) {
        if (email != NULL || (has_names && !is_new))
            return refuse(call, "names and Email belong to the directory");
    } else if (!rules_name(call, identity, "FirstName", 255) ||
               !rules_name(call, identity, "LastName",
                           is_managed(call) ? LAST_NAME_MANAGED : 300)) {
        return false;
    }
    if (email != NULL && !pattern_is_email(span_of(email)))
        return refuse(call, "Email is not an e-mail address");
    if (second != NULL && !pattern_is_email(span_of(second)))
        return refuse(call, "SecondaryEmail is not an e-mail address");
    if (mobile != NULL && !pattern_is_phone(span_of(mobile)))
        return refuse(call, "Mobile must be in E.164 form");
    return true;
}

bool rules_phone(struct call *call, const json_t *phone)
{
    const char *type = json_string_value(json_object_get(phone, "PhoneType"));

    if (json_integer_value(json_object_get(phone, "AfterContactWorkTimeLimit")) > MOST_ACW_S)
        return refuse(call, "AfterContactWorkTimeLimit must be at most 2000000");
    if (type != NULL && strcmp(type, "DESK_PHONE") == 0 &&
        json_object_get(phone, "DeskPhoneNumber") == NULL)
        return refuse(call, "DeskPhoneNumber is required for DESK_PHONE");
    return true;
}

static bool channels_are_unique(const json_t *list)
{
    size_t i;
    json_t *item;

    json_array_foreach(list, i, item)
    {
        if (thing_find(list, "Channel", json_string_value(json_object_get(item, "Channel"))) !=
            item)
            return false;
    }
    return true;
}

static bool is_for_voice(const char *list)
{
    return strcmp(list, "AutoAcceptConfigs") != 0 && strcmp(list, "AfterContactWorkConfigs") != 0;
}

bool rules_channels(struct call *call)
{
    for (size_t i = 0; rules_lists[i] != NULL; i++) {
        const json_t *list = json_object_get(call->input, rules_lists[i]);
        size_t k;
        json_t *item;

        if (!channels_are_unique(list)) {
            call_fail(call, BAD_PARAMETER, "%s has a channel twice", rules_lists[i]);
            return false;
        }
        json_array_foreach(list, k, item)
        {
            const char *channel = json_string_value(json_object_get(item, "Channel"));
            const json_t *acw = json_object_get(item, "AfterContactWorkConfig");

            if (is_for_voice(rules_lists[i]) && strcmp(channel, "VOICE") != 0) {
                call_fail(call, BAD_PARAMETER, "%s supports the channel VOICE only",
                          rules_lists[i]);
                return false;
            }
            if (json_integer_value(json_object_get(acw, "AfterContactWorkTimeLimit")) > MOST_ACW_S)
                return refuse(call, "AfterContactWorkTimeLimit must be at most 2000000");
        }
    }
    return true;
}

bool rules_either(struct call *call, const json_t *phone)
{
    static const struct {
        const char *old, *list;
    } pairs[] = {
        {"AutoAccept", "AutoAcceptConfigs"},
        {"AfterContactWorkTimeLimit", "AfterContactWorkConfigs"},
        {"PhoneType", "PhoneNumberConfigs"},
        {"DeskPhoneNumber", "PhoneNumberConfigs"},
        {"PersistentConnection", "PersistentConnectionConfigs"},
    };

    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (json_object_get(phone, pairs[i].old) == NULL ||
            json_object_get(call->input, pairs[i].list) == NULL)
            continue;
        call_fail(call, BAD_PARAMETER, "PhoneConfig.%s and %s must not both be given", pairs[i].old,
                  pairs[i].list);
        return false;
    }
    return true;
}

bool rules_security_profiles(struct call *call, const json_t *ids)
{
    size_t i, k, n_restricting = 0;
    json_t *id, *other;

    json_array_foreach(ids, i, id)
    {
        const json_t *profile =
            thing_find(call->side->security_profiles, "Id", json_string_value(id));

        json_array_foreach(ids, k, other)
        {
            if (k < i && json_equal(id, other))
                return refuse(call, "SecurityProfileIds must be unique");
        }
        if (profile == NULL) {
            call_fail(call, NOT_FOUND, "Security profile with id %s not found",
                      json_string_value(id));
            return false;
        }
        if (json_object_size(json_object_get(profile, "AllowedAccessControlTags")) > 0)
            n_restricting++;
    }
    if (n_restricting > 1)
        return refuse(call, "a user can have only one security profile with access control tags");
    return true;
}

bool rules_routing_profile(struct call *call, const char *id)
{
    if (thing_find(call->side->routing_profiles, "Id", id) != NULL)
        return true;
    call_fail(call, NOT_FOUND, "Routing profile with id %s not found", id);
    return false;
}

bool rules_group(struct call *call, const char *id)
{
    if (id == NULL || thing_find(call->side->groups, "Id", id) != NULL)
        return true;
    call_fail(call, NOT_FOUND, "Hierarchy group with id %s not found", id);
    return false;
}
