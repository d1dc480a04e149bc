/* Proficiencies: predefined attribute, value and level, at most ten for each user. */
#include "base/clock.h"
#include "connect_operations.h"
#include "connect_page.h"
#include "connect_rules.h"

enum { MOST = 10 };

#define KEPT "UserProficiencies"

static size_t place_of(const json_t *list, const json_t *wanted)
{
    size_t i;
    json_t *item;

    json_array_foreach(list, i, item)
    {
        if (json_equal(json_object_get(item, "AttributeName"),
                       json_object_get(wanted, "AttributeName")) &&
            json_equal(json_object_get(item, "AttributeValue"),
                       json_object_get(wanted, "AttributeValue")))
            return i;
    }
    return json_array_size(list);
}

static bool is_predefined(struct call *call, const json_t *wanted)
{
    const char *name = json_string_value(json_object_get(wanted, "AttributeName"));
    const json_t *attribute = thing_find(call->side->attributes, "Name", name);
    size_t i;
    json_t *value;

    json_array_foreach(json_object_get(attribute, "Values"), i, value)
    {
        if (json_equal(value, json_object_get(wanted, "AttributeValue")))
            return true;
    }
    call_fail(call, NOT_FOUND, "Predefined attribute %s with the value %s not found", name,
              json_string_value(json_object_get(wanted, "AttributeValue")));
    return false;
}

enum change { ASSOCIATE, UPDATE, DISASSOCIATE };

static bool change_one(struct call *call, json_t *list, json_t *wanted, enum change change)
{
    size_t i = place_of(list, wanted);
    bool is_there = i < json_array_size(list);

    if (change != DISASSOCIATE && !is_predefined(call, wanted))
        return false;
    if (change == ASSOCIATE && is_there) {
        call_fail(call, BAD_PARAMETER, "the proficiency is associated with the user already");
        return false;
    }
    if (change != ASSOCIATE && !is_there) {
        call_fail(call, BAD_PARAMETER, "the proficiency is not associated with the user");
        return false;
    }
    if (change == ASSOCIATE)
        json_array_append(list, wanted);
    else if (change == UPDATE)
        json_array_set(list, i, wanted);
    else
        json_array_remove(list, i);
    return true;
}

static void change_all(struct call *call, enum change change)
{
    struct agent *agent = call_agent(call);
    const json_t *old;
    json_t *list, *wanted, *doc;
    size_t i;

    if (agent == NULL)
        return;
    old = json_object_get(agent->newest->doc, KEPT);
    list = old == NULL ? json_array() : json_copy((json_t *)(uintptr_t)old);
    json_array_foreach(json_object_get(call->input, KEPT), i, wanted)
    {
        if (!change_one(call, list, wanted, change)) {
            json_decref(list);
            return;
        }
    }
    if (json_array_size(list) > MOST) {
        json_decref(list);
        call_fail(call, BAD_PARAMETER, "a user can have at most %d proficiencies", MOST);
        return;
    }
    doc = json_copy(agent->newest->doc);
    json_object_set_new(doc, KEPT, list);
    agents_change(&call->side->agents, agent, doc);
    call_ok(call, NULL);
}

void associate_user_proficiencies(struct call *call)
{
    change_all(call, ASSOCIATE);
}

void update_user_proficiencies(struct call *call)
{
    change_all(call, UPDATE);
}

void disassociate_user_proficiencies(struct call *call)
{
    change_all(call, DISASSOCIATE);
}

void list_user_proficiencies(struct call *call)
{
    struct agent *agent = call_agent(call);
    json_t *out;

    if (agent == NULL)
        return;
    out = page_of(call, json_object_get(agent->newest->doc, KEPT));
    if (out != NULL)
        side_stamp(call->side, out, agent->newest->wall_ms + call->side->clock_offset_ms);
}
