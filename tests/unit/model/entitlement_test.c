#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/entitlement.h"

static const struct span two_ids[] = {{"sp-1", 4}, {"sp-2", 4}}, one_id[] = {{"sp-1", 4}};
static const struct tag two_tags[] = {{{"a", 1}, {"1", 1}}, {{"b", 1}, {"2", 1}}},
                        other_tags[] = {{{"a", 1}, {"1", 1}}, {{"b", 1}, {"3", 1}}};
static const struct proficiency english[] = {{{"Lang", 4}, {"en", 2}, 5}},
                                german[] = {{{"Lang", 4}, {"de", 2}, 5}},
                                weaker[] = {{{"Lang", 4}, {"en", 2}, 4.5}};

static struct entitlement sample(void)
{
    return (struct entitlement){
        .user_name = SPAN("ann"),
        .first_name = SPAN("Ann"),
        .last_name = SPAN("Lee"),
        .email = SPAN("ann@acme.com"),
        .secondary_email = SPAN("second@acme.com"),
        .mobile = SPAN("+491"),
        .security_profile_ids = two_ids,
        .n_security_profile_ids = 2,
        .routing_profile_id = SPAN("rp"),
        .hierarchy_group_id = SPAN("hg"),
        .phone = {.persistent_connection = CHANNEL_UNSET,
                  .has_desk_phone = true,
                  .desk_number = SPAN("+4930"),
                  .auto_accept = {1, CHANNEL_UNSET, CHANNEL_UNSET, CHANNEL_UNSET},
                  .after_contact_work_s = {30, CHANNEL_UNSET, CHANNEL_UNSET, CHANNEL_UNSET}},
        .tags = two_tags,
        .n_tags = 2,
        .proficiencies = english,
        .n_proficiencies = 1,
    };
}

/* ---- comparing ---- */

enum change {
    USER_NAME,
    FIRST_NAME,
    LAST_NAME,
    EMAIL,
    SECONDARY_EMAIL,
    MOBILE,
    FEWER_PROFILES,
    NO_PROFILES,
    ROUTING,
    NO_HIERARCHY,
    PHONE_TYPE,
    DESK_NUMBER,
    AUTO_ACCEPT,
    NO_AUTO_ACCEPT,
    WORK,
    PERSISTENT,
    ONE_CHANNEL,
    FEWER_TAGS,
    TAG_VALUE,
    NO_PROFICIENCY,
    OTHER_PROFICIENCY,
    OTHER_LEVEL,
    CHANGES
};

static struct entitlement changed(enum change change, enum aspect *aspect)
{
    static const enum aspect aspects[CHANGES] = {
        [USER_NAME] = ASPECTS,
        [FIRST_NAME] = ASPECT_IDENTITY,
        [LAST_NAME] = ASPECT_IDENTITY,
        [EMAIL] = ASPECT_IDENTITY,
        [SECONDARY_EMAIL] = ASPECT_IDENTITY,
        [MOBILE] = ASPECT_IDENTITY,
        [FEWER_PROFILES] = ASPECT_SECURITY_PROFILES,
        [NO_PROFILES] = ASPECT_SECURITY_PROFILES,
        [ROUTING] = ASPECT_ROUTING_PROFILE,
        [NO_HIERARCHY] = ASPECT_HIERARCHY,
        [PHONE_TYPE] = ASPECT_PHONE,
        [DESK_NUMBER] = ASPECT_PHONE,
        [AUTO_ACCEPT] = ASPECT_PHONE,
        [NO_AUTO_ACCEPT] = ASPECT_PHONE,
        [WORK] = ASPECT_PHONE,
        [PERSISTENT] = ASPECT_PHONE,
        [ONE_CHANNEL] = ASPECT_PHONE,
        [FEWER_TAGS] = ASPECT_TAGS,
        [TAG_VALUE] = ASPECT_TAGS,
        [NO_PROFICIENCY] = ASPECT_PROFICIENCIES,
        [OTHER_PROFICIENCY] = ASPECT_PROFICIENCIES,
        [OTHER_LEVEL] = ASPECT_PROFICIENCIES,
    };
    struct entitlement e = sample();
    struct span *const texts[] = {&e.user_name, &e.first_name,      &e.last_name,
                                  &e.email,     &e.secondary_email, &e.mobile};

