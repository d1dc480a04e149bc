/* What is read of one agent. */
#include "connect/answer.h"

#include <stdlib.h>
#include <string.h>

#include "text/json_tree.h"

static struct span text_of(const struct json *user, struct arena *a, const char *path)
{
    struct span s = json_str(user, path);

    return s.p == NULL ? SPAN("") : arena_span(a, s);
}

/* ---- phone ---- */

static int64_t flag(const struct json *part, const char *path)
{
    if (json_get(part, path) == NULL)
        return CHANNEL_UNSET;
    return json_bool(part, path, false) ? 1 : 0;
}

static bool channel_of(const struct json *config, enum channel *out)
{
    struct span name = json_str(config, "Channel");

    for (int i = 0; i < CHANNELS; i++)
        if (span_eq(name, span_of(channel_name((enum channel)i)))) {
            *out = (enum channel)i;
            return true;
        }
    return false;
}

static void read_lists(const struct json *user, struct phone *phone)
{
    enum channel channel;

    for (size_t i = 0; i < json_count(user, "AutoAcceptConfigs"); i++) {
        const struct json *config = json_item(user, "AutoAcceptConfigs", i);

        if (channel_of(config, &channel))
            phone->auto_accept[channel] = flag(config, "AutoAccept");
    }
    for (size_t i = 0; i < json_count(user, "AfterContactWorkConfigs"); i++) {
        const struct json *config = json_item(user, "AfterContactWorkConfigs", i);

        if (channel_of(config, &channel))
            phone->after_contact_work_s[channel] =
                json_int(config, "AfterContactWorkConfig.AfterContactWorkTimeLimit", CHANNEL_UNSET);
    }
}

static bool is_uniform(const int64_t values[static CHANNELS])
{
    for (size_t i = 1; i < CHANNELS; i++)
        if (values[i] != values[0])
            return false;
    return true;
}

/* What concerns voice alone stands in the older form, or in a list of its own. */
static const struct json *voice_of(const struct json *user, const char *list)
{
    enum channel channel;

    for (size_t i = 0; i < json_count(user, list); i++) {
        const struct json *config = json_item(user, list, i);

        if (channel_of(config, &channel) && channel == CHANNEL_VOICE)
            return config;
    }
    return NULL;
}

static void read_voice(const struct json *user, struct arena *a, struct phone *phone)
{
    const struct json *number = voice_of(user, "PhoneNumberConfigs");
    const struct json *persistent = voice_of(user, "PersistentConnectionConfigs");
    struct span type = json_str(user, "PhoneConfig.PhoneType");

    phone->desk_number = text_of(user, a, "PhoneConfig.DeskPhoneNumber");
    if (type.p == NULL)
        type = json_str(number, "PhoneType");
    if (phone->desk_number.n == 0)
        phone->desk_number = text_of(number, a, "PhoneNumber");
    phone->has_desk_phone = span_eq(type, SPAN("DESK_PHONE"));
    phone->persistent_connection = flag(user, "PhoneConfig.PersistentConnection");
    if (phone->persistent_connection == CHANNEL_UNSET)
        phone->persistent_connection = flag(persistent, "PersistentConnection");
}

/* The older form says it for all channels, where no list says it for some. */
static void fill_unset(int64_t values[static CHANNELS], int64_t for_all)
{
    for (size_t i = 0; i < CHANNELS; i++)
        if (values[i] != CHANNEL_UNSET)
            return;
    for (size_t i = 0; i < CHANNELS; i++)
        values[i] = for_all;
}

static void read_phone(const struct json *user, struct arena *a, struct phone *phone)
{
    for (size_t i = 0; i < CHANNELS; i++)
        phone->auto_accept[i] = phone->after_contact_work_s[i] = CHANNEL_UNSET;
    read_lists(user, phone);
    fill_unset(phone->auto_accept, flag(user, "PhoneConfig.AutoAccept"));
    fill_unset(phone->after_contact_work_s,
               json_int(user, "PhoneConfig.AfterContactWorkTimeLimit", CHANNEL_UNSET));
    /* All channels alike is what the older form means, too, and the form that is supposed. */
    phone->is_per_channel =
        !is_uniform(phone->auto_accept) || !is_uniform(phone->after_contact_work_s);
    for (size_t i = 1; i < CHANNELS && !phone->is_per_channel; i++)
        phone->auto_accept[i] = phone->after_contact_work_s[i] = CHANNEL_UNSET;
    read_voice(user, a, phone);
}

/* ---- the whole ---- */

