/* Each operation that the configuration leads to, tried so that nothing can come of it: on an agent
 * that does not exist (an id of zeros is nobody's), or with a user name that no user can have. AWS
 * looks at the rights first, so any other answer than a denial says that the right is there. */
#include <string.h>

#include "cmd/doctor.h"
#include "cmd/policy.h"
#include "text/arn.h"

#define NOBODY "00000000-0000-0000-0000-000000000000"
/* Longer than a user name may be (100), and of characters that it may not have: this cannot make
 * anybody. https://docs.aws.amazon.com/connect/latest/APIReference/API_CreateUser.html */
#define NO_USER_NAME                                                                               \
    "roster doctor: is CreateUser permitted? This is no user name; it has blanks, it has colons, " \
    "and it is longer than the hundred characters that there may be."

enum { TRIES = 4 };

struct trial {
    struct doctor *d;
    struct span profile, routing; /* ids that the rules give, or NOBODY */
    struct span arn;              /* of an agent that is not there; empty = not known */
    struct connect_line *line;
    const char *operation;
    enum err err;
    struct fail fail;
};

static void answered(void *arg, const struct connect_answer *answer)
{
    struct trial *t = arg;

    connect_line_end(t->line, answer);
}

/* ---- how each is tried ---- */

static struct entitlement nobody(const struct trial *t)
{
    return (struct entitlement){
        .user_name = SPAN(NO_USER_NAME),
        .first_name = SPAN("Roster"),
        .last_name = SPAN("Doctor"),
        .security_profile_ids = &t->profile,
        .n_security_profile_ids = 1,
        .routing_profile_id = t->routing,
        .phone = {
            .persistent_connection = CHANNEL_UNSET,
            .desk_number = SPAN(""),
            .auto_accept = {CHANNEL_UNSET, CHANNEL_UNSET, CHANNEL_UNSET, CHANNEL_UNSET},
            .after_contact_work_s = {CHANNEL_UNSET, CHANNEL_UNSET, CHANNEL_UNSET, CHANNEL_UNSET}}};
}

static void try_create(struct connect *c, struct trial *t)
{
    struct entitlement e = nobody(t);

    (void)connect_create_user(c, &e, t->d->o.settings->rules.identity == IDENTITY_MANAGED, answered,
                              t);
}

static void update(struct connect *c, struct trial *t, enum aspect aspect, bool is_per_channel)
{
    struct entitlement e = nobody(t);

    e.phone.is_per_channel = is_per_channel;
    if (is_per_channel)
        e.phone.auto_accept[0] = 0;
    (void)connect_update_user(c, SPAN(NOBODY), aspect, &e, answered, t);
}

static void try_identity(struct connect *c, struct trial *t)
{
    update(c, t, ASPECT_IDENTITY, false);
}
static void try_security(struct connect *c, struct trial *t)
{
    update(c, t, ASPECT_SECURITY_PROFILES, false);
}
static void try_routing(struct connect *c, struct trial *t)
{
    update(c, t, ASPECT_ROUTING_PROFILE, false);
}
static void try_hierarchy(struct connect *c, struct trial *t)
{
    update(c, t, ASPECT_HIERARCHY, false);
}
static void try_phone(struct connect *c, struct trial *t)
{
    update(c, t, ASPECT_PHONE, false);
}
static void try_config(struct connect *c, struct trial *t)
{
    update(c, t, ASPECT_PHONE, true);
}

static void try_tag(struct connect *c, struct trial *t)
{
    const struct tag tag = {SPAN("roster:doctor"), SPAN("1")};

    (void)connect_tag_user(c, t->arn, &tag, 1, answered, t);
}

static void try_untag(struct connect *c, struct trial *t)
{
    const struct span key = SPAN("roster:doctor");

    (void)connect_untag_user(c, t->arn, &key, 1, answered, t);
}

static void try_proficiencies(struct connect *c, struct trial *t, enum proficiency_change change)
{
    const struct proficiency p = {SPAN("roster:doctor"), SPAN("1"), 1};

    (void)connect_change_proficiencies(c, SPAN(NOBODY), change, &p, 1, answered, t);
}

static void try_associate(struct connect *c, struct trial *t)
{
    try_proficiencies(c, t, PROFICIENCY_ASSOCIATE);
}
static void try_update_proficiencies(struct connect *c, struct trial *t)
{
    try_proficiencies(c, t, PROFICIENCY_UPDATE);
}
static void try_disassociate(struct connect *c, struct trial *t)
{
    try_proficiencies(c, t, PROFICIENCY_DISASSOCIATE);
}

static void try_search(struct connect *c, struct trial *t)
{
    (void)connect_find_user(c, SPAN("roster.doctor"), answered, t);
}
static void try_describe(struct connect *c, struct trial *t)
{
    (void)connect_describe_user(c, SPAN(NOBODY), answered, t);
}
static void try_list_proficiencies(struct connect *c, struct trial *t)
{
    (void)connect_list_proficiencies(c, SPAN(NOBODY), SPAN(""), answered, t);
}
static void try_delete(struct connect *c, struct trial *t)
{
    (void)connect_delete_user(c, SPAN(NOBODY), answered, t);
}
static void try_current_data(struct connect *c, struct trial *t)
{
    (void)connect_current_user_data(c, SPAN(NOBODY), answered, t);
}
static void try_list_quick(struct connect *c, struct trial *t)
{
    (void)connect_list_quick_connects(c, SPAN(""), answered, t);
}
static void try_describe_quick(struct connect *c, struct trial *t)
{
    (void)connect_describe_quick_connect(c, SPAN(NOBODY), answered, t);
}
static void try_delete_quick(struct connect *c, struct trial *t)
{
    (void)connect_delete_quick_connect(c, SPAN(NOBODY), answered, t);
}
static void try_list_security(struct connect *c, struct trial *t)
{
    (void)connect_list_names(c, NAME_SECURITY_PROFILE, SPAN(""), answered, t);
}
static void try_list_routing(struct connect *c, struct trial *t)
{
    (void)connect_list_names(c, NAME_ROUTING_PROFILE, SPAN(""), answered, t);
}
static void try_search_hierarchy(struct connect *c, struct trial *t)
{
    (void)connect_list_names(c, NAME_HIERARCHY_GROUP, SPAN(""), answered, t);
}