    *aspect = aspects[change];
    if (change <= MOBILE)
        *texts[change] = SPAN("other");
    else if (change == FEWER_PROFILES)
        e.n_security_profile_ids = 1;
    else if (change == NO_PROFILES)
        e.n_security_profile_ids = 0;
    else if (change == ROUTING)
        e.routing_profile_id = SPAN("rp2");
    else if (change == NO_HIERARCHY)
        e.hierarchy_group_id = SPAN("");
    else if (change == PHONE_TYPE)
        e.phone.has_desk_phone = false;
    else if (change == DESK_NUMBER)
        e.phone.desk_number = SPAN("+4931");
    else if (change == AUTO_ACCEPT || change == NO_AUTO_ACCEPT)
        e.phone.auto_accept[0] = change == AUTO_ACCEPT ? 0 : CHANNEL_UNSET;
    else if (change == WORK)
        e.phone.after_contact_work_s[0] = 0;
    else if (change == PERSISTENT)
        e.phone.persistent_connection = 1;
    else if (change == ONE_CHANNEL)
        e.phone.is_per_channel = true; /* the others are unset then */
    else if (change == FEWER_TAGS)
        e.n_tags = 1;
    else if (change == TAG_VALUE)
        e.tags = other_tags;
    else if (change == NO_PROFICIENCY)
        e.n_proficiencies = 0;
    else
        e.proficiencies = change == OTHER_PROFICIENCY ? german : weaker;
    return e;
}

static void each_change_is_of_its_aspect(void **state)
{
    struct entitlement before = sample();

    (void)state;
    assert_int_equal(entitlement_diff(&before, &before), 0);
    for (int i = 0; i < CHANGES; i++) {
        enum aspect aspect;
        struct entitlement after = changed((enum change)i, &aspect), taken = before;
        unsigned expected = aspect == ASPECTS ? 0 : 1U << aspect;

        if (entitlement_diff(&after, &before) != expected ||
            entitlement_diff(&before, &after) != expected)
            fail_msg("change %d: %x", i, entitlement_diff(&after, &before));
        /* Taking over any other aspect leaves it, taking over its own mends it. */
        for (int k = 0; k < ASPECTS; k++)
            if (k != (int)aspect)
                entitlement_take_aspect(&taken, &after, (enum aspect)k);
        if (entitlement_diff(&taken, &before) != 0)
            fail_msg("change %d: another aspect took it", i);
        entitlement_take_aspect(&taken, &after, aspect);
        if (entitlement_diff(&taken, &after) != 0)
            fail_msg("change %d: not taken", i);
    }
    assert_true(entitlement_aspect_eq(&before, &before, ASPECTS));
}

static void a_value_for_all_is_one_for_each(void **state)
{
    struct entitlement all = sample(), each = sample();

    (void)state;
    each.phone.is_per_channel = true;
    for (size_t i = 0; i < CHANNELS; i++) {
        each.phone.auto_accept[i] = 1;
        each.phone.after_contact_work_s[i] = 30;
    }
    assert_int_equal(entitlement_diff(&all, &each), 0);
    assert_int_equal(entitlement_diff(&each, &all), 0);
    each.phone.after_contact_work_s[CHANNEL_EMAIL] = 31;
    assert_int_equal(entitlement_diff(&all, &each), 1U << ASPECT_PHONE);
    assert_int_equal(entitlement_diff(&each, &all), 1U << ASPECT_PHONE);
}

static void sets_of_profiles_are_compared_whole(void **state)
{
    struct entitlement a = sample(), b = sample();

    (void)state;
    a.security_profile_ids = one_id;
    a.n_security_profile_ids = 1;
    assert_false(entitlement_aspect_eq(&a, &b, ASPECT_SECURITY_PROFILES));
    a.n_security_profile_ids = b.n_security_profile_ids = 0;
    assert_true(entitlement_aspect_eq(&a, &b, ASPECT_SECURITY_PROFILES));
}

