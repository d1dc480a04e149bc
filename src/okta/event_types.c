#include "okta/event_types.h"

#define TYPE(text)                                                                                 \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

static const struct event_type types[] = {
    {TYPE("application.user_membership.add"), .topic = TOPIC_MEMBERSHIP, .kind = MEMBERSHIP_APP,
     .is_member = true},
    {TYPE("application.user_membership.remove"), .topic = TOPIC_MEMBERSHIP, .kind = MEMBERSHIP_APP},
    {TYPE("application.user_membership.update"), .topic = TOPIC_APP_USER, .kind = MEMBERSHIP_APP},
    {TYPE("application.user_membership.change_username"), .topic = TOPIC_APP_USER,
     .kind = MEMBERSHIP_APP},
    /* The states of an approval: which of them means what is not documented. */
    {TYPE("application.user_membership.approve"), .topic = TOPIC_APP_USER, .kind = MEMBERSHIP_APP},
    {TYPE("application.user_membership.provision"), .topic = TOPIC_APP_USER,
     .kind = MEMBERSHIP_APP},
    {TYPE("application.user_membership.revoke"), .topic = TOPIC_APP_USER, .kind = MEMBERSHIP_APP},
    {TYPE("application.user_membership.deprovision"), .topic = TOPIC_APP_USER,
     .kind = MEMBERSHIP_APP},
    {TYPE("application.user_membership.restore"), .topic = TOPIC_APP_USER, .kind = MEMBERSHIP_APP},
    {TYPE("group.user_membership.add"), .topic = TOPIC_MEMBERSHIP, .kind = MEMBERSHIP_GROUP,
     .is_member = true},
    {TYPE("group.user_membership.remove"), .topic = TOPIC_MEMBERSHIP, .kind = MEMBERSHIP_GROUP},

    {TYPE("user.lifecycle.activate"), .topic = TOPIC_ACCOUNT, .kind = MEMBERSHIP_ACCOUNT,
     .is_member = true, .ends_suspension = true},
    {TYPE("user.lifecycle.reactivate"), .topic = TOPIC_ACCOUNT, .kind = MEMBERSHIP_ACCOUNT,
     .is_member = true, .ends_suspension = true},
    {TYPE("user.lifecycle.unsuspend"), .topic = TOPIC_ACCOUNT, .kind = MEMBERSHIP_ACCOUNT,
     .is_member = true, .ends_suspension = true},
    {TYPE("user.lifecycle.suspend"), .topic = TOPIC_ACCOUNT, .kind = MEMBERSHIP_SUSPENSION,
     .is_member = true},
    {TYPE("user.lifecycle.deactivate"), .topic = TOPIC_ACCOUNT, .kind = MEMBERSHIP_ACCOUNT},
    {TYPE("user.lifecycle.delete.initiated"), .topic = TOPIC_ACCOUNT, .kind = MEMBERSHIP_ACCOUNT},
    {TYPE("user.lifecycle.delete.completed"), .topic = TOPIC_ACCOUNT, .kind = MEMBERSHIP_ACCOUNT},

    {TYPE("user.account.update_profile"), .topic = TOPIC_PROFILE},
    {TYPE("user.account.update_primary_email"), .topic = TOPIC_PROFILE},
    {TYPE("user.account.update_user_type"), .topic = TOPIC_PROFILE},

    {TYPE("group.lifecycle.create"), .topic = TOPIC_CONTAINER, .kind = MEMBERSHIP_GROUP},
    {TYPE("group.lifecycle.delete"), .topic = TOPIC_CONTAINER, .kind = MEMBERSHIP_GROUP,
     .alarm = "the group was deleted"},
    {TYPE("group.profile.update"), .topic = TOPIC_CONTAINER, .kind = MEMBERSHIP_GROUP},
    {TYPE("group.application_assignment.add"), .topic = TOPIC_CONTAINER, .kind = MEMBERSHIP_APP},
    {TYPE("group.application_assignment.remove"), .topic = TOPIC_CONTAINER, .kind = MEMBERSHIP_APP},
    {TYPE("group.application_assignment.update"), .topic = TOPIC_CONTAINER, .kind = MEMBERSHIP_APP},

    {TYPE("application.lifecycle.create"), .topic = TOPIC_CONTAINER, .kind = MEMBERSHIP_APP},
    {TYPE("application.lifecycle.update"), .topic = TOPIC_CONTAINER, .kind = MEMBERSHIP_APP},
    {TYPE("application.lifecycle.activate"), .topic = TOPIC_CONTAINER, .kind = MEMBERSHIP_APP},
    {TYPE("application.lifecycle.deactivate"), .topic = TOPIC_CONTAINER, .kind = MEMBERSHIP_APP,
     .alarm = "the application was deactivated"},
    {TYPE("application.lifecycle.delete"), .topic = TOPIC_CONTAINER, .kind = MEMBERSHIP_APP,
     .alarm = "the application was deleted"},

    {TYPE("app.user_management"), .topic = TOPIC_IMPORT},
    {TYPE("app.user_management.user_group_import.upsert_success"), .topic = TOPIC_IMPORT},
    {TYPE("app.user_management.user_group_import.delete_success"), .topic = TOPIC_IMPORT},
    {TYPE("system.import.complete"), .topic = TOPIC_SCOPE},
    {TYPE("system.import.roadblock"), .topic = TOPIC_SCOPE,
     .alarm = "Okta has stopped an import of users at its safeguard"},

    {TYPE("event_hook."), .topic = TOPIC_HEALTH},
    {TYPE("system.org.rate_limit."), .topic = TOPIC_HEALTH},
    {TYPE("system.operation.rate_limit."), .topic = TOPIC_HEALTH},
};

static bool is_of(struct span name, struct span type)
{
    return type.p[type.n - 1] == '.' ? span_starts(name, type) : span_eq(name, type);
}

const struct event_type *event_type_find(struct span name)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (is_of(name, types[i].name))
            return &types[i];
    return NULL;
}
