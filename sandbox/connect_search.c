/* SearchUsers. */
#include "base/clock.h"
#include "connect_criteria.h"
#include "connect_operations.h"
#include "connect_page.h"
#include "connect_rules.h"

/* API_UserSearchCriteria */
static const char *const fields[] = {
    "Username",          "FirstName",  "LastName", "RoutingProfileId",
    "SecurityProfileId", "resourceId", NULL};

struct found {
    const struct agent *agent;
    const json_t *doc;
};

static const char *text(const struct criteria *c, const void *thing, size_t field)
{
    const struct found *found = thing;
    const char *name = fields[field % 256];
    size_t turn = field / 256;

    (void)c;
    if (strcmp(name, "SecurityProfileId") == 0)
        return json_string_value(
            json_array_get(json_object_get(found->doc, "SecurityProfileIds"), turn));
    if (turn > 0)
        return NULL;
    if (strcmp(name, "Username") == 0)
        return found->agent->name;
    if (strcmp(name, "resourceId") == 0)
        return found->agent->id;
    if (strcmp(name, "RoutingProfileId") == 0)
        return json_string_value(json_object_get(found->doc, name));
    return json_string_value(json_object_get(json_object_get(found->doc, "IdentityInfo"), name));
}

static bool group(const struct criteria *c, const void *thing, const json_t *condition)
{
    const struct found *found = thing;
    const char *wanted = json_string_value(json_object_get(condition, "Value"));
    const char *match = json_string_value(json_object_get(condition, "HierarchyGroupMatchType"));
    const char *id = json_string_value(json_object_get(found->doc, "HierarchyGroupId"));

    while (id != NULL && wanted != NULL) {
        if (strcmp(id, wanted) == 0)
            return true;
        if (match == NULL || strcmp(match, "WITH_CHILD_GROUPS") != 0)
            return false;
        id = json_string_value(
            json_object_get(thing_find(c->call->side->groups, "Id", id), "ParentId"));
    }
    return false;
}

static bool number_fits(const json_t *condition, double level)
{
    const char *type = json_string_value(json_object_get(condition, "ComparisonType"));
    double min = json_number_value(json_object_get(condition, "MinValue"));
    double max = json_number_value(json_object_get(condition, "MaxValue"));

    if (type == NULL || strcmp(type, "EQUAL") == 0)
        return level >= min && level <= min;
    if (strcmp(type, "NOT_EQUAL") == 0)
        return level < min || level > min;
    if (strcmp(type, "GREATER") == 0)
        return level > min;
    if (strcmp(type, "GREATER_OR_EQUAL") == 0)
        return level >= min;
    if (strcmp(type, "LESSER") == 0)
        return level < max;
    if (strcmp(type, "LESSER_OR_EQUAL") == 0)
        return level <= max;
    return level >= min && level <= max;
}

static bool proficiency_fits(const json_t *proficiency, const json_t *conditions)
{
    const char *name = json_string_value(json_object_get(proficiency, "AttributeName"));
    const char *value = json_string_value(json_object_get(proficiency, "AttributeValue"));
    size_t i;
    json_t *condition;

    json_array_foreach(conditions, i, condition)
    {
        const json_t *words = json_object_get(condition, "StringCondition");
        const json_t *number = json_object_get(condition, "NumberCondition");
        const char *field = json_string_value(json_object_get(words, "FieldName"));
        const char *wanted = json_string_value(json_object_get(words, "Value"));
        const char *type = json_string_value(json_object_get(words, "ComparisonType"));

        if (words != NULL && (field == NULL || wanted == NULL || strcmp(field, name) != 0 ||
                              !criteria_text_fits(value, wanted, type == NULL ? "EXACT" : type)))
            return false;
        if (number != NULL &&
            !number_fits(number, json_number_value(json_object_get(proficiency, "Level"))))
            return false;
    }
    return true;
}

static bool list(const struct criteria *c, const void *thing, const json_t *condition)
{
    const struct found *found = thing;
    size_t i;
    json_t *item;

    (void)c;
    json_array_foreach(json_object_get(found->doc, "UserProficiencies"), i, item)
    {
        if (proficiency_fits(item, json_object_get(condition, "Conditions")))
            return true;
    }
    return false;
}

/* ---- filters ---- */

static bool and_holds(const struct criteria *c, const json_t *condition, const struct found *found)
{
    const json_t *in = json_object_get(condition, "HierarchyGroupCondition");
    size_t i;
    json_t *item;

    if (in != NULL && !group(c, found, in))
        return false;
    json_array_foreach(json_object_get(condition, "TagConditions"), i, item)
    {
        if (!criteria_tag_holds(item, json_object_get(found->doc, "Tags")))
            return false;
    }
    return true;
}

static bool attributes_hold(const struct criteria *c, const json_t *filter,
                            const struct found *found)
{
    const json_t * or = json_object_get(filter, "OrConditions"),
                   *tag = json_object_get(filter, "TagCondition");
    const json_t *in = json_object_get(filter, "HierarchyGroupCondition");
    bool any = json_array_size(or) == 0;
    size_t i;
    json_t *item;

    if ((tag != NULL && !criteria_tag_holds(tag, json_object_get(found->doc, "Tags"))) ||
        (in != NULL && !group(c, found, in)) ||
        !and_holds(c, json_object_get(filter, "AndCondition"), found))
        return false;
    json_array_foreach(or, i, item)
    {
        any = any || and_holds(c, item, found);
    }
    return any;
}

