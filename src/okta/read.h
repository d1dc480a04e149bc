/* Reading Okta's directory: one function a question, on top of okta/api.h. Listings come page by
 * page; what is looked for by name is compared here, since Okta's searches ignore case and match
 * beginnings. On the loop only.
 * https://developer.okta.com/docs/api/openapi/okta-management/ */
#ifndef ROSTER_OKTA_READ_H
#define ROSTER_OKTA_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "okta/api.h"
#include "okta/result.h"

struct okta_read;

enum {
    OKTA_PAGES_MAX = 50000, /* of one listing: ten million users of an application */
    OKTA_FOUND_MAX = 20000, /* groups of a user, or things of one name */
};

/* A question with one answer is answered once, a listing with each page. The read may be cancelled
 * inside the callback. A listing is no snapshot: objects that move meanwhile can be missing or
 * there twice, so absence from it proves nothing. */
typedef void okta_read_done(void *arg, const struct okta_result *result);

/* One answer. */
struct okta_read *okta_read_user(struct okta_api *api, struct span user_id, okta_read_done *done,
                                 void *arg);
struct okta_read *okta_read_user_groups(struct okta_api *api, struct span user_id,
                                        okta_read_done *done, void *arg);
struct okta_read *okta_read_group(struct okta_api *api, struct span group_id, okta_read_done *done,
                                  void *arg);
struct okta_read *okta_read_app(struct okta_api *api, struct span app_id, okta_read_done *done,
                                void *arg);
struct okta_read *okta_read_app_user(struct okta_api *api, struct span app_id, struct span user_id,
                                     okta_read_done *done, void *arg);
/* All applications of that label, or groups of that name, equal byte for byte after NFC: none, one,
 * or several, since neither is unique in Okta. */
struct okta_read *okta_find_app(struct okta_api *api, struct span label, okta_read_done *done,
                                void *arg);
struct okta_read *okta_find_group(struct okta_api *api, struct span name, okta_read_done *done,
                                  void *arg);

/* Page by page. */
struct okta_read *okta_list_group_members(struct okta_api *api, struct span group_id,
                                          okta_read_done *done, void *arg);
/* With each one's user when with_users. */
struct okta_read *okta_list_app_users(struct okta_api *api, struct span app_id, bool with_users,
                                      okta_read_done *done, void *arg);
/* By an expression of Okta's search, which lags by a second or so; DEPROVISIONED users are found,
 * too. */
struct okta_read *okta_search_users(struct okta_api *api, struct span expression,
                                    okta_read_done *done, void *arg);
/* Those whose object changed at since_ms or later, by Okta's clock. */
struct okta_read *okta_search_changed_users(struct okta_api *api, int64_t since_ms,
                                            okta_read_done *done, void *arg);

/* No callback will come. NULL is fine. */
void okta_read_cancel(struct okta_read *read);

#endif
