/* One thing in full, and the instance itself. */
#include "base/clock.h"
#include "connect_operations.h"
#include "connect_page.h"
#include "connect_rules.h"
#include "connect_things.h"

enum { LEVELS = 5 };

static const char *const level_names[LEVELS] = {"LevelOne", "LevelTwo", "LevelThree", "LevelFour",
                                                "LevelFive"};

static const char *text_of(const json_t *thing, const char *member)
{
    return json_string_value(json_object_get(thing, member));
}

static void stamp(const struct connect_side *side, json_t *out, const json_t *thing)
{
    side_stamp(side, out, json_integer_value(json_object_get(thing, "ModifiedMs")));
}

static void copy(json_t *out, const char *member, const json_t *thing, const char *from)
{
    if (json_object_get(thing, from) != NULL)
        json_object_set(out, member, json_object_get(thing, from));
}

json_t *thing_summary(const struct connect_side *side, const json_t *thing, const char *kind)
{
    json_t *out = json_object();

    if (kind != NULL) {
        copy(out, "Id", thing, "Id");
        json_object_set_new(out, "Arn", side_arn(side, kind, text_of(thing, "Id")));
    }
    copy(out, "Name", thing, "Name");
    stamp(side, out, thing);
    return out;
}

json_t *thing_security_profile(const struct connect_side *side, const json_t *thing)
{
    json_t *out = json_object();

    copy(out, "Id", thing, "Id");
    json_object_set_new(out, "Arn", side_arn(side, "security-profile", text_of(thing, "Id")));
    json_object_set_new(out, "OrganizationResourceId", json_string(side->instance.id));
    copy(out, "SecurityProfileName", thing, "Name");
    copy(out, "Description", thing, "Description");
    copy(out, "Tags", thing, "Tags");
    return out;
}

json_t *thing_routing_profile(const struct connect_side *side, const json_t *thing)
{
    json_t *out =
        json_pack("{s:s, s:o, s:[{s:s, s:i}]}", "InstanceId", side->instance.id,
                  "RoutingProfileArn", side_arn(side, "routing-profile", text_of(thing, "Id")),
                  "MediaConcurrencies", "Channel", "VOICE", "Concurrency", 1);

    copy(out, "RoutingProfileId", thing, "Id");
    copy(out, "Name", thing, "Name");
    copy(out, "Description", thing, "Description");
    copy(out, "Tags", thing, "Tags");
    stamp(side, out, thing);
    return out;
}

unsigned thing_level(const struct connect_side *side, const json_t *group)
{
    unsigned level = 1;

    while (level < LEVELS &&
           (group = thing_find(side->groups, "Id", text_of(group, "ParentId"))) != NULL)
        level++;
    return level;
}

json_t *thing_group(const struct connect_side *side, const json_t *thing)
{
    json_t *out = thing_summary(side, thing, "agent-group"), *path = json_object();
    unsigned level = thing_level(side, thing);

    json_object_set_new(out, "LevelId", json_sprintf("%u", level));
    for (const json_t *group = thing; group != NULL && level > 0;
         group = thing_find(side->groups, "Id", text_of(group, "ParentId")))
        json_object_set_new(path, level_names[--level], thing_summary(side, group, "agent-group"));
    json_object_set_new(out, "HierarchyPath", path);
    copy(out, "Tags", thing, "Tags");
    return out;
}

json_t *thing_attribute(const struct connect_side *side, const json_t *thing)
{
    json_t *out = thing_summary(side, thing, NULL);

    json_object_set_new(out, "Values",
                        json_pack("{s:O}", "StringList", json_object_get(thing, "Values")));
    copy(out, "Purposes", thing, "Purposes");
    return out;
}

static json_t *thing_quick_connect(const struct connect_side *side, const json_t *thing)
{
    json_t *out = json_pack("{s:o}", "QuickConnectARN",
                            side_arn(side, "transfer-destination", text_of(thing, "Id")));

    copy(out, "QuickConnectId", thing, "Id");
    copy(out, "Name", thing, "Name");
    copy(out, "Description", thing, "Description");
    copy(out, "QuickConnectConfig", thing, "Config");
    copy(out, "Tags", thing, "Tags");
    stamp(side, out, thing);
    return out;
}

static void describe(struct call *call, const json_t *things, const char *member, const char *key,
                     const char *out,
                     json_t *(*show)(const struct connect_side *side, const json_t *thing))
{
    const json_t *thing = thing_find(things, key, call_text(call, member));

    if (thing == NULL)
        call_fail(call, NOT_FOUND, "%s %s not found", out, call_text(call, member));
    else
        call_ok(call, json_pack("{s:o}", out, show(call->side, thing)));
}

