#include "connect/answer.h"

#include "text/json_tree.h"

/* ANSWER_…_MAX: far above what the service gives (ids have 36 characters, ARNs about 150), and
 * small enough to keep in every person's row. */
enum { SEARCH_TOKEN_MAX = 2500 };

enum err answer_unclear(struct fail *fail, const char *what)
{
    return fail_set(fail, ERR_UNCLEAR,
                    "Amazon Connect answered that it was done, but %s; Roster looks again", what);
}

enum err answer_parse(struct span body, struct json **out, struct fail *fail)
{
    struct json *root = NULL;
    struct fail why;

    if (body.n == 0)
        return answer_unclear(fail, "the answer has no body");
    if (json_parse(body, &root, &why) != ERR_NONE)
        return fail_set(fail, ERR_UNCLEAR,
                        "Amazon Connect answered that it was done, but the answer is %s; Roster "
                        "looks again",
                        why.text);
    if (!json_is_object(root)) {
        json_free(root);
        return answer_unclear(fail, "the answer is no JSON object");
    }
    *out = root;
    return ERR_NONE;
}

bool answer_is_usable(struct span text, size_t max)
{
    return text.n > 0 && text.n <= max;
}

enum err answer_create_user(struct span body, struct arena *a, struct connect_answer *out,
                            struct fail *fail)
{
    struct json *root = NULL;
    struct span id, arn;
    enum err err = answer_parse(body, &root, fail);

    if (err != ERR_NONE)
        return err;
    id = json_str(root, "UserId");
    arn = json_str(root, "UserArn");
    if (answer_is_usable(id, ANSWER_ID_MAX) && answer_is_usable(arn, ANSWER_ARN_MAX)) {
        out->user_id = arena_span(a, id);
        out->user_arn = arena_span(a, arn);
    } else {
        err = answer_unclear(fail, "the answer has no UserId and UserArn");
    }
    json_free(root);
    return err;
}

static void read_profiles(const struct json *user, struct arena *a, struct agent *agent)
{
    size_t n = json_count(user, "SecurityProfileIds");
    struct span *ids = arena_new(a, n, sizeof(*ids));

    for (size_t i = 0; i < n; i++)
        ids[i] = arena_span(a, json_str(json_item(user, "SecurityProfileIds", i), ""));
    agent->security_profile_ids = ids;
    agent->n_security_profile_ids = n;
}

static void read_tags(const struct json *user, struct arena *a, struct agent *agent)
{
    const struct json *tags = json_get(user, "Tags"), *value;
    struct tag *copy;
    void *state = NULL;
    const char *key;
    size_t n = 0;

    while (json_each(tags, &state, &key, &value))
        n++;
    copy = arena_new(a, n, sizeof(*copy));
    state = NULL;
    for (size_t i = 0; json_each(tags, &state, &key, &value); i++) {
        struct span text = json_str(value, "");

        copy[i] = (struct tag){arena_span(a, span_of(key)),
                               arena_span(a, text.p == NULL ? SPAN("") : text)};
    }
    agent->tags = copy;
    agent->n_tags = n;
}

struct agent answer_agent(const struct json *user, struct arena *a)
{
    struct agent agent = {
        .id = arena_span(a, json_str(user, "Id")),
        .arn = arena_span(a, json_str(user, "Arn")),
        .user_name = arena_span(a, json_str(user, "Username")),
        .first_name = arena_span(a, json_str(user, "IdentityInfo.FirstName")),
        .last_name = arena_span(a, json_str(user, "IdentityInfo.LastName")),
        .routing_profile_id = arena_span(a, json_str(user, "RoutingProfileId")),
    };

    read_profiles(user, a, &agent);
    read_tags(user, a, &agent);
    return agent;
}

/* Nothing says whether the search folds case, so its finds are compared byte for byte. */
static enum err read_users(const struct json *root, struct span user_name, struct arena *a,
                           struct connect_answer *out, struct fail *fail)
{
    size_t n = json_count(root, "Users"), found = 0;
    struct agent *agents = arena_new(a, n, sizeof(*agents));

    for (size_t i = 0; i < n; i++) {
        const struct json *user = json_item(root, "Users", i);

        if (!span_eq(json_str(user, "Username"), user_name))
            continue;
        if (!answer_is_usable(json_str(user, "Id"), ANSWER_ID_MAX) ||
            !answer_is_usable(json_str(user, "Arn"), ANSWER_ARN_MAX))
            return answer_unclear(fail, "the agent found has no Id and Arn");
        agents[found++] = answer_agent(user, a);
    }
    out->agents = agents;
    out->n_agents = found;
    return ERR_NONE;
}

enum err answer_find_user(struct span body, struct span user_name, struct arena *a,
                          struct connect_answer *out, struct span *next_token, struct fail *fail)
{
    struct json *root = NULL;
    struct span token;
    enum err err = answer_parse(body, &root, fail);

    if (err != ERR_NONE)
        return err;
    token = json_str(root, "NextToken");
    /* "Nobody" must be said: an answer that says nothing is no reason to make an agent. */
    if (!json_is_array(json_get(root, "Users")) && token.n == 0 &&
        json_get(root, "ApproximateTotalCount") == NULL)
        err = answer_unclear(fail, "the answer has no Users");
    else if (token.n > SEARCH_TOKEN_MAX)
        err = answer_unclear(fail, "the answer's NextToken is longer than 2500 characters");
    else
        err = read_users(root, user_name, a, out, fail);
    if (err == ERR_NONE)
        *next_token = arena_span(a, token);
    json_free(root);
    return err;
}

enum err answer_token(const struct json *root, struct arena *a, struct connect_answer *out,
                      struct fail *fail)
{
    struct span token = json_str(root, "NextToken");

    if (token.n > ANSWER_TOKEN_MAX)
        return answer_unclear(fail, "the answer's NextToken is longer than 64 KiB");
    out->next_token = token.n > 0 ? arena_span(a, token) : (struct span){NULL, 0};
    return ERR_NONE;
}

enum err answer_search_users(struct span body, struct arena *a, struct connect_answer *out,
                             struct fail *fail)
{
    struct json *root = NULL;
    struct agent *agents;
    size_t n;
    enum err err = answer_parse(body, &root, fail);

    if (err != ERR_NONE)
        return err;
    n = json_count(root, "Users");
    agents = arena_new(a, n, sizeof(*agents));
    /* "Nobody" must be said, as in a search by name. */
    if (!json_is_array(json_get(root, "Users")) && json_str(root, "NextToken").n == 0)
        err = answer_unclear(fail, "the answer has no Users");
    for (size_t i = 0; err == ERR_NONE && i < n; i++)
        agents[i] = answer_agent(json_item(root, "Users", i), a);
    if (err == ERR_NONE)
        err = answer_token(root, a, out, fail);
    json_free(root);
    if (err != ERR_NONE)
        return err;
    out->agents = agents;
    out->n_agents = n;
    return ERR_NONE;
}

enum err answer_describe_instance(struct span body, struct arena *a, struct connect_answer *out,
                                  struct fail *fail)
{
    struct json *root = NULL;
    struct span type;
    enum err err = answer_parse(body, &root, fail);

    if (err != ERR_NONE)
        return err;
    type = json_str(root, "Instance.IdentityManagementType");
    if (type.n > 0)
        out->identity_type = arena_span(a, type);
    else
        err = answer_unclear(fail, "the answer has no Instance.IdentityManagementType");
    json_free(root);
    return err;
}
