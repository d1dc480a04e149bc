#include "connect_operations.h"

static const struct {
    const char *name;
    void (*run)(struct call *call);
} operations[] = {
    {"AssociateUserProficiencies", associate_user_proficiencies},
    {"CreateUser", create_user},
    {"DeleteQuickConnect", delete_quick_connect},
    {"DeleteUser", delete_user},
    {"DescribeInstance", describe_instance},
    {"DescribeInstanceAttribute", describe_instance_attribute},
    {"DescribePredefinedAttribute", describe_predefined_attribute},
    {"DescribeQuickConnect", describe_quick_connect},
    {"DescribeRoutingProfile", describe_routing_profile},
    {"DescribeSecurityProfile", describe_security_profile},
    {"DescribeUser", describe_user},
    {"DescribeUserHierarchyGroup", describe_user_hierarchy_group},
    {"DescribeUserHierarchyStructure", describe_user_hierarchy_structure},
    {"DisassociateUserProficiencies", disassociate_user_proficiencies},
    {"GetCurrentUserData", get_current_user_data},
    {"ListAgentStatuses", list_agent_statuses},
    {"ListInstanceAttributes", list_instance_attributes},
    {"ListInstances", list_instances},
    {"ListPredefinedAttributes", list_predefined_attributes},
    {"ListQuickConnects", list_quick_connects},
    {"ListRoutingProfiles", list_routing_profiles},
    {"ListSecurityProfiles", list_security_profiles},
    {"ListTagsForResource", list_tags_for_resource},
    {"ListUserHierarchyGroups", list_user_hierarchy_groups},
    {"ListUserProficiencies", list_user_proficiencies},
    {"ListUsers", list_users},
    {"PutUserStatus", put_user_status},
    {"SearchPredefinedAttributes", search_predefined_attributes},
    {"SearchResourceTags", search_resource_tags},
    {"SearchRoutingProfiles", search_routing_profiles},
    {"SearchSecurityProfiles", search_security_profiles},
    {"SearchUserHierarchyGroups", search_user_hierarchy_groups},
    {"SearchUsers", search_users},
    {"TagResource", tag_resource},
    {"UntagResource", untag_resource},
    {"UpdateUserConfig", update_user_config},
    {"UpdateUserHierarchy", update_user_hierarchy},
    {"UpdateUserIdentityInfo", update_user_identity_info},
    {"UpdateUserPhoneConfig", update_user_phone_config},
    {"UpdateUserProficiencies", update_user_proficiencies},
    {"UpdateUserRoutingProfile", update_user_routing_profile},
    {"UpdateUserSecurityProfiles", update_user_security_profiles},
};

void operation_run(struct call *call)
{
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (strcmp(operations[i].name, call->op->name) == 0) {
            operations[i].run(call);
            return;
        }
    call_fail(call, "InternalServiceException", "the sandbox does not play %s", call->op->name);
}
