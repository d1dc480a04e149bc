#include "model/names.h"

#include "text/arn.h"
#include "text/uuid.h"

enum { ID_MAX = 100, OKTA_ID = 20 };

const char *name_kind_word(enum name_kind kind)
{
    static const char *const words[NAME_KINDS] = {
        [NAME_SECURITY_PROFILE] = "security profile",
        [NAME_ROUTING_PROFILE] = "routing profile",
        [NAME_HIERARCHY_GROUP] = "hierarchy group",
        [NAME_OKTA_APP] = "application",
        [NAME_OKTA_GROUP] = "group",
    };

    return (unsigned)kind < NAME_KINDS ? words[kind] : "name";
}

static bool is_okta_id(struct span s, const char *prefix)
{
    if (s.n != OKTA_ID || !span_starts(s, span_of(prefix)))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
            return false;
    }
    return true;
}

/* "instance/INSTANCE/security-profile/ID"; an agent's hierarchy group is called agent-group there:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonconnect.html */
static const char *arn_word(enum name_kind kind)
{
    return kind == NAME_SECURITY_PROFILE  ? "security-profile"
           : kind == NAME_ROUTING_PROFILE ? "routing-profile"
                                          : "agent-group";
}

static bool arn_id(enum name_kind kind, struct span ref, struct span *id)
{
    struct span rest, part[4];
    struct arn arn;

    if (arn_parse(ref, &arn, NULL) != ERR_NONE || !span_eq(arn.service, SPAN("connect")))
        return false;
    rest = arn.resource;
    for (size_t i = 0; i < 4; i++)
        if (!span_split(&rest, '/', &part[i]))
            return false;
    if (rest.p != NULL || !span_eq(part[0], SPAN("instance")) ||
        !span_eq(part[2], span_of(arn_word(kind))) || part[3].n == 0 || part[3].n > ID_MAX)
        return false;
    *id = part[3];
    return true;
}

bool name_is_id(enum name_kind kind, struct span ref, struct span *id)
{
    uint8_t uuid[UUID_BYTES];

    if (kind == NAME_OKTA_APP || kind == NAME_OKTA_GROUP) {
        if (!is_okta_id(ref, kind == NAME_OKTA_APP ? "0oa" : "00g"))
            return false;
        *id = ref;
        return true;
    }
    if (span_starts(ref, SPAN("arn:")))
        return arn_id(kind, ref, id);
    if (!uuid_parse(ref, uuid))
        return false;
    *id = ref;
    return true;
}

static enum name_answer unread_find(const struct names *names, enum name_kind kind, struct span ref,
                                    struct span *id)
{
    (void)names;
    return name_is_id(kind, ref, id) ? NAME_KNOWN : NAME_NOT_READ;
}

static struct span unread_name_of(const struct names *names, enum name_kind kind, struct span id)
{
    (void)names;
    (void)kind;
    (void)id;
    return (struct span){NULL, 0};
}

static const char *unread_closest(const struct names *names, enum name_kind kind, struct span ref,
                                  struct arena *a)
{
    (void)names;
    (void)kind;
    (void)ref;
    (void)a;
    return "";
}

const struct names names_unread = {unread_find, unread_name_of, unread_closest};