static void names_are_words(void **state)
{
    (void)state;
    assert_string_equal(channel_name(CHANNEL_VOICE), "VOICE");
    assert_string_equal(channel_name(CHANNEL_EMAIL), "EMAIL");
    assert_string_equal(channel_name(CHANNELS), "");
    assert_string_equal(aspect_name(ASPECT_IDENTITY), "identity");
    assert_string_equal(aspect_name(ASPECT_PROFICIENCIES), "proficiencies");
    assert_string_equal(aspect_name(ASPECTS), "");
}

/* ---- JSON ---- */

static void the_form_in_the_store_stays(void **state)
{
    struct entitlement e = sample();
    struct buf b;

    (void)state;
    buf_init(&b, ENTITLEMENT_JSON_LIMIT);
    entitlement_add_json(&b, &e);
    assert_string_equal(
        b.p, "{\"user_name\":\"ann\",\"first_name\":\"Ann\",\"last_name\":\"Lee\",\"email\":"
             "\"ann@acme.com\",\"secondary_email\":\"second@acme.com\",\"mobile\":\"+491\","
             "\"routing_profile\":\"rp\",\"hierarchy_group\":\"hg\",\"desk_phone\":true,"
             "\"desk_number\":\"+4930\",\"persistent\":-1,\"per_channel\":false,\"auto_accept\":"
             "[1],\"after_contact_work_s\":[30],\"security_profiles\":[\"sp-1\",\"sp-2\"],\"tags\":"
             "[\"a\",\"1\",\"b\",\"2\"],\"proficiencies\":[\"Lang\",\"en\",5]}");
    buf_done(&b);
}

static void what_is_no_entitlement_is_refused(void **state)
{
    static const char *const bad[] = {
        "", "{", "[]", "null", "\"x\"", "{}{}", "{\"email\":1,\"email\":2}"};
    struct arena a = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct entitlement e = {.n_tags = 77};
        struct fail fail = {0};

        if (entitlement_parse(&a, span_of(bad[i]), &e, &fail) == ERR_NONE || fail.text[0] == '\0' ||
            e.n_tags != 77)
            fail_msg("'%s'", bad[i]);
    }
    arena_done(&a);
}

static void strange_members_do_no_harm(void **state)
{
    static const char text[] =
        "{\"user_name\":7,\"email\":null,\"new\":[{}],\"auto_accept\":\"yes\",\"tags\":[\"a\"],"
        "\"security_profiles\":{\"a\":1},\"proficiencies\":[1,2],\"after_contact_work_s\":[\"x\"],"
        "\"desk_phone\":1}";
    struct arena a = {0};
    struct entitlement e;

    (void)state;
    assert_int_equal(entitlement_parse(&a, span_of(text), &e, NULL), ERR_NONE);
    assert_int_equal(
        e.user_name.n + e.email.n + e.n_tags + e.n_security_profile_ids + e.n_proficiencies, 0);
    assert_non_null(e.email.p);
    assert_int_equal(e.phone.auto_accept[0], CHANNEL_UNSET);
    assert_int_equal(e.phone.after_contact_work_s[3], CHANNEL_UNSET);
    assert_false(e.phone.has_desk_phone);
    arena_done(&a);
}

/* ---- by property ---- */

/* xorshift64 by George Marsaglia: the same run for the same seed, everywhere. */
static uint64_t seed;

static unsigned any_of(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed >> 33) % n;
}

static struct span any_text(struct arena *a)
{
    static const char *const parts[] = {"a", "\"", "\\", "\xc3\xa9", "/", " ", "\x01", "{", "\n"};
    unsigned n = any_of(6);
    struct span text;
    struct buf b;

    buf_init(&b, 64);
    for (unsigned i = 0; i < n; i++)
        buf_add_str(&b, parts[any_of(9)]);
    text = arena_span(a, buf_span(&b));
    buf_done(&b);
    return text;
}

static int64_t any_value(void)
{
    return any_of(3) == 0 ? CHANNEL_UNSET : (int64_t)any_of(2000001);
}

