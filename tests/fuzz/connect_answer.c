/* floor: connect. Bodies as Amazon Connect may answer them; the first byte chooses the operation.
 */
#include <stdlib.h>

#include "connect/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static enum err find_user(struct span body, struct arena *a, struct connect_answer *out,
                          struct fail *fail)
{
    static const struct span name = {"ann@acme.com", 12};
    struct span token = {0};
    enum err err = answer_find_user(body, name, a, out, &token, fail);

    for (size_t i = 0; i < out->n_agents; i++) {
        must(span_eq(out->agents[i].user_name, name));
        must(out->agents[i].id.n > 0 && out->agents[i].arn.n > 0);
    }
    return err;
}

static enum err security_profiles(struct span body, struct arena *a, struct connect_answer *out,
                                  struct fail *fail)
{
    return answer_names(body, NAME_SECURITY_PROFILE, a, out, fail);
}

static enum err hierarchy_groups(struct span body, struct arena *a, struct connect_answer *out,
                                 struct fail *fail)
{
    return answer_names(body, NAME_HIERARCHY_GROUP, a, out, fail);
}

static void check_phone(const struct phone *phone)
{
    for (size_t i = 1; i < CHANNELS && !phone->is_per_channel; i++)
        must(phone->auto_accept[i] == CHANNEL_UNSET &&
             phone->after_contact_work_s[i] == CHANNEL_UNSET);
    must(phone->persistent_connection >= CHANNEL_UNSET && phone->persistent_connection <= 1);
}

static void check_entitlement(const struct entitlement *e, struct arena *a)
{
    struct entitlement copy = entitlement_copy(a, e);

    check_phone(&e->phone);
    must(entitlement_diff(&copy, e) == 0);
    for (size_t i = 1; i < e->n_tags; i++)
        must(span_cmp(e->tags[i - 1].key, e->tags[i].key) <= 0);
    for (size_t i = 1; i < e->n_security_profile_ids; i++)
        must(span_cmp(e->security_profile_ids[i - 1], e->security_profile_ids[i]) <= 0);
}

/* What a good answer promises, whichever it is. */
static void check(const struct connect_answer *answer, struct arena *a)
{
    must((answer->user_id.n > 0) == (answer->user_arn.n > 0));
    if (answer->entitlement != NULL) {
        must(answer->n_agents == 1 && answer->agents[0].id.n > 0 && answer->agents[0].arn.n > 0);
        check_entitlement(answer->entitlement, a);
    }
    for (size_t i = 0; answer->entitlements != NULL && i < answer->n_agents; i++) {
        must(answer->agents[i].id.n > 0 && answer->agents[i].arn.n > 0);
        check_entitlement(&answer->entitlements[i], a);
    }
    for (size_t i = 0; i < answer->n_proficiencies; i++)
        must(answer->proficiencies[i].attribute.p != NULL);
    for (size_t i = 0; i < answer->n_named; i++)
        must(answer->named[i].id.n > 0 && answer->named[i].name.n > 0);
    must(answer->next_token.p == NULL || answer->next_token.n > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static enum err (*const reads[])(struct span, struct arena *, struct connect_answer *,
                                     struct fail *) = {
        answer_create_user,       find_user,
        answer_describe_instance, answer_search_users,
        answer_list_agents,       answer_describe_user,
        answer_proficiencies,     answer_current_user_data,
        security_profiles,        hierarchy_groups,
        answer_quick_connects,    answer_quick_connect,
    };
    struct connect_answer answer = {0};
    struct arena arena = {0};
    struct fail fail = {0};
    enum err err;

    if (size == 0)
        return 0;
    err = reads[data[0] % (sizeof(reads) / sizeof(reads[0]))](span_n(data + 1, size - 1), &arena,
                                                              &answer, &fail);
    must(err == ERR_NONE || err == ERR_UNCLEAR);
    if (err == ERR_NONE)
        check(&answer, &arena);
    else
        must(fail.text[0] != '\0');
    arena_done(&arena);
    return 0;
}
