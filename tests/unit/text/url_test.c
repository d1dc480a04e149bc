#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/url.h"

static const struct row {
    const char *text, *host; /* host NULL: refused */
    unsigned port;
    bool is_ipv6, has_port;
    const char *path, *query;
} rows[] = {
    {"https://example.com", "example.com", 443, false, false, "", ""},
    {"http://example.com/", "example.com", 80, false, false, "/", ""},
    {"HTTPS://Ex-am_ple.com:8443/a/b?c=d&e", "Ex-am_ple.com", 8443, false, true, "/a/b", "c=d&e"},
    {"https://h?q", "h", 443, false, false, "", "q"},
    {"https://h/?", "h", 443, false, false, "/", ""},
    {"https://h/a?b?c/d:e@f", "h", 443, false, false, "/a", "b?c/d:e@f"},
    {"http://127.0.0.1:65535/x", "127.0.0.1", 65535, false, true, "/x", ""},
    {"http://[::1]/x", "::1", 80, true, false, "/x", ""},
    {"http://[fd00:ec2::23]:80", "fd00:ec2::23", 80, true, true, "", ""},
    {"", NULL, 0, false, false, NULL, NULL},
    {"https", NULL, 0, false, false, NULL, NULL},
    {"https:", NULL, 0, false, false, NULL, NULL},
    {"https:/h", NULL, 0, false, false, NULL, NULL},
    {"https://", NULL, 0, false, false, NULL, NULL},
    {"https:///path", NULL, 0, false, false, NULL, NULL},
    {"https://?q", NULL, 0, false, false, NULL, NULL},
    {"ftp://h", NULL, 0, false, false, NULL, NULL},
    {"//h/path", NULL, 0, false, false, NULL, NULL},
    {"https://user@h/", NULL, 0, false, false, NULL, NULL},
    {"https://user:pw@h/", NULL, 0, false, false, NULL, NULL},
    {"https://h/#f", NULL, 0, false, false, NULL, NULL},
    {"https://h:/", NULL, 0, false, false, NULL, NULL},
    {"https://h:0", NULL, 0, false, false, NULL, NULL},
    {"https://h:65536", NULL, 0, false, false, NULL, NULL},
    {"https://h:99999999999999999999", NULL, 0, false, false, NULL, NULL},
    {"https://h:8o", NULL, 0, false, false, NULL, NULL},
    {"https://h:-1", NULL, 0, false, false, NULL, NULL},
    {"https://.h", NULL, 0, false, false, NULL, NULL},
    {"https://h%41", NULL, 0, false, false, NULL, NULL},
    {"https://::1/", NULL, 0, false, false, NULL, NULL},
    {"https://[::1", NULL, 0, false, false, NULL, NULL},
    {"https://[::1]x", NULL, 0, false, false, NULL, NULL},
    {"https://[]", NULL, 0, false, false, NULL, NULL},
    {"https://[h]", NULL, 0, false, false, NULL, NULL},
    {"https://[1.2.3.4]", NULL, 0, false, false, NULL, NULL},
    {"https://[fe80::1%25eth0]", NULL, 0, false, false, NULL, NULL},
    {"https://h/a b", NULL, 0, false, false, NULL, NULL},
    {"https://h/\t", NULL, 0, false, false, NULL, NULL},
    {" https://h/", NULL, 0, false, false, NULL, NULL},
    {"https://h/\xc3\xa9", NULL, 0, false, false, NULL, NULL},
    {"https://h/\x7f", NULL, 0, false, false, NULL, NULL},
};

static void urls_are_parsed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        struct url u = {0};
        struct fail fail = {0};
        enum err err = url_parse(span_of(row->text), &u, &fail);

        if ((err == ERR_NONE) != (row->host != NULL))
            fail_msg("%s: %s", row->text, fail.text);
        if (err != ERR_NONE)
            continue;
        if (!span_eq(u.host, span_of(row->host)) || u.port != row->port ||
            u.is_ipv6 != row->is_ipv6 || u.has_port != row->has_port ||
            !span_eq(u.path, span_of(row->path)) || !span_eq(u.query, span_of(row->query)))
            fail_msg("%s: host %.*s, port %u, path %.*s, query %.*s", row->text, SPAN_ARG(u.host),
                     u.port, SPAN_ARG(u.path), SPAN_ARG(u.query));
    }
    assert_int_equal(url_parse((struct span){NULL, 0}, &(struct url){0}, NULL), ERR_INPUT);
}

