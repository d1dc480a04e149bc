/* The vectors were made with botocore, AWS's own Python library, for the calls that Roster sends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fs.h"
#include "crypt/sigv4.h"
#include "text/json.h"

enum { N_VECTORS = 22, FILE_LIMIT = 1024 * 1024, TEXT_LIMIT = 64 * 1024, HEADERS_MAX = 4 };

/* 20260102T030405Z, the instant of all vectors. */
static const int64_t now_ms = 1767323045000;

static void assert_text(const struct buf *got, struct span wanted)
{
    assert_false(got->full);
    assert_string_equal(got->p, wanted.p);
}

static void check_vector(const struct json *v)
{
    struct sigv4_header headers[HEADERS_MAX];
    struct span token = json_str(v, "session_token"), body = json_str(v, "body");
    struct sigv4_scope scope = {json_str(v, "access_key"), json_str(v, "secret_key"),
                                json_str(v, "region"), json_str(v, "service"), now_ms};
    struct sigv4_request request = {
        json_str(v, "method"), json_str(v, "path"), json_str(v, "query"), body, headers, 0};
    struct buf host, got;

    buf_init(&host, TEXT_LIMIT);
    buf_init(&got, TEXT_LIMIT);
    buf_printf(&host, "  connect.%s.amazonaws.com ", scope.region.p);
    headers[request.n_headers++] =
        (struct sigv4_header){SPAN("X-Amz-Date"), json_str(v, "x_amz_date")};
    headers[request.n_headers++] = (struct sigv4_header){SPAN("Host"), buf_span(&host)};
    if (token.p != NULL)
        headers[request.n_headers++] = (struct sigv4_header){SPAN("x-amz-security-token"), token};
    if (body.p != NULL)
        headers[request.n_headers++] =
            (struct sigv4_header){SPAN("Content-Type"), SPAN("application/json")};

    sigv4_add_canonical_request(&got, &request);
    assert_text(&got, json_str(v, "canonical_request"));
    buf_clear(&got);
    sigv4_add_string_to_sign(&got, &request, &scope);
    assert_text(&got, json_str(v, "string_to_sign"));
    buf_clear(&got);
    sigv4_add_authorization(&got, &request, &scope);
    assert_text(&got, json_str(v, "authorization"));
    buf_done(&got);
    buf_done(&host);
}

static void vectors_are_met(void **state)
{
    struct json *vectors = NULL;
    struct buf file;

    (void)state;
    buf_init(&file, FILE_LIMIT);
    assert_int_equal(fs_read(TEST_DATA "/sigv4-vectors.json", &file, NULL), ERR_NONE);
    assert_int_equal(json_parse(buf_span(&file), &vectors, NULL), ERR_NONE);
    assert_int_equal(json_count(vectors, ""), N_VECTORS);
    for (size_t i = 0; i < N_VECTORS; i++)
        check_vector(json_item(vectors, "", i));
    json_free(vectors);
    buf_done(&file);
}

/* What the calls of Amazon Connect do not exercise. The canonical forms follow from AWS's
 * description. */
static const struct row {
    const char *name, *path, *query, *header, *canonical_path, *canonical_query, *canonical_header;
} rows[] = {
    {"an empty path", "", "", "v", "/", "", "v"},
    {"dot segments", "/a/./b/../c", "", "v", "/a/c", "", "v"},
    {"above the root", "/../../a", "", "v", "/a", "", "v"},
    {"only dots", "/./", "", "v", "/", "", "v"},
    {"a last dot keeps the slash", "/a/b/..", "", "v", "/a/", "", "v"},
    {"double slashes", "//a///b//", "", "v", "/a/b/", "", "v"},
    {"no leading slash", "a", "", "v", "/a", "", "v"},
    {"bytes above ASCII", "/\xc3\xa9", "", "v", "/%C3%A9", "", "v"},
    {"escapes are escaped again", "/a%20b", "", "v", "/a%2520b", "", "v"},
    {"keys are sorted", "/", "b=1&a=2", "v", "/", "a=2&b=1", "v"},
    {"a key before its longer sister", "/", "ab=1&a=2&a-=3", "v", "/", "a=2&a-=3&ab=1", "v"},
    {"values are sorted", "/", "a=2&a=1", "v", "/", "a=1&a=2", "v"},
    {"a key without a value", "/", "flag&a", "v", "/", "a=&flag=", "v"},
    {"empty parameters vanish", "/", "&&a=1&", "v", "/", "a=1", "v"},
    {"lower-case escapes", "/", "a=%2b%c3%a9", "v", "/", "a=%2B%C3%A9", "v"},
    {"escapes that need none", "/", "%61=%41", "v", "/", "a=A", "v"},
    {"a plus is a plus", "/", "a=b+c", "v", "/", "a=b%2Bc", "v"},
    {"an equals sign in the value", "/", "a=b=c", "v", "/", "a=b%3Dc", "v"},
    {"a percent sign that escapes nothing", "/", "a=%zz%4", "v", "/", "a=%25zz%254", "v"},
    {"blanks in a header", "/", "", " a   b\t", "/", "", "a b"},
    {"an empty header", "/", "", "", "/", "", ""},
};

static void canonical_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        struct sigv4_header header = {SPAN("H"), span_of(row->header)};
        struct sigv4_request request = {
            SPAN("GET"), span_of(row->path), span_of(row->query), {0}, &header, 1};
        struct buf got, wanted;

        buf_init(&got, TEXT_LIMIT);
        buf_init(&wanted, TEXT_LIMIT);
        sigv4_add_canonical_request(&got, &request);
        buf_printf(&wanted, "GET\n%s\n%s\nh:%s\n\nh\n%s", row->canonical_path, row->canonical_query,
                   row->canonical_header,
                   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        if (!span_eq(buf_span(&got), buf_span(&wanted)))
            fail_msg("%s: %s", row->name, got.p);
        buf_done(&wanted);
        buf_done(&got);
    }
}

static void repeated_headers_are_joined(void **state)
{
    const struct sigv4_header headers[] = {{SPAN("x-b"), SPAN("2")},
                                           {SPAN("X-A"), SPAN("z")},
                                           {SPAN("X-a-c"), SPAN("3")},
                                           {SPAN("x-a"), SPAN("a")}};
    struct sigv4_request request = {SPAN("GET"), SPAN("/"), SPAN(""), SPAN(""), headers, 4};
    struct buf got;

    (void)state;
    buf_init(&got, TEXT_LIMIT);
    sigv4_add_canonical_request(&got, &request);
    assert_non_null(strstr(got.p, "\nx-a:z,a\nx-a-c:3\nx-b:2\n\nx-a;x-a-c;x-b\n"));
    buf_done(&got);
}

static void a_small_buffer_is_told(void **state)
{
    struct sigv4_request request = {.method = SPAN("GET"), .path = SPAN("/")};
    struct sigv4_scope scope = {SPAN("A"), SPAN("S"), SPAN("r"), SPAN("s"), now_ms};
    struct buf got;

    (void)state;
    buf_init(&got, 100);
    sigv4_add_authorization(&got, &request, &scope);
    assert_true(got.full);
    buf_done(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_are_met),
        cmocka_unit_test(canonical_forms),
        cmocka_unit_test(repeated_headers_are_joined),
        cmocka_unit_test(a_small_buffer_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
