#include "cmd/policy.h"

#include <string.h>

#include "aws/reference.h"
#include "text/json.h"

enum { IDS_MAX = 200, ACTIONS_MAX = 64, ARN_LIMIT = 4096 };

/* ---- what the configuration makes Roster do ---- */

struct needs {
    bool hierarchy, proficiencies, tags, per_channel, names, takes_away;
    bool deletes; /* DeleteUser, and what goes with it */
};

static bool needs_lookup(enum name_kind kind, struct span ref)
{
    struct span id;

    return ref.n > 0 && !name_is_id(kind, ref, &id);
}

static void add_rule_needs(struct needs *needs, const struct rule *rule)
{
    needs->hierarchy = needs->hierarchy || rule->hierarchy_group.n > 0;
    needs->proficiencies = needs->proficiencies || rule->n_proficiencies > 0;
    needs->tags = needs->tags || rule->n_tags > 0;
    needs->per_channel = needs->per_channel || rule->auto_accept.is_per_channel ||
                         rule->after_contact_work.is_per_channel;
    if (rule->has_ids)
        return;
    needs->names = needs->names || needs_lookup(NAME_ROUTING_PROFILE, rule->routing_profile) ||
                   needs_lookup(NAME_HIERARCHY_GROUP, rule->hierarchy_group);
    for (size_t i = 0; i < rule->n_security_profiles; i++)
        needs->names =
            needs->names || needs_lookup(NAME_SECURITY_PROFILE, rule->security_profiles[i]);
}

static struct needs find_needs(const struct policy_ask *ask)
{
    const struct rules *rules = &ask->settings->rules;
    struct needs needs = {
        .deletes = rules->on_remove == REMOVE_DELETE || rules->on_rename == RENAME_REPLACE,
        .takes_away = rules->on_remove != REMOVE_KEEP || rules->on_rename == RENAME_REPLACE,
        .names = ask->has_tools ||
                 needs_lookup(NAME_SECURITY_PROFILE, rules->parked_security_profile) ||
                 needs_lookup(NAME_ROUTING_PROFILE, rules->parked_routing_profile),
        .hierarchy = ask->has_tools,
        .proficiencies = ask->has_tools,
    };

    for (size_t i = 0; i < rules->n; i++)
        add_rule_needs(&needs, &rules->rules[i]);
    return needs;
}

/* ---- statements ---- */

/* What one statement is about. */
enum what {
    ON_INSTANCE = 1,
    ON_AGENTS = 2,
    ON_PROFILES = 4,  /* routing and security profiles that are given */
    ON_HIERARCHY = 8, /* hierarchy groups that are given */
    ON_QUICK_CONNECTS = 16,
    ON_ALL = 32, /* of the instance */
};

struct statement {
    const char *sid;
    unsigned resources;
    struct {
        const char *name;
        bool (*is_needed)(const struct needs *needs); /* NULL = always */
    } actions[8];
};

static bool needs_hierarchy(const struct needs *n)
{
    return n->hierarchy;
}
static bool needs_proficiencies(const struct needs *n)
{
    return n->proficiencies;
}
static bool needs_tags(const struct needs *n)
{
    return n->tags;
}
static bool needs_per_channel(const struct needs *n)
{
    return n->per_channel;
}
static bool needs_names(const struct needs *n)
{
    return n->names;
}
/* Whoever is taken away must not be the last administrator (engine/admins.h). */
static bool needs_profile_names(const struct needs *n)
{
    return n->names || n->takes_away;
}
static bool needs_deletes(const struct needs *n)
{
    return n->deletes;
}

