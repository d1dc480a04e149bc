/* Lists of names, and quick connects. */
#include "connect/answer.h"

#include "base/buf.h"
#include "text/json_tree.h"

enum { PATH_MAX_BYTES = 8192, LEVELS = 5 };

/* "Site/Team": a slash within a name cannot be told from one between two. */
static struct span hierarchy_path(const struct json *group, struct arena *a)
{
    static const char *const levels[LEVELS] = {
        "HierarchyPath.LevelOne.Name", "HierarchyPath.LevelTwo.Name",
        "HierarchyPath.LevelThree.Name", "HierarchyPath.LevelFour.Name",
        "HierarchyPath.LevelFive.Name"};
    struct span path;
    struct buf b;

    buf_init(&b, PATH_MAX_BYTES);
    for (size_t i = 0; i < LEVELS; i++) {
        struct span name = json_str(group, levels[i]);

        if (name.n == 0)
            break;
        if (i > 0)
            buf_add_char(&b, '/');
        buf_add(&b, name);
    }
    if (b.n == 0)
        buf_add(&b, json_str(group, "Name"));
    path = arena_span(a, buf_span(&b));
    buf_done(&b);
    return path;
}

static enum err read_named(const struct json *root, const char *member, bool has_path,
                           struct arena *a, struct connect_answer *out, struct fail *fail)
{
    size_t n = json_count(root, member), kept = 0;
    struct named *named = arena_new(a, n, sizeof(*named));

    if (!json_is_array(json_get(root, member)) && json_str(root, "NextToken").n == 0)
        return answer_unclear(fail, "the answer has no list");
    for (size_t i = 0; i < n; i++) {
        const struct json *item = json_item(root, member, i);
        struct span id = json_str(item, "Id"), name = json_str(item, "Name");

        if (!answer_is_usable(id, ANSWER_ID_MAX) || name.n == 0)
            continue;
        named[kept++] =
            (struct named){.id = arena_span(a, id),
                           .arn = arena_span(a, json_str(item, "Arn")),
                           .name = has_path ? hierarchy_path(item, a) : arena_span(a, name)};
    }
    if (answer_token(root, a, out, fail) != ERR_NONE)
        return ERR_UNCLEAR;
    out->named = named;
    out->n_named = kept;
    return ERR_NONE;
}

enum err answer_names(struct span body, enum name_kind kind, struct arena *a,
                      struct connect_answer *out, struct fail *fail)
{
    static const char *const members[NAME_KINDS] = {
        [NAME_SECURITY_PROFILE] = "SecurityProfileSummaryList",
        [NAME_ROUTING_PROFILE] = "RoutingProfileSummaryList",
        [NAME_HIERARCHY_GROUP] = "UserHierarchyGroups"};
    struct json *root;
    enum err err = answer_parse(body, &root, fail);

    if (err != ERR_NONE)
        return err;
    err = read_named(root, members[kind], kind == NAME_HIERARCHY_GROUP, a, out, fail);
    json_free(root);
    return err;
}

enum err answer_quick_connects(struct span body, struct arena *a, struct connect_answer *out,
                               struct fail *fail)
{
    struct json *root;
    enum err err = answer_parse(body, &root, fail);

    if (err != ERR_NONE)
        return err;
    err = read_named(root, "QuickConnectSummaryList", false, a, out, fail);
    json_free(root);
    return err;
}

enum err answer_quick_connect(struct span body, struct arena *a, struct connect_answer *out,
                              struct fail *fail)
{
    struct json *root;
    struct span user;
    enum err err = answer_parse(body, &root, fail);

    if (err != ERR_NONE)
        return err;
    user = json_str(root, "QuickConnect.QuickConnectConfig.UserConfig.UserId");
    if (json_get(root, "QuickConnect") == NULL)
        err = answer_unclear(fail, "the answer has no QuickConnect");
    else
        out->quick_connect_user_id = user.p == NULL ? SPAN("") : arena_span(a, user);
    json_free(root);
    return err;
}