static void a_refusal_shows_no_password(void **state)
{
    struct fail fail;
    struct url u;

    (void)state;
    assert_int_equal(url_parse(SPAN("https://user:hunter2@h/"), &u, &fail), ERR_INPUT);
    assert_null(strstr(fail.text, "hunter2"));
}

static void loopback_is_known(void **state)
{
    static const struct {
        const char *text;
        bool is_loopback;
    } hosts[] = {
        {"http://127.0.0.1", true},
        {"http://127.255.255.254:80/x", true},
        {"http://localhost:1", true},
        {"http://LocalHost", true},
        {"http://[::1]:8080", true},
        {"http://[0:0:0:0:0:0:0:1]", true},
        {"http://127.evil.example", false},
        {"http://127.0.0.1.example", false},
        {"http://localhost.example", false},
        {"http://128.0.0.1", false},
        {"http://0.0.0.0", false},
        {"http://[::2]", false},
        {"http://[::]", false},
        {"http://example.com", false},
        {"http://127.1", false},
        {"http://1270.0.0.1", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        struct url u;

        assert_int_equal(url_parse(span_of(hosts[i].text), &u, NULL), ERR_NONE);
        if (url_is_loopback(&u) != hosts[i].is_loopback)
            fail_msg("%s", hosts[i].text);
    }
}

static void encoding(void **state)
{
    char all[256];
    struct buf b, back;

    (void)state;
    buf_init(&b, 4096);
    buf_init(&back, 4096);
    url_add_encoded(&b, SPAN("aZ09-._~ /+%\xc3\xa9"));
    assert_string_equal(b.p, "aZ09-._~%20%2F%2B%25%C3%A9");
    buf_clear(&b);
    for (size_t i = 0; i < sizeof(all); i++)
        all[i] = (char)i;
    url_add_encoded(&b, span_n(all + 1, 255));
    assert_true(url_add_decoded(&back, buf_span(&b)));
    assert_true(span_eq(buf_span(&back), span_n(all + 1, 255)));
    buf_done(&back);
    buf_done(&b);
    buf_init(&b, 5);
    url_add_encoded(&b, SPAN("a//"));
    assert_true(b.full);
    assert_int_equal(b.n, 0);
    buf_done(&b);
}

static void decoding(void **state)
{
    static const struct {
        const char *text, *decoded;
    } texts[] = {
        {"", ""},      {"a+b", "a+b"}, {"%41%6a%6A", "Ajj"}, {"%25%32%35", "%25"},
        {"a%2", NULL}, {"a%", NULL},   {"%zz", NULL},        {"%4g", NULL},
        {"%00", NULL}, {"%+1", NULL},  {"%%41", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct buf b;
        bool is_fine;

        buf_init(&b, 100);
        buf_add_str(&b, "x");
        is_fine = url_add_decoded(&b, span_of(texts[i].text));
        assert_int_equal(is_fine, texts[i].decoded != NULL);
        assert_string_equal(b.p + 1, is_fine ? texts[i].decoded : "");
        buf_done(&b);
    }
}

static void queries(void **state)
{
    const struct span query = SPAN("a=1&bc=%41&flag&a=2&e=&=x");

    (void)state;
    assert_true(span_eq(url_query_get(query, SPAN("a")), SPAN("1")));
    assert_true(span_eq(url_query_get(query, SPAN("bc")), SPAN("%41")));
    assert_non_null(url_query_get(query, SPAN("flag")).p);
    assert_int_equal(url_query_get(query, SPAN("flag")).n, 0);
    assert_non_null(url_query_get(query, SPAN("e")).p);
    assert_null(url_query_get(query, SPAN("b")).p);
    assert_null(url_query_get((struct span){NULL, 0}, SPAN("b")).p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_are_parsed),   cmocka_unit_test(a_refusal_shows_no_password),
        cmocka_unit_test(loopback_is_known), cmocka_unit_test(encoding),
        cmocka_unit_test(decoding),          cmocka_unit_test(queries),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