static json_t *whole_security_profile(const struct connect_side *side, const json_t *thing)
{
    json_t *out = thing_security_profile(side, thing);

    copy(out, "AllowedAccessControlTags", thing, "AllowedAccessControlTags");
    stamp(side, out, thing);
    return out;
}

void describe_security_profile(struct call *call)
{
    describe(call, call->side->security_profiles, "SecurityProfileId", "Id", "SecurityProfile",
             whole_security_profile);
}

void describe_routing_profile(struct call *call)
{
    describe(call, call->side->routing_profiles, "RoutingProfileId", "Id", "RoutingProfile",
             thing_routing_profile);
}

void describe_user_hierarchy_group(struct call *call)
{
    describe(call, call->side->groups, "HierarchyGroupId", "Id", "HierarchyGroup", thing_group);
}

void describe_predefined_attribute(struct call *call)
{
    describe(call, call->side->attributes, "Name", "Name", "PredefinedAttribute", thing_attribute);
}

void describe_quick_connect(struct call *call)
{
    describe(call, call->side->quick_connects, "QuickConnectId", "Id", "QuickConnect",
             thing_quick_connect);
}

void delete_quick_connect(struct call *call)
{
    const char *id = call_text(call, "QuickConnectId");

    for (size_t i = 0; i < json_array_size(call->side->quick_connects); i++)
        if (strcmp(text_of(json_array_get(call->side->quick_connects, i), "Id"), id) == 0) {
            json_array_remove(call->side->quick_connects, i);
            call_ok(call, NULL);
            return;
        }
    call_fail(call, NOT_FOUND, "QuickConnect %s not found", id);
}

void describe_user_hierarchy_structure(struct call *call)
{
    static const char *const names[LEVELS] = {"Division", "Region", "Site", "Department", "Team"};
    json_t *structure = json_object();

    for (unsigned i = 0; i < LEVELS; i++) {
        json_t *level =
            json_pack("{s:o, s:o, s:s}", "Id", json_sprintf("%u", i + 1), "Arn",
                      json_sprintf("%s/agent-group-level/%u", call->side->instance.arn, i + 1),
                      "Name", names[i]);

        side_stamp(call->side, level, call->side->instance.created_ms);
        json_object_set_new(structure, level_names[i], level);
    }
    call_ok(call, json_pack("{s:o}", "HierarchyStructure", structure));
}

/* ---- the instance ---- */

static json_t *instance(const struct connect_side *side)
{
    const struct instance *in = &side->instance;

    return json_pack("{s:s, s:s, s:s, s:s, s:f, s:o, s:s, s:b, s:b, s:o}", "Id", in->id, "Arn",
                     in->arn, "IdentityManagementType", in->identity, "InstanceAlias", in->alias,
                     "CreatedTime", (double)in->created_ms / MS_PER_S, "ServiceRole",
                     json_sprintf("arn:aws:iam::%s:role/aws-service-role/connect.amazonaws.com/"
                                  "AWSServiceRoleForAmazonConnect",
                                  in->account),
                     "InstanceStatus", "ACTIVE", "InboundCallsEnabled", 1, "OutboundCallsEnabled",
                     1, "InstanceAccessUrl", json_sprintf("https://%s.my.connect.aws", in->alias));
}

void describe_instance(struct call *call)
{
    json_t *in = instance(call->side);

    json_object_set_new(in, "Tags", json_object());
    call_ok(call, json_pack("{s:o}", "Instance", in));
}

void list_instances(struct call *call)
{
    json_t *all = json_array();

    if (call->side->instance.exists)
        json_array_append_new(all, instance(call->side));
    (void)page_of(call, all);
    json_decref(all);
}

static const char *const attributes[] = {
    "INBOUND_CALLS", "OUTBOUND_CALLS",           "CONTACTFLOW_LOGS",
    "CONTACT_LENS",  "AUTO_RESOLVE_BEST_VOICES", "EARLY_MEDIA",
};

static json_t *attribute(const char *type)
{
    return json_pack("{s:s, s:s}", "AttributeType", type, "Value", "true");
}

void describe_instance_attribute(struct call *call)
{
    call_ok(call, json_pack("{s:o}", "Attribute", attribute(call_text(call, "AttributeType"))));
}

void list_instance_attributes(struct call *call)
{
    json_t *all = json_array();

    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        json_array_append_new(all, attribute(attributes[i]));
    (void)page_of(call, all);
    json_decref(all);
}
