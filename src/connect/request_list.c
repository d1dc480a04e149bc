/* Requests for lists, page by page, and about quick connects. */
#include "connect/request.h"

#include "text/json.h"

#define LIST_PAGE "1000" /* the most that the lists give */

enum { HIERARCHY_PAGE = 100, AGENTS_PAGE = 500 };

static struct request search_hierarchy(struct span instance_id, struct span token)
{
    /* Not the list: only the search tells the path of a group. */
    struct request r = request_to("POST", "/search-user-hierarchy-groups", SPAN(""));
    struct json_out out = json_out(&r.body);

    r.has_body = r.is_read = true;
    json_out_begin(&out, '{');
    json_put_str(&out, "InstanceId", instance_id);
    json_put_int(&out, "MaxResults", HIERARCHY_PAGE);
    if (token.n > 0)
        json_put_str(&out, "NextToken", token);
    json_out_end(&out, '}');
    return request_sealed(r);
}

/* Leaves the object open for what narrows the search down. */
static void search_begin(struct request *r, struct json_out *out, struct span instance_id, int max,
                         struct span token)
{
    *r = request_to("POST", "/search-users", SPAN(""));
    *out = json_out(&r->body);
    r->has_body = r->is_read = true;
    json_out_begin(out, '{');
    json_put_str(out, "InstanceId", instance_id);
    json_put_int(out, "MaxResults", max);
    if (token.n > 0)
        json_put_str(out, "NextToken", token);
}

struct request request_list_agents(struct span instance_id, struct span token)
{
    struct request r;
    struct json_out out;

    search_begin(&r, &out, instance_id, AGENTS_PAGE, token);
    json_out_end(&out, '}');
    return request_sealed(r);
}

struct request request_search_holders(struct span instance_id, struct span security_profile_id,
                                      int max)
{
    struct request r;
    struct json_out out;

    search_begin(&r, &out, instance_id, max, SPAN(""));
    json_out_key(&out, "SearchCriteria");
    json_out_begin(&out, '{');
    json_out_key(&out, "StringCondition");
    json_out_begin(&out, '{');
    json_put_str(&out, "FieldName", SPAN("SecurityProfileId"));
    json_put_str(&out, "Value", security_profile_id);
    json_put_str(&out, "ComparisonType", SPAN("EXACT"));
    json_out_end(&out, '}');
    json_out_end(&out, '}');
    json_out_end(&out, '}');
    return request_sealed(r);
}

static struct request list(const char *path, struct span instance_id, struct span token)
{
    struct request r = request_to("GET", path, instance_id);

    r.is_read = true;
    request_add_query(&r, "maxResults", SPAN(LIST_PAGE));
    if (token.n > 0)
        request_add_query(&r, "nextToken", token);
    return r;
}

struct request request_list_names(struct span instance_id, enum name_kind kind, struct span token)
{
    if (kind == NAME_HIERARCHY_GROUP)
        return search_hierarchy(instance_id, token);
    return request_sealed(list(kind == NAME_SECURITY_PROFILE ? "/security-profiles-summary/"
                                                             : "/routing-profiles-summary/",
                               instance_id, token));
}

struct request request_list_quick_connects(struct span instance_id, struct span token)
{
    struct request r = list("/quick-connects/", instance_id, token);

    request_add_query(&r, "QuickConnectTypes", SPAN("USER"));
    return request_sealed(r);
}

static struct request quick_connect(const char *method, struct span instance_id, struct span id)
{
    struct request r = request_to(method, "/quick-connects/", instance_id);

    r.is_read = true;
    request_add_segment(&r, id);
    return request_sealed(r);
}

struct request request_describe_quick_connect(struct span instance_id, struct span id)
{
    return quick_connect("GET", instance_id, id);
}

struct request request_delete_quick_connect(struct span instance_id, struct span id)
{
    return quick_connect("DELETE", instance_id, id);
}
