#include "connect/request.h"

#include <assert.h>
#include <string.h>

#include "base/random.h"
#include "text/json.h"
#include "text/url.h"

/* 500 is the most that SearchUsers gives; so one page is nearly always the whole answer. */
enum { PAGE_SIZE = 500, PATH_LIMIT = 64 * 1024, BODY_LIMIT = 256 * 1024, PASSWORD_SIZE = 32 };

struct request request_to(const char *method, const char *path, struct span segment)
{
    struct request r = {.method = method};

    buf_init(&r.path, PATH_LIMIT);
    buf_init(&r.query, PATH_LIMIT);
    buf_init(&r.body, BODY_LIMIT);
    buf_add_str(&r.path, path);
    url_add_encoded(&r.path, segment);
    return r;
}

void request_add_segment(struct request *r, struct span segment)
{
    buf_add_char(&r->path, '/');
    url_add_encoded(&r->path, segment);
}

void request_add_query(struct request *r, const char *name, struct span value)
{
    if (r->query.n > 0)
        buf_add_char(&r->query, '&');
    buf_add_str(&r->query, name);
    buf_add_char(&r->query, '=');
    url_add_encoded(&r->query, value);
}

struct request request_sealed(struct request r)
{
    assert(!r.path.full && !r.query.full && !r.body.full);
    return r;
}

static void put_tags(struct json_out *out, const char *member, const struct tag *tags, size_t n)
{
    json_out_key(out, member);
    json_out_begin(out, '{');
    for (size_t i = 0; i < n; i++) {
        struct buf key;

        buf_init(&key, BODY_LIMIT);
        buf_add(&key, tags[i].key);
        json_put_str(out, key.p, tags[i].value);
        buf_done(&key);
    }
    json_out_end(out, '}');
}

void request_put_ids(struct json_out *out, const char *member, const struct span *ids, size_t n)
{
    json_out_key(out, member);
    json_out_begin(out, '[');
    for (size_t i = 0; i < n; i++)
        json_out_str(out, ids[i]);
    json_out_end(out, ']');
}

void request_put_identity(struct json_out *out, const struct entitlement *wanted)
{
    json_out_key(out, "IdentityInfo");
    json_out_begin(out, '{');
    json_put_str(out, "FirstName", wanted->first_name);
    json_put_str(out, "LastName", wanted->last_name);
    if (wanted->email.n > 0)
        json_put_str(out, "Email", wanted->email);
    if (wanted->secondary_email.n > 0)
        json_put_str(out, "SecondaryEmail", wanted->secondary_email);
    if (wanted->mobile.n > 0)
        json_put_str(out, "Mobile", wanted->mobile);
    json_out_end(out, '}');
}

/* At least one of each kind that the service asks for, the rest at random. */
static void put_password(struct json_out *out)
{
    static const char *const kinds[] = {"abcdefghijkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ",
                                        "23456789"};
    char password[PASSWORD_SIZE];

    for (size_t i = 0; i < sizeof(password); i++) {
        const char *kind = kinds[i < 3 ? i : random_below(3)];

        password[i] = kind[random_below(strlen(kind))];
    }
    json_put_str(out, "Password", span_n(password, sizeof(password)));
    explicit_bzero(password, sizeof(password));
}

struct request request_create_user(struct span instance_id, const struct entitlement *wanted,
                                   bool needs_password)
{
    struct request r = request_to("PUT", "/users/", instance_id);
    struct json_out out = json_out(&r.body);

    r.has_body = true;
    json_out_begin(&out, '{');
    json_put_str(&out, "Username", wanted->user_name);
    if (needs_password)
        put_password(&out);
    request_put_identity(&out, wanted);
    request_put_phone(&out, &wanted->phone);
    request_put_ids(&out, "SecurityProfileIds", wanted->security_profile_ids,
                    wanted->n_security_profile_ids);
    json_put_str(&out, "RoutingProfileId", wanted->routing_profile_id);
    if (wanted->hierarchy_group_id.n > 0)
        json_put_str(&out, "HierarchyGroupId", wanted->hierarchy_group_id);
    if (wanted->n_tags > 0) /* an empty map is refused: 1 to 50 entries */
        put_tags(&out, "Tags", wanted->tags, wanted->n_tags);
    json_out_end(&out, '}');
    return request_sealed(r);
}