static const struct statement statements[] = {
    {"CreateAgents", ON_AGENTS | ON_PROFILES | ON_HIERARCHY, {{"CreateUser", NULL}}},
    {"ChangeAgents",
     ON_INSTANCE | ON_AGENTS,
     {{"TagResource", NULL},
      {"UntagResource", needs_tags},
      {"UpdateUserIdentityInfo", NULL},
      {"UpdateUserPhoneConfig", NULL},
      {"UpdateUserConfig", needs_per_channel},
      {"AssociateUserProficiencies", needs_proficiencies},
      {"UpdateUserProficiencies", needs_proficiencies},
      {"DisassociateUserProficiencies", needs_proficiencies}}},
    {"ChangeProfiles",
     ON_AGENTS | ON_PROFILES | ON_HIERARCHY,
     {{"UpdateUserSecurityProfiles", NULL},
      {"UpdateUserRoutingProfile", NULL},
      {"UpdateUserHierarchy", needs_hierarchy}}},
    {"FindAgents",
     ON_INSTANCE | ON_AGENTS,
     {{"SearchUsers", NULL},
      {"DescribeUser", NULL},
      {"ListUserProficiencies", NULL},
      {"DescribeInstance", NULL}}},
    {"DeleteAgents", ON_AGENTS, {{"DeleteUser", needs_deletes}}},
    {"LookForContacts", ON_INSTANCE | ON_ALL, {{"GetCurrentUserData", needs_deletes}}},
    {"DeleteQuickConnects",
     ON_INSTANCE | ON_QUICK_CONNECTS,
     {{"ListQuickConnects", needs_deletes},
      {"DescribeQuickConnect", needs_deletes},
      {"DeleteQuickConnect", needs_deletes}}},
    {"ReadNames",
     ON_INSTANCE | ON_ALL,
     {{"ListSecurityProfiles", needs_profile_names},
      {"ListRoutingProfiles", needs_names},
      {"SearchUserHierarchyGroups", needs_names},
      {"DescribeUserHierarchyGroup", needs_names}}},
};
enum {
    STATEMENTS = sizeof(statements) / sizeof(statements[0]),
    STATEMENT_ACTIONS = sizeof(statements[0].actions) / sizeof(statements[0].actions[0])
};

static bool is_needed(const struct statement *s, size_t i, const struct needs *needs)
{
    return s->actions[i].name != NULL &&
           (s->actions[i].is_needed == NULL || s->actions[i].is_needed(needs));
}

const char *const *policy_operations(const struct policy_ask *ask, struct arena *a)
{
    const char **operations = arena_new(a, ACTIONS_MAX, sizeof(*operations));
    struct needs needs = find_needs(ask);
    size_t n = 0;

    for (size_t s = 0; s < STATEMENTS; s++)
        for (size_t i = 0; i < STATEMENT_ACTIONS; i++)
            if (is_needed(&statements[s], i, &needs))
                operations[n++] = statements[s].actions[i].name;
    return operations;
}

/* ---- the ids that are given ---- */

/* Of one kind; is_all: one of them is not known by its id. */
struct ids {
    struct span id[IDS_MAX];
    size_t n;
    bool is_all;
};

static void add_id(struct ids *ids, const struct policy_ask *ask, enum name_kind kind,
                   struct span ref, bool is_id)
{
    struct span id = ref;

    if (ref.n == 0 || ids->is_all)
        return;
    /* A reference with attributes may be any. */
    ids->is_all = ids->n == IDS_MAX ||
                  (!is_id && (span_find(ref, '$') < ref.n ||
                              ask->names->find(ask->names, kind, ref, &id) != NAME_KNOWN));
    for (size_t i = 0; i < ids->n && !ids->is_all; i++)
        if (span_eq(ids->id[i], id))
            return;
    if (!ids->is_all)
        ids->id[ids->n++] = id;
}

struct given {
    struct ids security, routing, hierarchy;
};

