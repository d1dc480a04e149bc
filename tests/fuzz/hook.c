/* floor: okta — any method and headers at the hook's door: nobody comes in without the secret. The
 * input is the method in its first line and "Name: value" in each line that follows. */
#include <assert.h>
#include <string.h>

#include "okta/hook.h"
#include "text/json.h"

static char sesame[] = "sesame", open_text[] = "open";
static const struct secret secret = {sesame, 6}, previous = {open_text, 4}, none;

static bool next_header(struct span *rest, struct span *name, struct span *value)
{
    struct span line;

    if (!span_split(rest, '\n', &line))
        return false;
    *value = line;
    (void)span_split(value, ':', name);
    *value = value->p == NULL ? SPAN("") : span_trim(*value);
    return true;
}

static struct span header(const void *request, struct span wanted, unsigned *n)
{
    struct span rest = *(const struct span *)request, name, value, found = {NULL, 0};

    *n = 0;
    while (next_header(&rest, &name, &value))
        if (span_eq_nocase(name, wanted) && (*n)++ == 0)
            found = value;
    return found;
}

static void each_header(const void *request,
                        void (*fn)(void *arg, struct span name, struct span value), void *arg)
{
    struct span rest = *(const struct span *)request, name, value;

    while (next_header(&rest, &name, &value))
        fn(arg, name, value);
}

static void check(const struct hook *hook, struct span method, struct span headers)
{
    const struct hook_request request = {.method = method,
                                         .path = SPAN("/okta/events"),
                                         .header = header,
                                         .each_header = each_header,
                                         .request = &headers};
    struct hook_answer answer = {0};
    struct arena a = {0};
    struct json_value value;
    struct span given;
    bool is_settled = hook_head(hook, &request, &a, &answer);
    unsigned n;

    if (!is_settled || answer.status == 200) {
        given = header(&headers, SPAN("Authorization"), &n);
        assert(hook->allows_no_secret ||
               (n == 1 && (span_eq(given, SPAN("sesame")) || span_eq(given, SPAN("open")))));
        assert(span_eq(method, is_settled ? SPAN("GET") : SPAN("POST")));
    }
    if (is_settled && answer.status == 200)
        assert(answer.code == NULL && json_scan(answer.body, 2, &value, NULL) == ERR_NONE);
    else if (is_settled)
        assert(answer.code != NULL && answer.message != NULL &&
               (answer.status == 400 || answer.status == 401 ||
                (answer.status == 405 && answer.allow != NULL)));
    arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct hook with = {
        .secret = &secret, .secret_previous = &previous, .header = SPAN("Authorization")};
    const struct hook without = {.secret = &none,
                                 .secret_previous = &none,
                                 .header = SPAN("Authorization"),
                                 .allows_no_secret = true};
    struct span headers = span_n(data, size), method = {0};

    if (size == 0)
        return 0;
    (void)span_split(&headers, '\n', &method);
    check(&with, method, headers);
    check(&without, method, headers);
    return 0;
}