struct request request_find_user(struct span instance_id, struct span user_name, struct span token)
{
    struct request r = request_to("POST", "/search-users", SPAN(""));
    struct json_out out = json_out(&r.body);

    r.has_body = r.is_read = true;
    json_out_begin(&out, '{');
    json_put_str(&out, "InstanceId", instance_id);
    json_put_int(&out, "MaxResults", PAGE_SIZE);
    if (token.n > 0)
        json_put_str(&out, "NextToken", token);
    json_out_key(&out, "SearchCriteria");
    json_out_begin(&out, '{');
    json_out_key(&out, "StringCondition");
    json_out_begin(&out, '{');
    json_put_str(&out, "FieldName", SPAN("Username"));
    json_put_str(&out, "Value", user_name);
    json_put_str(&out, "ComparisonType", SPAN("EXACT"));
    json_out_end(&out, '}');
    json_out_end(&out, '}');
    json_out_end(&out, '}');
    return request_sealed(r);
}

static void put_condition(struct json_out *out, const char *key, struct span value)
{
    json_out_begin(out, '{');
    json_put_str(out, "TagKey", span_of(key));
    json_put_str(out, "TagValue", value);
    json_out_end(out, '}');
}

/* okta_id empty: everybody's. */
static struct request search_tags(struct span instance_id, struct span managed_by,
                                  struct span okta_id, struct span token)
{
    struct request r = request_to("POST", "/search-users", SPAN(""));
    struct json_out out = json_out(&r.body);

    r.has_body = r.is_read = true;
    json_out_begin(&out, '{');
    json_put_str(&out, "InstanceId", instance_id);
    json_put_int(&out, "MaxResults", PAGE_SIZE);
    if (token.n > 0)
        json_put_str(&out, "NextToken", token);
    json_out_key(&out, "SearchFilter");
    json_out_begin(&out, '{');
    json_out_key(&out, "TagFilter");
    json_out_begin(&out, '{');
    json_out_key(&out, okta_id.n > 0 ? "AndConditions" : "TagCondition");
    if (okta_id.n > 0)
        json_out_begin(&out, '[');
    put_condition(&out, TAG_MANAGED_BY, managed_by);
    if (okta_id.n > 0) {
        put_condition(&out, TAG_OKTA_ID, okta_id);
        json_out_end(&out, ']');
    }
    json_out_end(&out, '}');
    json_out_end(&out, '}');
    json_out_end(&out, '}');
    return request_sealed(r);
}

struct request request_search_managed(struct span instance_id, struct span managed_by,
                                      struct span token)
{
    return search_tags(instance_id, managed_by, SPAN(""), token);
}

struct request request_search_owned(struct span instance_id, struct span managed_by,
                                    struct span okta_id, struct span token)
{
    return search_tags(instance_id, managed_by, okta_id, token);
}

struct request request_tag(struct span arn, const struct tag *tags, size_t n_tags)
{
    struct request r = request_to("POST", "/tags/", arn);
    struct json_out out = json_out(&r.body);

    /* It merges tags that are the same the second time, so a lost answer calls for no look. */
    r.has_body = r.is_read = true;
    json_out_begin(&out, '{');
    put_tags(&out, "tags", tags, n_tags);
    json_out_end(&out, '}');
    return request_sealed(r);
}

struct request request_untag(struct span arn, const struct span *keys, size_t n_keys)
{
    struct request r = request_to("DELETE", "/tags/", arn);

    r.is_read = true; /* what is gone already is no error */
    for (size_t i = 0; i < n_keys; i++)
        request_add_query(&r, "tagKeys", keys[i]);
    return request_sealed(r);
}

struct request request_describe_instance(struct span instance_id)
{
    struct request r = request_to("GET", "/instance/", instance_id);

    r.is_read = true;
    return request_sealed(r);
}

void request_done(struct request *r)
{
    if (r->body.p != NULL)
        explicit_bzero(r->body.p, r->body.n); /* it may hold a password */
    buf_done(&r->path);
    buf_done(&r->query);
    buf_done(&r->body);
}