static int by_text(const void *a, const void *b)
{
    return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

static int by_key(const void *a, const void *b)
{
    return span_cmp(((const struct tag *)a)->key, ((const struct tag *)b)->key);
}

static struct entitlement read_entitlement(const struct json *user, const struct agent *agent,
                                           struct arena *a)
{
    struct entitlement e = {
        .user_name = agent->user_name,
        .first_name = text_of(user, a, "IdentityInfo.FirstName"),
        .last_name = text_of(user, a, "IdentityInfo.LastName"),
        .email = text_of(user, a, "IdentityInfo.Email"),
        .secondary_email = text_of(user, a, "IdentityInfo.SecondaryEmail"),
        .mobile = text_of(user, a, "IdentityInfo.Mobile"),
        .routing_profile_id = text_of(user, a, "RoutingProfileId"),
        .hierarchy_group_id = text_of(user, a, "HierarchyGroupId"),
    };
    struct span *ids = arena_new(a, agent->n_security_profile_ids, sizeof(*ids));
    struct tag *tags = arena_new(a, agent->n_tags, sizeof(*tags));

    if (agent->n_security_profile_ids > 0)
        memcpy(ids, agent->security_profile_ids, agent->n_security_profile_ids * sizeof(*ids));
    if (agent->n_tags > 0)
        memcpy(tags, agent->tags, agent->n_tags * sizeof(*tags));
    qsort(ids, agent->n_security_profile_ids, sizeof(*ids), by_text);
    qsort(tags, agent->n_tags, sizeof(*tags), by_key);
    e.security_profile_ids = ids;
    e.n_security_profile_ids = agent->n_security_profile_ids;
    e.tags = tags;
    e.n_tags = agent->n_tags;
    read_phone(user, a, &e.phone);
    return e;
}

enum err answer_describe_user(struct span body, struct arena *a, struct connect_answer *out,
                              struct fail *fail)
{
    struct entitlement *e = arena_new(a, 1, sizeof(*e));
    struct agent *agent = arena_new(a, 1, sizeof(*agent));
    const struct json *user;
    struct json *root;
    enum err err = answer_parse(body, &root, fail);

    if (err != ERR_NONE)
        return err;
    user = json_get(root, "User");
    if (user == NULL || !answer_is_usable(json_str(user, "Id"), ANSWER_ID_MAX) ||
        !answer_is_usable(json_str(user, "Arn"), ANSWER_ARN_MAX) ||
        json_count(user, "SecurityProfileIds") == 0) {
        err = answer_unclear(fail, "the answer has no User with Id, Arn and SecurityProfileIds");
    } else {
        *agent = answer_agent(user, a);
        *e = read_entitlement(user, agent, a);
        out->agents = agent;
        out->n_agents = 1;
        out->entitlement = e;
    }
    json_free(root);
    return err;
}

enum err answer_list_agents(struct span body, struct arena *a, struct connect_answer *out,
                            struct fail *fail)
{
    struct entitlement *entitlements;
    struct agent *agents;
    struct json *root;
    size_t n;
    enum err err = answer_parse(body, &root, fail);

    if (err != ERR_NONE)
        return err;
    n = json_count(root, "Users");
    agents = arena_new(a, n, sizeof(*agents));
    entitlements = arena_new(a, n, sizeof(*entitlements));
    /* "Nobody" must be said, as in a search by name. */
    if (!json_is_array(json_get(root, "Users")) && json_get(root, "NextToken") == NULL)
        err = answer_unclear(fail, "the answer has no Users");
    for (size_t i = 0; err == ERR_NONE && i < n; i++) {
        const struct json *user = json_item(root, "Users", i);

        if (!answer_is_usable(json_str(user, "Id"), ANSWER_ID_MAX) ||
            !answer_is_usable(json_str(user, "Arn"), ANSWER_ARN_MAX))
            err = answer_unclear(fail, "an agent in it has no Id and Arn");
        agents[i] = answer_agent(user, a);
        entitlements[i] = read_entitlement(user, &agents[i], a);
    }
    if (err == ERR_NONE)
        err = answer_token(root, a, out, fail);
    json_free(root);
    if (err != ERR_NONE)
        return err;
    out->agents = agents;
    out->entitlements = entitlements;
    out->n_agents = n;
    return ERR_NONE;
}

enum err answer_proficiencies(struct span body, struct arena *a, struct connect_answer *out,
                              struct fail *fail)
{
    struct proficiency *list;
    struct json *root;
    size_t n;
    enum err err = answer_parse(body, &root, fail);

    if (err != ERR_NONE)
        return err;
    n = json_count(root, "UserProficiencyList");
    list = arena_new(a, n, sizeof(*list));
    for (size_t i = 0; i < n; i++) {
        const struct json *p = json_item(root, "UserProficiencyList", i);

        list[i] = (struct proficiency){text_of(p, a, "AttributeName"),
                                       text_of(p, a, "AttributeValue"), json_double(p, "Level", 0)};
    }
    if (!json_is_array(json_get(root, "UserProficiencyList")))
        err = answer_unclear(fail, "the answer has no UserProficiencyList");
    else
        err = answer_token(root, a, out, fail);
    json_free(root);
    if (err != ERR_NONE)
        return err;
    out->proficiencies = list;
    out->n_proficiencies = n;
    return ERR_NONE;
}

/* Over, for the agent: all other states keep them busy. */
static bool is_over(const struct json *contact)
{
    struct span state = json_str(contact, "AgentContactState");

    return span_eq(state, SPAN("ENDED")) || span_eq(state, SPAN("MISSED")) ||
           span_eq(state, SPAN("ERROR")) || span_eq(state, SPAN("REJECTED"));
}

static bool has_contact(const struct json *root)
{
    for (size_t i = 0; i < json_count(root, "UserDataList"); i++) {
        const struct json *data = json_item(root, "UserDataList", i);

        for (size_t j = 0; j < json_count(data, "Contacts"); j++)
            if (!is_over(json_item(data, "Contacts", j)))
                return true;
    }
    return false;
}

enum err answer_current_user_data(struct span body, struct arena *a, struct connect_answer *out,
                                  struct fail *fail)
{
    struct json *root;
    enum err err = answer_parse(body, &root, fail);

    (void)a;
    if (err != ERR_NONE)
        return err;
    /* "Nobody" must be said, and be the end: anything less is no leave to delete. */
    if (!json_is_array(json_get(root, "UserDataList")))
        err = answer_unclear(fail, "the answer has no UserDataList");
    else if (json_str(root, "NextToken").n > 0 && json_count(root, "UserDataList") == 0)
        err = answer_unclear(fail, "the answer's first page is empty");
    else
        out->has_contact = has_contact(root);
    json_free(root);
    return err;
}