static bool is_wanted(const struct criteria *c, const struct found *found)
{
    const json_t *filter = json_object_get(c->call->input, "SearchFilter");

    return criteria_tags_hold(json_object_get(filter, "TagFilter"),
                              json_object_get(found->doc, "Tags")) &&
           attributes_hold(c, json_object_get(filter, "UserAttributeFilter"), found) &&
           criteria_hold(c, json_object_get(c->call->input, "SearchCriteria"), found);
}

/* ---- results ---- */

static json_t *summary(const struct call *call, const struct found *found)
{
    static const char *const same[] = {"Username",         "DirectoryUserId",    "HierarchyGroupId",
                                       "RoutingProfileId", "SecurityProfileIds", "Tags"};
    const json_t *identity = json_object_get(found->doc, "IdentityInfo");
    json_t *phone = json_object_get(found->doc, "PhoneConfig");
    json_t *out = json_pack("{s:s, s:o, s:{s:O*, s:O*}}", "Id", found->agent->id, "Arn",
                            side_arn(call->side, "agent", found->agent->id), "IdentityInfo",
                            "FirstName", json_object_get(identity, "FirstName"), "LastName",
                            json_object_get(identity, "LastName"));

    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        if (json_object_get(found->doc, same[i]) != NULL)
            json_object_set(out, same[i], json_object_get(found->doc, same[i]));
    for (size_t i = 0; rules_lists[i] != NULL; i++)
        if (json_object_get(found->doc, rules_lists[i]) != NULL)
            json_object_set(out, rules_lists[i], json_object_get(found->doc, rules_lists[i]));
    if (phone != NULL) {
        const json_t *limit = json_object_get(phone, "AfterContactWorkTimeLimit");

        phone = json_copy(phone);
        if (limit != NULL) /* searches give milliseconds, API_UserSearchSummary */
            json_object_set_new(phone, "AfterContactWorkTimeLimit",
                                json_integer(json_integer_value(limit) * MS_PER_S));
        json_object_set_new(out, "PhoneConfig", phone);
    }
    return out;
}

static bool see(const struct criteria *c, const struct agent *agent, struct found *found)
{
    const struct agent_version *version = agent_seen(agent, c->call->side->search_delay_ms);

    if (version == NULL)
        return false;
    *found = (struct found){agent, version->doc};
    return is_wanted(c, found);
}

struct by_name {
    const struct criteria *c;
    json_t *items;
};

static void add_named(void *arg, struct agent *agent)
{
    struct by_name *b = arg;
    struct found found;

    if (see(b->c, agent, &found))
        json_array_append_new(b->items, summary(b->c->call, &found));
}

/* The search for one name, which clients do most, needs no walk through all users. */
static const char *exact_name(const struct call *call)
{
    const json_t *criteria = json_object_get(call->input, "SearchCriteria");
    const json_t *condition = json_object_get(criteria, "StringCondition");
    const char *field = json_string_value(json_object_get(condition, "FieldName"));
    const char *type = json_string_value(json_object_get(condition, "ComparisonType"));

    if (field == NULL || strcmp(field, "Username") != 0 ||
        (type != NULL && strcmp(type, "EXACT") != 0))
        return NULL;
    return json_string_value(json_object_get(condition, "Value"));
}

static uint64_t count_all(const struct criteria *c)
{
    const struct agents *agents = &c->call->side->agents;
    struct found found;
    uint64_t n = 0;

    for (size_t i = 0; i < agents->n_slots; i++)
        if (agents->slots[i].agent != NULL && see(c, agents->slots[i].agent, &found))
            n++;
    return n;
}

static void search_all(const struct criteria *c, struct page *page)
{
    const struct agents *agents = &c->call->side->agents;
    json_t *items = json_array();
    struct agent *agent = agents_from(agents, page->from);
    struct found found;
    uint64_t total;

    if (page->is_first)
        page->total = count_all(c);
    total = page->total;
    while (agent != NULL && json_array_size(items) < page->limit) {
        page->from = agent->number + 1;
        if (see(c, agent, &found))
            json_array_append_new(items, summary(c->call, &found));
        agent = agents_from(agents, page->from);
    }
    page_end(c->call, page, items, json_array_size(items) == page->limit, page->from);
    json_object_set_new(c->call->out, "ApproximateTotalCount", json_integer((json_int_t)total));
}

void search_users(struct call *call)
{
    const struct criteria c = {
        .call = call, .fields = fields, .text = text, .list = list, .group = group};
    const json_t *filter = json_object_get(call->input, "SearchFilter");
    const char *name = exact_name(call);
    struct page page;

    if (json_object_get(filter, "TagFilter") != NULL &&
        json_object_get(filter, "UserAttributeFilter") != NULL) {
        call_fail(call, "AccessDeniedException",
                  "TagFilter and UserAttributeFilter must not be used together");
        return;
    }
    if (!criteria_check(&c, json_object_get(call->input, "SearchCriteria")))
        return;
    if (name != NULL && call_text(call, "NextToken") == NULL) {
        struct by_name named = {&c, json_array()};

        agents_each_named(&call->side->agents, name, add_named, &named);
        if (json_array_size(named.items) <= 1) {
            page = (struct page){.limit = 1};
            page_end(call, &page, named.items, false, 0);
            json_object_set_new(call->out, "ApproximateTotalCount",
                                json_integer((json_int_t)json_array_size(named.items)));
            return;
        }
        json_decref(named.items);
    }
    if (page_begin(call, &page))
        search_all(&c, &page);
}
