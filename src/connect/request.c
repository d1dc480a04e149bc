#include "connect/request.h"

#include <assert.h>

#include "text/json.h"
#include "text/url.h"

/* 500 is the most that SearchUsers gives; so one page is nearly always the whole answer. */
enum { PAGE_SIZE = 500, PATH_LIMIT = 64 * 1024, BODY_LIMIT = 256 * 1024 };

static struct request request_to(const char *method, const char *path, struct span segment)
{
    struct request r = {.method = method};

    buf_init(&r.path, PATH_LIMIT);
    buf_init(&r.body, BODY_LIMIT);
    buf_add_str(&r.path, path);
    url_add_encoded(&r.path, segment);
    return r;
}

/* What goes in was bounded where it came from: identifiers by the configuration, names by the rules
 * and by okta/targets.c. */
static struct request sealed(struct request r)
{
    assert(!r.path.full && !r.body.full);
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

struct request request_create_user(struct span instance_id, const struct entitlement *wanted)
{
    struct request r = request_to("PUT", "/users/", instance_id);
    struct json_out out = json_out(&r.body);

    r.has_body = true;
    json_out_begin(&out, '{');
    json_put_str(&out, "Username", wanted->user_name);
    json_out_key(&out, "IdentityInfo");
    json_out_begin(&out, '{');
    json_put_str(&out, "FirstName", wanted->first_name);
    json_put_str(&out, "LastName", wanted->last_name);
    json_out_end(&out, '}');
    json_out_key(&out, "PhoneConfig");
    json_out_begin(&out, '{');
    json_put_str(&out, "PhoneType",
                 wanted->has_desk_phone ? SPAN("DESK_PHONE") : SPAN("SOFT_PHONE"));
    json_out_end(&out, '}');
    json_out_key(&out, "SecurityProfileIds");
    json_out_begin(&out, '[');
    for (size_t i = 0; i < wanted->n_security_profile_ids; i++)
        json_out_str(&out, wanted->security_profile_ids[i]);
    json_out_end(&out, ']');
    json_put_str(&out, "RoutingProfileId", wanted->routing_profile_id);
    if (wanted->n_tags > 0) /* an empty map is refused: 1 to 50 entries */
        put_tags(&out, "Tags", wanted->tags, wanted->n_tags);
    json_out_end(&out, '}');
    return sealed(r);
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
    return sealed(r);
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
    return sealed(r);
}

struct request request_describe_instance(struct span instance_id)
{
    struct request r = request_to("GET", "/instance/", instance_id);

    r.is_read = true;
    return sealed(r);
}

void request_done(struct request *r)
{
    buf_done(&r->path);
    buf_done(&r->body);
}
