/* Lists and searches of profiles, hierarchy groups, statuses, predefined attributes and quick
 * connects. */
#include "connect_things.h"

#include "connect_criteria.h"
#include "connect_operations.h"
#include "connect_page.h"
#include "connect_rules.h"

/* ---- lists ---- */

static bool type_is_asked(const struct call *call, const char *filter, const json_t *thing)
{
    const json_t *types = json_object_get(call->input, filter);
    size_t i;
    json_t *type;

    if (json_array_size(types) == 0)
        return true;
    json_array_foreach(types, i, type)
    {
        if (json_equal(type, json_object_get(thing, "Type")))
            return true;
    }
    return false;
}

/* filter and type_member: NULL for what has no types. */
static void list(struct call *call, const json_t *things, const char *kind, const char *filter,
                 const char *type_member)
{
    json_t *all = json_array(), *thing;
    size_t i;

    json_array_foreach(things, i, thing)
    {
        json_t *row;

        if (filter != NULL && !type_is_asked(call, filter, thing))
            continue;
        row = thing_summary(call->side, thing, kind);
        if (type_member != NULL)
            json_object_set(row, type_member, json_object_get(thing, "Type"));
        json_array_append_new(all, row);
    }
    (void)page_of(call, all);
    json_decref(all);
}

void list_security_profiles(struct call *call)
{
    list(call, call->side->security_profiles, "security-profile", NULL, NULL);
}

void list_routing_profiles(struct call *call)
{
    list(call, call->side->routing_profiles, "routing-profile", NULL, NULL);
}

void list_user_hierarchy_groups(struct call *call)
{
    list(call, call->side->groups, "agent-group", NULL, NULL);
}

void list_agent_statuses(struct call *call)
{
    list(call, call->side->statuses, "agent-state", "AgentStatusTypes", "Type");
}

void list_quick_connects(struct call *call)
{
    list(call, call->side->quick_connects, "transfer-destination", "QuickConnectTypes",
         "QuickConnectType");
}

void list_predefined_attributes(struct call *call)
{
    list(call, call->side->attributes, NULL, NULL, NULL);
}

/* ---- searches ---- */

static const char *member_text(const json_t *thing, const char *member)
{
    return json_string_value(json_object_get(thing, member));
}

static const char *profile_text(const struct criteria *c, const void *thing, size_t field)
{
    static const char *const members[] = {"Name", "Description", "Id", "Id"};

    (void)c;
    return field < sizeof members / sizeof *members ? member_text(thing, members[field]) : NULL;
}

static const char *group_text(const struct criteria *c, const void *thing, size_t field)
{
    static const char *const levels[] = {"0", "1", "2", "3", "4", "5"};
    const char *parent = member_text(thing, "ParentId");

    switch (field) {
    case 0:
        return member_text(thing, "Name");
    case 1:
        return parent;
    case 2:
        return levels[thing_level(c->call->side, thing)];
    default:
        return field > 255 ? NULL : member_text(thing, "Id");
    }
}

static void search(const struct criteria *c, const json_t *things,
                   json_t *(*show)(const struct connect_side *side, const json_t *thing))
{
    struct call *call = c->call;
    const json_t *criteria = json_object_get(call->input, "SearchCriteria");
    const json_t *filter = json_object_get(call->input, "SearchFilter");
    const json_t *attributes = json_object_get(filter, "AttributeFilter");
    const json_t *tag = json_object_get(attributes, "TagCondition");
    json_t *all, *thing, *out;
    size_t i;

    if (!criteria_check(c, criteria))
        return;
    all = json_array();
    json_array_foreach(things, i, thing)
    {
        const json_t *tags = json_object_get(thing, "Tags");

        if (criteria_hold(c, criteria, thing) &&
            criteria_tags_hold(json_object_get(filter, "TagFilter"), tags) &&
            (tag == NULL || criteria_tag_holds(tag, tags)))
            json_array_append_new(all, show(call->side, thing));
    }
    out = page_of(call, all);
    if (out != NULL)
        json_object_set_new(out, "ApproximateTotalCount",
                            json_integer((json_int_t)json_array_size(all)));
    json_decref(all);
}

void search_security_profiles(struct call *call)
{
    static const char *const fields[] = {"name", "description", NULL};

    search(&(struct criteria){.call = call, .fields = fields, .text = profile_text},
           call->side->security_profiles, thing_security_profile);
}

void search_routing_profiles(struct call *call)
{
    static const char *const fields[] = {"name",       "description",        "resourceID",
                                         "resourceId", "associatedQueueIds", NULL};

    search(&(struct criteria){.call = call, .fields = fields, .text = profile_text},
           call->side->routing_profiles, thing_routing_profile);
}

void search_user_hierarchy_groups(struct call *call)
{
    static const char *const fields[] = {"name", "parentId", "levelId", "resourceID", NULL};

    search(&(struct criteria){.call = call, .fields = fields, .text = group_text},
           call->side->groups, thing_group);
}

void search_predefined_attributes(struct call *call)
{
    static const char *const fields[] = {"name", NULL};

    search(&(struct criteria){.call = call, .fields = fields, .text = profile_text},
           call->side->attributes, thing_attribute);
}
