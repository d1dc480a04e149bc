/* The operations. Each is called with a call whose input keeps the service model and names our
 * instance. */
#ifndef SANDBOX_CONNECT_OPERATIONS_H
#define SANDBOX_CONNECT_OPERATIONS_H

#include "connect_side.h"

/* Runs call->op. */
void operation_run(struct call *call);

/* connect_users.c */
void create_user(struct call *call);
void describe_user(struct call *call);
void delete_user(struct call *call);
void list_users(struct call *call);
void put_user_status(struct call *call);
void get_current_user_data(struct call *call);
/* connect_update.c */
void update_user_identity_info(struct call *call);
void update_user_phone_config(struct call *call);
void update_user_routing_profile(struct call *call);
void update_user_security_profiles(struct call *call);
void update_user_hierarchy(struct call *call);
void update_user_config(struct call *call);
/* connect_proficiencies.c */
void list_user_proficiencies(struct call *call);
void update_user_proficiencies(struct call *call);
void associate_user_proficiencies(struct call *call);
void disassociate_user_proficiencies(struct call *call);
/* connect_search.c */
void search_users(struct call *call);
/* connect_tags.c */
void tag_resource(struct call *call);
void untag_resource(struct call *call);
void list_tags_for_resource(struct call *call);
void search_resource_tags(struct call *call);
/* connect_things.c */
void list_security_profiles(struct call *call);
void list_routing_profiles(struct call *call);
void list_user_hierarchy_groups(struct call *call);
void list_agent_statuses(struct call *call);
void list_quick_connects(struct call *call);
void list_predefined_attributes(struct call *call);
void search_security_profiles(struct call *call);
void search_routing_profiles(struct call *call);
void search_user_hierarchy_groups(struct call *call);
void search_predefined_attributes(struct call *call);
/* connect_describe.c */
void describe_security_profile(struct call *call);
void describe_routing_profile(struct call *call);
void describe_user_hierarchy_group(struct call *call);
void describe_user_hierarchy_structure(struct call *call);
void describe_predefined_attribute(struct call *call);
void describe_quick_connect(struct call *call);
void delete_quick_connect(struct call *call);
void describe_instance(struct call *call);
void list_instances(struct call *call);
void describe_instance_attribute(struct call *call);
void list_instance_attributes(struct call *call);

#endif
