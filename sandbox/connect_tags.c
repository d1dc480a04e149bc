/* Tags, on users and on the things that have them. */
#include <stdlib.h>

#include "connect_criteria.h"
#include "connect_operations.h"
#include "connect_page.h"
#include "connect_rules.h"

enum { MOST = 50 };

struct target {
    struct agent *agent;
    json_t *thing;
};

static bool find(struct call *call, struct target *out)
{
    struct connect_side *side = call->side;
    const struct {
        const char *kind;
        json_t *things;
    } kinds[] = {{"security-profile", side->security_profiles},
                 {"routing-profile", side->routing_profiles},
                 {"agent-group", side->groups},
                 {"agent-state", side->statuses},
                 {"transfer-destination", side->quick_connects}};
    const char *arn = call_text(call, "resourceArn");
    struct span rest = span_of(arn), prefix = span_of(side->instance.arn), kind;

    *out = (struct target){NULL, NULL};
    if (span_starts(rest, prefix) && rest.n > prefix.n + 1 && rest.p[prefix.n] == '/') {
        rest = span_n(rest.p + prefix.n + 1, rest.n - prefix.n - 1);
        span_split(&rest, '/', &kind);
        if (span_eq(kind, SPAN("agent")) && rest.p != NULL)
            out->agent = agents_with_id(&side->agents, rest.p);
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds && rest.p != NULL; i++)
            if (span_eq(kind, span_of(kinds[i].kind)))
                out->thing = (json_t *)(uintptr_t)thing_find(kinds[i].things, "Id", rest.p);
    } else if (!span_starts(rest, SPAN("arn:"))) {
        call_fail(call, BAD_PARAMETER, "resourceArn is not an ARN");
        return false;
    }
    if (side->instance.exists && (out->agent != NULL || out->thing != NULL))
        return true;
    call_fail(call, NOT_FOUND, "Resource %s not found", arn);
    return false;
}

static json_t *tags_of(const struct target *target)
{
    return json_object_get(target->agent != NULL ? target->agent->newest->doc : target->thing,
                           "Tags");
}

static void store(struct call *call, const struct target *target, json_t *tags)
{
    json_t *doc;

    if (target->agent == NULL) {
        json_object_set_new(target->thing, "Tags", tags);
    } else {
        doc = json_copy(target->agent->newest->doc);
        json_object_set_new(doc, "Tags", tags);
        agents_change(&call->side->agents, target->agent, doc);
    }
    call_ok(call, NULL);
}

void tag_resource(struct call *call)
{
    struct target target;
    json_t *tags;

    if (!find(call, &target))
        return;
    tags = tags_of(&target) == NULL ? json_object() : json_copy(tags_of(&target));
    json_object_update(tags, json_object_get(call->input, "tags"));
    if (json_object_size(tags) > MOST) {
        json_decref(tags);
        call_fail(call, BAD_PARAMETER, "a resource can have at most %d tags", MOST);
        return;
    }
    store(call, &target, tags);
}

void untag_resource(struct call *call)
{
    struct target target;
    json_t *tags, *key;
    size_t i;

    if (!find(call, &target))
        return;
    tags = tags_of(&target) == NULL ? json_object() : json_copy(tags_of(&target));
    json_array_foreach(json_object_get(call->input, "tagKeys"), i, key)
    {
        json_object_del(tags, json_string_value(key));
    }
    store(call, &target, tags);
}

void list_tags_for_resource(struct call *call)
{
    struct target target;
    json_t *tags;

    if (!find(call, &target))
        return;
    tags = tags_of(&target);
    call_ok(call, json_pack("{s:o}", "tags", tags == NULL ? json_object() : json_incref(tags)));
}

/* ---- SearchResourceTags, for users only ---- */

static bool fits(const json_t *condition, const char *what, const char *comparison,
                 const char *text)
{
    const char *wanted = json_string_value(json_object_get(condition, what));
    const char *type = json_string_value(json_object_get(condition, comparison));

    return wanted == NULL || criteria_text_fits(text, wanted, type == NULL ? "EXACT" : type);
}

void search_resource_tags(struct call *call)
{
    const json_t *condition =
        json_object_get(json_object_get(call->input, "SearchCriteria"), "TagSearchCondition");
    const struct agents *agents = &call->side->agents;
    json_t *seen = json_object(), *all = json_array();

    for (struct agent *agent = agents_from(agents, 0); agent != NULL;
         agent = agents_from(agents, agent->number + 1)) {
        const struct agent_version *version = agent_seen(agent, call->side->search_delay_ms);
        const char *key;
        json_t *value;

        json_object_foreach(version == NULL ? NULL : json_object_get(version->doc, "Tags"), key,
                            value)
        {
            const char *text = json_string_value(value);
            json_t *pair;
            char *name;

            if (!fits(condition, "tagKey", "tagKeyComparisonType", key) ||
                !fits(condition, "tagValue", "tagValueComparisonType", text))
                continue;
            pair = json_pack("{s:s, s:s}", "key", key, "value", text);
            name = json_dumps(pair, JSON_COMPACT);
            if (json_object_get(seen, name) == NULL)
                json_array_append(all, pair);
            json_object_set_new(seen, name, pair);
            free(name);
        }
    }
    (void)page_of(call, all);
    json_decref(seen);
    json_decref(all);
}
