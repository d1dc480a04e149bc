/* The operations of Okta's API that are played, and what they share. */
#ifndef SANDBOX_OKTA_API_H
#define SANDBOX_OKTA_API_H

#include "okta_ask.h"
#include "okta_show.h"

/* How this request wants things shown, as of delay_ms ago. */
struct okta_show okta_show_of(struct okta_ask *ask, int64_t delay_ms);
/* The user by id or login, NULL after okta_fail. */
struct okta_user *okta_ask_user(struct okta_ask *ask, const char *id, int64_t at_ms);
/* The group or application, NULL after okta_fail. */
struct okta_container *okta_ask_container(struct okta_ask *ask, enum okta_kind kind, const char *id,
                                          int64_t at_ms);
/* Appends value and releases it. */
void okta_add_json(struct buf *out, json_t *value);

void okta_get_user(struct okta_ask *ask);
void okta_list_users(struct okta_ask *ask);
void okta_list_user_groups(struct okta_ask *ask);
void okta_list_app_links(struct okta_ask *ask);
void okta_do_to_user(struct okta_ask *ask);

void okta_get_group(struct okta_ask *ask);
void okta_list_groups(struct okta_ask *ask);
void okta_list_group_users(struct okta_ask *ask);
void okta_list_group_apps(struct okta_ask *ask);
void okta_add_group_user(struct okta_ask *ask);
void okta_remove_group_user(struct okta_ask *ask);

void okta_get_app(struct okta_ask *ask);
void okta_list_apps(struct okta_ask *ask);
void okta_list_app_users(struct okta_ask *ask);
void okta_get_app_user(struct okta_ask *ask);
void okta_list_app_groups(struct okta_ask *ask);
void okta_get_app_group(struct okta_ask *ask);

void okta_list_logs(struct okta_ask *ask);

void okta_list_hooks(struct okta_ask *ask);
void okta_create_hook(struct okta_ask *ask);
void okta_get_hook(struct okta_ask *ask);
void okta_replace_hook(struct okta_ask *ask);
void okta_delete_hook(struct okta_ask *ask);
void okta_verify_hook(struct okta_ask *ask);
void okta_activate_hook(struct okta_ask *ask);
void okta_deactivate_hook(struct okta_ask *ask);

#endif