static void find_given(const struct policy_ask *ask, struct given *given)
{
    const struct rules *rules = &ask->settings->rules;

    *given = (struct given){.security = {.is_all = ask->has_tools},
                            .routing = {.is_all = ask->has_tools},
                            .hierarchy = {.is_all = ask->has_tools}};
    for (size_t r = 0; r < rules->n; r++) {
        const struct rule *rule = &rules->rules[r];

        for (size_t i = 0; i < rule->n_security_profiles; i++)
            add_id(&given->security, ask, NAME_SECURITY_PROFILE, rule->security_profiles[i],
                   rule->has_ids);
        add_id(&given->routing, ask, NAME_ROUTING_PROFILE, rule->routing_profile, rule->has_ids);
        add_id(&given->hierarchy, ask, NAME_HIERARCHY_GROUP, rule->hierarchy_group, rule->has_ids);
    }
    add_id(&given->security, ask, NAME_SECURITY_PROFILE, rules->parked_security_profile, false);
    add_id(&given->routing, ask, NAME_ROUTING_PROFILE, rules->parked_routing_profile, false);
}

/* ---- writing ---- */

struct writing {
    struct buf *out;
    const struct policy_ask *ask;
    bool has_statement, has_item;
};

static void add_text(struct buf *out, struct span text)
{
    struct json_out json = json_out(out);

    json_out_str(&json, text);
}

static void begin_statement(struct writing *w, const char *sid, const char *effect)
{
    buf_printf(w->out, "%s\n    {\n      \"Sid\": \"%s\",\n      \"Effect\": \"%s\",",
               w->has_statement ? "," : "", sid, effect);
    w->has_statement = true;
}

static void begin_list(struct writing *w, const char *name)
{
    buf_printf(w->out, "\n      \"%s\": [", name);
    w->has_item = false;
}

static void add_item(struct writing *w, struct span text)
{
    buf_printf(w->out, "%s\n        ", w->has_item ? "," : "");
    add_text(w->out, text);
    w->has_item = true;
}

static void end_list(struct writing *w, bool is_last)
{
    buf_printf(w->out, "\n      ]%s", is_last ? "\n    }" : ",");
}

/* "arn:…:instance/ID" with what stands behind it. */
static void add_arn(struct writing *w, const char *kind, struct span id)
{
    const struct policy_ask *ask = w->ask;
    struct buf arn;

    buf_init(&arn, ARN_LIMIT);
    buf_printf(&arn, "arn:%.*s:connect:%.*s:%.*s:instance/%.*s", SPAN_ARG(ask->partition),
               SPAN_ARG(ask->region), SPAN_ARG(ask->account), SPAN_ARG(ask->settings->instance_id));
    if (kind != NULL)
        buf_printf(&arn, "/%s%.*s", kind, SPAN_ARG(id));
    add_item(w, buf_span(&arn));
    buf_done(&arn);
}

static void add_ids(struct writing *w, const char *kind, const struct ids *ids)
{
    if (ids->is_all)
        add_arn(w, kind, SPAN("*"));
    for (size_t i = 0; i < ids->n && !ids->is_all; i++)
        add_arn(w, kind, ids->id[i]);
}

static void add_resources(struct writing *w, unsigned what, const struct given *given)
{
    begin_list(w, "Resource");
    if ((what & ON_INSTANCE) != 0)
        add_arn(w, NULL, SPAN(""));
    if ((what & ON_ALL) != 0)
        add_arn(w, "", SPAN("*"));
    if ((what & ON_AGENTS) != 0)
        add_arn(w, "agent/", SPAN("*"));
    if ((what & ON_PROFILES) != 0) {
        add_ids(w, "routing-profile/", &given->routing);
        add_ids(w, "security-profile/", &given->security);
    }
    if ((what & ON_HIERARCHY) != 0)
        add_ids(w, "agent-group/", &given->hierarchy);
    if ((what & ON_QUICK_CONNECTS) != 0)
        add_arn(w, "transfer-destination/", SPAN("*"));
    end_list(w, true);
}

static void add_action(struct writing *w, const char *service, const char *name)
{
    struct buf action;

    buf_init(&action, ARN_LIMIT);
    buf_printf(&action, "%s:%s", service, name);
    add_item(w, buf_span(&action));
    buf_done(&action);
}

