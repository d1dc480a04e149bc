/* role_arn with source_profile or credential_source: the roles are noted down on the way to the
 * first credentials, and assumed on the way back.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html */
#include "aws/chain_private.h"
#include "text/arn.h"

enum { DURATION_FIRST_S = 900, DURATION_LAST_S = 43200, DURATION_DIGITS = 5 };

static struct span setting(const struct chain *chain, struct span profile, const char *key)
{
    return shared_files_get(chain->files, profile, key);
}

static bool is_role(const struct chain *chain, struct span profile)
{
    return setting(chain, profile, "role_arn").p != NULL &&
           setting(chain, profile, "web_identity_token_file").p == NULL;
}

static bool is_duration(struct span text)
{
    long n = 0;

    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9' || i == DURATION_DIGITS)
            return false;
        n = n * 10 + (text.p[i] - '0');
    }
    return n >= DURATION_FIRST_S && n <= DURATION_LAST_S;
}

/* TURN_PASSED when it is noted. */
static enum turn add_role(struct chain *chain, struct span profile)
{
    struct chain_role role = {.arn = setting(chain, profile, "role_arn"),
                              .external_id = setting(chain, profile, "external_id"),
                              .duration_s = setting(chain, profile, "duration_seconds")};
    struct arn arn;

    if (chain->n_roles == CHAIN_ROLES_MAX)
        return chain_fail(
            chain, ERR_DENIED,
            "its source_profile leads on and on; at most %d roles are assumed in a row",
            CHAIN_ROLES_MAX);
    if (setting(chain, profile, "mfa_serial").p != NULL)
        return chain_fail(chain, ERR_DENIED,
                          "profile %.*s has mfa_serial, and nobody is here to type a code",
                          SPAN_ARG(profile));
    if (arn_parse(role.arn, &arn, NULL) != ERR_NONE)
        return chain_fail(chain, ERR_DENIED, "role_arn of profile %.*s is no ARN",
                          SPAN_ARG(profile));
    if (!sts_session_name(chain, setting(chain, profile, "role_session_name"), &role.session_name))
        return chain_fail(
            chain, ERR_DENIED,
            "role_session_name of profile %.*s must be 2 to 64 of A-Z a-z 0-9 + = , . @ - _",
            SPAN_ARG(profile));
    if (role.duration_s.p != NULL && !is_duration(role.duration_s))
        return chain_fail(chain, ERR_DENIED,
                          "duration_seconds of profile %.*s must be from %d to %d",
                          SPAN_ARG(profile), DURATION_FIRST_S, DURATION_LAST_S);
    chain->roles[chain->n_roles++] = role;
    return TURN_PASSED;
}

static enum turn begin_at_place(struct chain *chain, struct span place)
{
    if (span_eq(place, SPAN("Environment")))
        return environment_turn(chain);
    if (span_eq(place, SPAN("EcsContainer")))
        return container_turn(chain);
    if (span_eq(place, SPAN("Ec2InstanceMetadata")))
        return metadata_turn(chain);
    return chain_fail(chain, ERR_DENIED,
                      "credential_source must be Environment, EcsContainer or Ec2InstanceMetadata");
}

static enum turn begin_at_keys(struct chain *chain, struct span profile)
{
    enum turn turn = keys_of_profile(chain, SHARED_CREDENTIALS, profile);

    return turn != TURN_PASSED ? turn : keys_of_profile(chain, SHARED_CONFIG, profile);
}

/* In the chain's own order. */
static enum turn begin_at_profile(struct chain *chain, struct span profile)
{
    enum turn turn = web_identity_of(chain, profile, false);

    if (turn == TURN_PASSED)
        turn = keys_of_profile(chain, SHARED_CREDENTIALS, profile);
    if (turn == TURN_PASSED)
        turn = process_of_profile(chain, profile);
    if (turn == TURN_PASSED)
        turn = keys_of_profile(chain, SHARED_CONFIG, profile);
    if (turn == TURN_PASSED)
        turn = chain_pass(chain, "profile %.*s (it has no keys)", SPAN_ARG(profile));
    return turn;
}

static enum turn follow(struct chain *chain, struct span profile)
{
    for (;;) {
        struct span source = setting(chain, profile, "source_profile");
        struct span place = setting(chain, profile, "credential_source");
        enum turn turn = add_role(chain, profile);

        if (turn != TURN_PASSED)
            return turn;
        if ((source.p == NULL) == (place.p == NULL))
            return chain_fail(chain, ERR_DENIED,
                              "role_arn of profile %.*s needs either source_profile or "
                              "credential_source beside it",
                              SPAN_ARG(profile));
        if (place.p != NULL)
            return begin_at_place(chain, place);
        if (!shared_files_has(chain->files, source))
            return chain_fail(chain, ERR_DENIED,
                              "source_profile of profile %.*s is %.*s, and there is none",
                              SPAN_ARG(profile), SPAN_ARG(source));
        /* A source with keys is used by them, even if it has a role as well; so a profile may be
         * its own source. */
        turn = begin_at_keys(chain, source);
        if (turn != TURN_PASSED)
            return turn;
        if (!is_role(chain, source))
            return begin_at_profile(chain, source);
        profile = source;
    }
}

enum turn role_turn(struct chain *chain)
{
    if (!is_role(chain, chain->profile))
        return TURN_PASSED;
    chain_set_origin(chain, "profile %.*s", SPAN_ARG(chain->profile));
    return follow(chain, chain->profile);
}
