/* The forms that the values of [Mapping …] sections have; as config/values.h. What goes out is in
 * a, in normal form C. Texts marked T may use attributes of the user (model/profile.h). */
#ifndef ROSTER_CONFIG_RULE_VALUES_H
#define ROSTER_CONFIG_RULE_VALUES_H

#include "base/arena.h"
#include "base/err.h"
#include "base/span.h"
#include "model/names.h"
#include "model/rules.h"

/* A list of texts. */
struct texts {
    struct span *of;
    size_t n;
};

/* How long "0 to 2,000,000 s" is; 0 = without limit.
 * https://docs.aws.amazon.com/connect/latest/APIReference/API_UserPhoneConfig.html */
enum { AFTER_CONTACT_WORK_MAX_S = 2000000, TAG_VALUE_LIMIT = 256 };

/* A name, an id, or the ARN of such a thing in that instance; instance may be empty (not known). */
enum err rule_reference(struct arena *a, enum name_kind kind, struct span instance,
                        struct span text, struct span *out, struct fail *fail) WARN_UNUSED;
/* The same, T. A path is looked at when it has no attributes: 1 to 5 names, none of them empty. */
enum err rule_reference_template(struct arena *a, enum name_kind kind, struct span instance,
                                 struct span text, struct span *out, struct fail *fail) WARN_UNUSED;
/* T: an E.164 number, however it is parted. */
enum err rule_desk_phone(struct arena *a, struct span text, struct span *out,
                         struct fail *fail) WARN_UNUSED;

/* Lists; raw with its quotes, as for config/values.h. */

/* Names or ids (GROUP, APP), or patterns (USER.…). */
enum err rule_texts(struct arena *a, struct span raw, struct texts *out,
                    struct fail *fail) WARN_UNUSED;
/* Takes no attributes, and says why. */
enum err rule_security_profiles(struct arena *a, struct span instance, struct span raw,
                                struct texts *out, struct fail *fail) WARN_UNUSED;
/* "yes", "VOICE:yes, CHAT:no", "yes, CHAT:no". */
enum err rule_auto_accept(struct arena *a, struct span raw, struct channel_setting *out,
                          struct fail *fail) WARN_UNUSED;
/* "30", "30s", "VOICE:30s, CHAT:2m", "30, CHAT:0". */
enum err rule_after_contact_work(struct arena *a, struct span raw, struct channel_setting *out,
                                 struct fail *fail) WARN_UNUSED;
/* "Team=Claims, Site=${user.city}": values T. */
enum err rule_tags(struct arena *a, struct span raw, struct rule *out,
                   struct fail *fail) WARN_UNUSED;
/* "Language:English=5": values T. */
enum err rule_proficiencies(struct arena *a, struct span raw, struct rule *out,
                            struct fail *fail) WARN_UNUSED;

#endif