static void add_statement(struct writing *w, const struct statement *s, const struct needs *needs,
                          const struct given *given)
{
    bool has_some = false;

    for (size_t i = 0; i < STATEMENT_ACTIONS; i++)
        has_some = has_some || is_needed(s, i, needs);
    if (!has_some)
        return;
    begin_statement(w, s->sid, "Allow");
    begin_list(w, "Action");
    for (size_t i = 0; i < STATEMENT_ACTIONS; i++)
        if (is_needed(s, i, needs))
            add_action(w, "connect", s->actions[i].name);
    end_list(w, false);
    add_resources(w, s->resources, given);
}

/* One action on one resource. */
static void add_single(struct writing *w, const char *sid, const char *service, const char *action,
                       struct span resource)
{
    begin_statement(w, sid, "Allow");
    begin_list(w, "Action");
    add_action(w, service, action);
    end_list(w, false);
    begin_list(w, "Resource");
    add_item(w, resource);
    end_list(w, true);
}

/* DescribeInstance demands it; it knows no narrower resource. */
static void add_directory(struct writing *w)
{
    add_single(w, "Directory", "ds", "DescribeDirectories", SPAN("*"));
}

static void add_quotas(struct writing *w)
{
    struct buf resource;

    buf_init(&resource, ARN_LIMIT);
    buf_printf(&resource, "arn:%.*s:servicequotas:%.*s:%.*s:connect/*", SPAN_ARG(w->ask->partition),
               SPAN_ARG(w->ask->region), SPAN_ARG(w->ask->account));
    add_single(w, "ReadQuotas", "servicequotas", "GetServiceQuota", buf_span(&resource));
    buf_done(&resource);
}

/* Secrets that stand in Secrets Manager or Systems Manager. */
static void add_secrets(struct writing *w)
{
    const struct settings *s = w->ask->settings;
    const struct secret *secrets[] = {&s->hook_secret, &s->hook_secret_previous, &s->api_token,
                                      &s->private_key};
    static const char *const sids[][2] = {{"HookSecret", "HookSecretParameter"},
                                          {"PreviousHookSecret", "PreviousHookSecretParameter"},
                                          {"OktaToken", "OktaTokenParameter"},
                                          {"OktaKey", "OktaKeyParameter"}};

    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
        struct reference reference;

        if (!secret_is_set(secrets[i]) || !reference_read(secret_span(secrets[i]), &reference))
            continue;
        add_single(w, sids[i][reference.is_parameter],
                   reference.is_parameter ? "ssm" : "secretsmanager",
                   reference.is_parameter ? "GetParameter" : "GetSecretValue", reference.arn);
    }
}

static void add_denial(struct writing *w)
{
    if (w->ask->admin_profile.n == 0)
        return;
    begin_statement(w, "NeverAnAdministrator", "Deny");
    begin_list(w, "Action");
    add_action(w, "connect", "CreateUser");
    add_action(w, "connect", "UpdateUserSecurityProfiles");
    end_list(w, false);
    begin_list(w, "Resource");
    add_arn(w, "security-profile/", w->ask->admin_profile);
    end_list(w, true);
}

static size_t count_size(struct span text)
{
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] != ' ' && text.p[i] != '\n';
    return n;
}

void policy_add(struct buf *out, const struct policy_ask *ask, struct policy_about *about)
{
    struct writing w = {.out = out, .ask = ask};
    struct needs needs = find_needs(ask);
    size_t start = out->n;
    struct given given;

    find_given(ask, &given);
    buf_add_str(out, "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [");
    for (size_t i = 0; i < STATEMENTS; i++)
        add_statement(&w, &statements[i], &needs, &given);
    add_directory(&w);
    if (ask->has_tools)
        add_quotas(&w);
    add_secrets(&w);
    add_denial(&w);
    buf_add_str(out, "\n  ]\n}\n");
    about->names_all_profiles = !given.security.is_all && !given.routing.is_all;
    about->size = count_size((struct span){out->p + start, out->n - start});
}