static struct entitlement any_entitlement(struct arena *a)
{
    struct entitlement e = {.user_name = any_text(a),
                            .first_name = any_text(a),
                            .last_name = any_text(a),
                            .email = any_text(a),
                            .secondary_email = any_text(a),
                            .mobile = any_text(a),
                            .n_security_profile_ids = any_of(4),
                            .routing_profile_id = any_text(a),
                            .hierarchy_group_id = any_text(a),
                            .phone = {.persistent_connection = (int64_t)any_of(3) - 1,
                                      .has_desk_phone = any_of(2) != 0,
                                      .desk_number = any_text(a),
                                      .is_per_channel = any_of(2) != 0},
                            .n_tags = any_of(4),
                            .n_proficiencies = any_of(4)};
    struct span *ids = arena_new(a, 4, sizeof(*ids));
    struct tag *tags = arena_new(a, 4, sizeof(*tags));
    struct proficiency *list = arena_new(a, 4, sizeof(*list));

    for (size_t i = 0; i < 4; i++) {
        ids[i] = any_text(a);
        tags[i] = (struct tag){any_text(a), any_text(a)};
        list[i] = (struct proficiency){any_text(a), any_text(a), (double)any_of(50) / 10};
        e.phone.auto_accept[i] = any_value();
        e.phone.after_contact_work_s[i] = any_value();
        if (!e.phone.is_per_channel && i > 0)
            e.phone.auto_accept[i] = e.phone.after_contact_work_s[i] = CHANNEL_UNSET;
    }
    e.security_profile_ids = ids;
    e.tags = tags;
    e.proficiencies = list;
    return e;
}

static void it_survives_the_store(void **state)
{
    (void)state;
    for (int round = 0; round < 5000; round++) {
        unsigned long long at = seed;
        struct arena a = {0};
        struct entitlement before = any_entitlement(&a), copy = entitlement_copy(&a, &before),
                           after;
        struct buf first, second;
        struct fail fail;

        buf_init(&first, ENTITLEMENT_JSON_LIMIT);
        buf_init(&second, ENTITLEMENT_JSON_LIMIT);
        entitlement_add_json(&first, &copy);
        if (entitlement_parse(&a, buf_span(&first), &after, &fail) != ERR_NONE)
            fail_msg("ROSTER_SEED=%llu: %s", at, fail.text);
        entitlement_add_json(&second, &after);
        if (entitlement_diff(&before, &after) != 0 || strcmp(first.p, second.p) != 0 ||
            !span_eq(before.user_name, after.user_name) ||
            before.phone.is_per_channel != after.phone.is_per_channel)
            fail_msg("ROSTER_SEED=%llu: %s became %s", at, first.p, second.p);
        buf_done(&first);
        buf_done(&second);
        arena_done(&a);
    }
}

static void a_copy_stands_alone(void **state)
{
    struct arena a = {0}, b = {0};
    struct entitlement before, copy;
    struct buf first, second;

    (void)state;
    buf_init(&first, ENTITLEMENT_JSON_LIMIT);
    buf_init(&second, ENTITLEMENT_JSON_LIMIT);
    before = any_entitlement(&a);
    entitlement_add_json(&first, &before);
    copy = entitlement_copy(&b, &before);
    arena_done(&a);
    entitlement_add_json(&second, &copy); /* the sanitizer sees what still points into a */
    assert_string_equal(first.p, second.p);
    buf_done(&first);
    buf_done(&second);
    arena_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_change_is_of_its_aspect),
        cmocka_unit_test(a_value_for_all_is_one_for_each),
        cmocka_unit_test(sets_of_profiles_are_compared_whole),
        cmocka_unit_test(names_are_words),
        cmocka_unit_test(the_form_in_the_store_stays),
        cmocka_unit_test(what_is_no_entitlement_is_refused),
        cmocka_unit_test(strange_members_do_no_harm),
        cmocka_unit_test(it_survives_the_store),
        cmocka_unit_test(a_copy_stands_alone),
    };
    const char *given = getenv("ROSTER_SEED");

    seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL) * 2654435761U + 1;
    printf("# ROSTER_SEED=%llu\n", (unsigned long long)seed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