static const struct way {
    const char *operation;
    void (*begin)(struct connect *c, struct trial *t);
    bool needs_arn;
} ways[] = {
    {"CreateUser", try_create, false},
    {"TagResource", try_tag, true},
    {"UntagResource", try_untag, true},
    {"UpdateUserIdentityInfo", try_identity, false},
    {"UpdateUserPhoneConfig", try_phone, false},
    {"UpdateUserConfig", try_config, false},
    {"AssociateUserProficiencies", try_associate, false},
    {"UpdateUserProficiencies", try_update_proficiencies, false},
    {"DisassociateUserProficiencies", try_disassociate, false},
    {"UpdateUserSecurityProfiles", try_security, false},
    {"UpdateUserRoutingProfile", try_routing, false},
    {"UpdateUserHierarchy", try_hierarchy, false},
    {"SearchUsers", try_search, false},
    {"DescribeUser", try_describe, false},
    {"ListUserProficiencies", try_list_proficiencies, false},
    {"DeleteUser", try_delete, false},
    {"GetCurrentUserData", try_current_data, false},
    {"ListQuickConnects", try_list_quick, false},
    {"DescribeQuickConnect", try_describe_quick, false},
    {"DeleteQuickConnect", try_delete_quick, false},
    {"ListSecurityProfiles", try_list_security, false},
    {"ListRoutingProfiles", try_list_routing, false},
    {"SearchUserHierarchyGroups", try_search_hierarchy, false},
};

/* ---- trying ---- */

static const struct way *find_way(const char *operation)
{
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        if (strcmp(ways[i].operation, operation) == 0)
            return &ways[i];
    return NULL;
}

struct beginning {
    const struct way *way;
    struct trial *trial;
};

static void begin(struct connect_line *line, void *arg)
{
    struct beginning *b = arg;

    b->way->begin(line->connect, b->trial);
}

/* True when the right is there. */
static bool try_one(struct doctor *d, struct trial *t, const struct way *way)
{
    struct beginning b = {way, t};
    struct fail fail = {0};
    enum err err = ERR_BUSY;

    /* Each one waits for the pace, which a throttled one has lowered. */
    for (int i = 0; i < TRIES && doctor_right_of(err, fail.code) == RIGHT_UNKNOWN; i++)
        err = connect_line_run(&d->line, way->operation, begin, &b, &fail);
    switch (doctor_right_of(err, fail.code)) {
    case RIGHT_GIVEN:
        return true;
    case RIGHT_DENIED:
        doctor_tell(d, DOCTOR_WRONG, "permission",
                    "connect:%s is denied (%s); put what 'roster policy' prints in place",
                    way->operation, fail.code);
        return false;
    case RIGHT_UNKNOWN:
        break;
    }
    doctor_tell(d, DOCTOR_NOTE, "permission", "whether connect:%s is permitted cannot be told: %s",
                way->operation, fail.text);
    return false;
}

/* Narrow policies permit the profiles that the rules give, and no others. */
static struct span first_id(const struct doctor *d, enum name_kind kind)
{
    const struct rules *rules = &d->o.settings->rules;
    const struct names *names = &d->o.pinned.names;
    struct span id;

    for (size_t i = 0; i < rules->n; i++) {
        const struct rule *rule = &rules->rules[i];
        struct span ref = kind == NAME_ROUTING_PROFILE    ? rule->routing_profile
                          : rule->n_security_profiles > 0 ? rule->security_profiles[0]
                                                          : SPAN("");

        if (ref.n > 0 && rule->has_ids)
            return ref;
        if (ref.n > 0 && names->find(names, kind, ref, &id) == NAME_KNOWN)
            return id;
    }
    return SPAN(NOBODY);
}

void doctor_try_permissions(struct doctor *d)
{
    struct policy_ask ask = {.settings = d->o.settings, .names = &d->o.pinned.names};
    const char *const *operations = policy_operations(&ask, &d->o.arena);
    struct trial t = {.d = d,
                      .line = &d->line,
                      .profile = first_id(d, NAME_SECURITY_PROFILE),
                      .routing = first_id(d, NAME_ROUTING_PROFILE),
                      .arn = SPAN("")};
    size_t n = 0, n_given = 0;

    if (d->instance_arn.n > 0)
        t.arn = span_of(arena_printf(&d->o.arena, "%.*s/agent/" NOBODY, SPAN_ARG(d->instance_arn)));
    for (; *operations != NULL; operations++) {
        const struct way *way = find_way(*operations);

        if (way == NULL || (way->needs_arn && t.arn.n == 0))
            continue;
        n++;
        n_given += try_one(d, &t, way);
    }
    if (n_given == n)
        doctor_tell(d, DOCTOR_GOOD, "permissions",
                    "none of the %zu operations that this configuration needs is denied", n);
}
