#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "text/json.h"

static void commas_set_themselves(void **state)
{
    struct json_out o;
    struct buf b;

    (void)state;
    buf_init(&b, 1000);
    o = json_out(&b);
    json_out_begin(&o, '{');
    json_put_str(&o, "a", SPAN("x"));
    json_put_str(&o, "none", (struct span){NULL, 0});
    json_put_int(&o, "n", INT64_MIN);
    json_put_bool(&o, "t", true);
    json_out_key(&o, "l");
    json_out_begin(&o, '[');
    json_out_begin(&o, '[');
    json_out_end(&o, ']');
    json_out_int(&o, 1);
    json_out_begin(&o, '{');
    json_out_end(&o, '}');
    json_out_null(&o);
    json_out_raw(&o, SPAN("{\"r\":0}"));
    json_out_end(&o, ']');
    json_out_key(&o, "quo\"te");
    json_out_bool(&o, false);
    json_out_end(&o, '}');
    assert_string_equal(b.p, "{\"a\":\"x\",\"none\":null,\"n\":-9223372036854775808,\"t\":true,"
                             "\"l\":[[],1,{},null,{\"r\":0}],\"quo\\\"te\":false}");
    buf_done(&b);
}

static const struct string_row {
    const char *name;
    struct span text;
    const char *json;
} strings[] = {
    {"empty", {"", 0}, "\"\""},
    {"no pointer", {NULL, 0}, "\"\""},
    {"short escapes", {"\"\\/\b\f\n\r\t", 8}, "\"\\\"\\\\/\\b\\f\\n\\r\\t\""},
    {"control bytes", {"\0\x01\x1f\x7f", 4}, "\"\\u0000\\u0001\\u001f\x7f\""},
    {"UTF-8", {"Zo\xc3\xab \xf0\x9f\x98\x80", 9}, "\"Zo\xc3\xab \xf0\x9f\x98\x80\""},
    {"invalid byte",
     {"a\xff"
      "b",
      3},
     "\"a\xef\xbf\xbd"
     "b\""},
    {"cut sequence", {"\xe6\x97", 2}, "\"\xef\xbf\xbd\xef\xbf\xbd\""},
    {"surrogate", {"\xed\xa0\x80", 3}, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
    {"lone continuation",
     {"\x80"
      "a",
      2},
     "\"\xef\xbf\xbd"
     "a\""},
};

static void strings_are_escaped(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
        struct json_out o;
        struct buf b;

        buf_init(&b, 1000);
        o = json_out(&b);
        json_out_str(&o, strings[i].text);
        if (strcmp(b.p, strings[i].json) != 0)
            fail_msg("%s: %s", strings[i].name, b.p);
        buf_done(&b);
    }
}

static const struct real_row {
    double x;
    const char *json;
} reals[] = {
    {0.1, "0.1"},  {139.6899, "139.6899"}, {1.0 / 3, "0.3333333333333333"},
    {5, "5"},      {-2.5, "-2.5"},         {1e300, "1e+300"},
    {NAN, "null"}, {INFINITY, "null"},
};

static void reals_are_short_and_exact(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(reals) / sizeof(reals[0]); i++) {
        struct json_out o;
        struct buf b;

        buf_init(&b, 1000);
        o = json_out(&b);
        json_out_real(&o, reals[i].x);
        assert_string_equal(b.p, reals[i].json);
        buf_done(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_set_themselves),
        cmocka_unit_test(strings_are_escaped),
        cmocka_unit_test(reals_are_short_and_exact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
