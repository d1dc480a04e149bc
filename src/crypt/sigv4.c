#include "crypt/sigv4.h"

#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "crypt/digest.h"

/* Far above any request line and header that AWS accepts; what passes it is told by full. */
enum { WORK_LIMIT = 1024 * 1024, DATE_BASIC = 16, DATE_DAY = 8 };

static const char algorithm[] = "AWS4-HMAC-SHA256";

/* ---- pieces of the canonical request ---- */

static void add_encoded(struct buf *out, struct span s, bool keep_slash)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        char escape[3] = {'%', digits[c >> 4], digits[c & 15]};
        bool is_kept = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~' || (c == '/' && keep_slash);

        buf_add(out, is_kept ? (struct span){s.p + i, 1} : (struct span){escape, 3});
    }
}

/* RFC 3986 6.2.2.3 and empty segments removed; then every byte is encoded once more than on the
 * wire, as all services but S3 want it. */
static void add_path(struct buf *out, struct span path)
{
    struct buf flat;
    struct span rest = path, part;
    bool is_folder = true;

    buf_init(&flat, path.n + 2);
    while (span_split(&rest, '/', &part)) {
        is_folder = part.n == 0 || span_eq(part, SPAN(".")) || span_eq(part, SPAN(".."));
        if (span_eq(part, SPAN(".."))) {
            while (flat.n > 0 && flat.p[flat.n - 1] != '/')
                flat.n--;
            flat.n -= flat.n > 0;
        } else if (!is_folder) {
            buf_add_char(&flat, '/');
            buf_add(&flat, part);
        }
    }
    if (is_folder)
        buf_add_char(&flat, '/');
    add_encoded(out, buf_span(&flat), true);
    buf_done(&flat);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The percent-encoding of a piece of the query brought into AWS's form; a '%' that begins no escape
 * is itself. */
static struct span reencoded(struct arena *a, struct span s)
{
    struct buf plain, encoded;
    struct span result;

    buf_init(&plain, s.n);
    buf_init(&encoded, 3 * s.n);
    for (size_t i = 0; i < s.n; i++) {
        bool is_escape = s.p[i] == '%' && s.n - i >= 3 && hex_digit(s.p[i + 1]) >= 0 &&
                         hex_digit(s.p[i + 2]) >= 0;

        buf_add_char(&plain, is_escape ? (char)(hex_digit(s.p[i + 1]) * 16 + hex_digit(s.p[i + 2]))
                                       : s.p[i]);
        i += is_escape ? 2 : 0;
    }
    add_encoded(&encoded, buf_span(&plain), false);
    result = arena_span(a, buf_span(&encoded));
    buf_done(&encoded);
    buf_done(&plain);
    return result;
}

/* Query parameters and headers alike. */
struct named {
    struct span name, value;
    size_t place; /* as given: repeated headers stay in their order */
};

static int by_name_value(const void *left, const void *right)
{
    const struct named *a = left, *b = right;
    int order = span_cmp(a->name, b->name);

    return order != 0 ? order : span_cmp(a->value, b->value);
}

static int by_name_place(const void *left, const void *right)
{
    const struct named *a = left, *b = right;
    int order = span_cmp(a->name, b->name);

    return order != 0 ? order : a->place < b->place ? -1 : 1;
}

static void add_query(struct buf *out, struct span query, struct arena *a)
{
    struct span rest = query, part;
    struct named *named;
    size_t n = 1;

    for (size_t i = 0; i < query.n; i++)
        n += query.p[i] == '&';
    named = arena_new(a, n, sizeof(*named));
    for (n = 0; span_split(&rest, '&', &part);) {
        size_t at = span_find(part, '=');

        if (part.n == 0)
            continue;
        named[n].name = reencoded(a, (struct span){part.p, at});
        named[n].value =
            at < part.n ? reencoded(a, (struct span){part.p + at + 1, part.n - at - 1}) : SPAN("");
        n++;
    }
    qsort(named, n, sizeof(*named), by_name_value);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_add_char(out, '&');
        buf_add(out, named[i].name);
        buf_add_char(out, '=');
        buf_add(out, named[i].value);
    }
}

static struct span lowered(struct arena *a, struct span name)
{
    char *copy = arena_dup(a, name);

    for (size_t i = 0; i < name.n; i++)
        if (copy[i] >= 'A' && copy[i] <= 'Z')
            copy[i] = (char)(copy[i] - 'A' + 'a');
    return (struct span){copy, name.n};
}

/* Trimmed, with each inner run of blanks as one. */
static struct span collapsed(struct arena *a, struct span value)
{
    struct span s = span_trim(value);
    char *copy = arena_new(a, s.n + 1, 1);
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != ' ' || n == 0 || copy[n - 1] != ' ')
            copy[n++] = s.p[i];
    return (struct span){copy, n};
}

static struct named *headers_sorted(const struct sigv4_request *r, struct arena *a)
{
    struct named *named = arena_new(a, r->n_headers + 1, sizeof(*named));

    for (size_t i = 0; i < r->n_headers; i++)
        named[i] =
            (struct named){lowered(a, r->headers[i].name), collapsed(a, r->headers[i].value), i};
    qsort(named, r->n_headers, sizeof(*named), by_name_place);
    return named;
}

static void add_headers(struct buf *out, const struct named *headers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && span_eq(headers[i].name, headers[i - 1].name)) {
            buf_add_char(out, ',');
        } else {
            buf_add_str(out, i > 0 ? "\n" : "");
            buf_add(out, headers[i].name);
            buf_add_char(out, ':');
        }
        buf_add(out, headers[i].value);
    }
    buf_add_char(out, '\n');
}

static void add_signed_names(struct buf *out, const struct named *headers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && span_eq(headers[i].name, headers[i - 1].name))
            continue;
        buf_add_str(out, i > 0 ? ";" : "");
        buf_add(out, headers[i].name);
    }
}

void sigv4_add_canonical_request(struct buf *out, const struct sigv4_request *request)
{
    char body_hash[SHA256_HEX];
    struct arena a;
    struct named *headers;

    arena_init(&a);
    headers = headers_sorted(request, &a);
    buf_add(out, request->method);
    buf_add_char(out, '\n');
    add_path(out, request->path);
    buf_add_char(out, '\n');
    add_query(out, request->query, &a);
    buf_add_char(out, '\n');
    add_headers(out, headers, request->n_headers);
    buf_add_char(out, '\n');
    add_signed_names(out, headers, request->n_headers);
    buf_add_char(out, '\n');
    sha256_hex(request->body, body_hash);
    buf_add(out, (struct span){body_hash, sizeof(body_hash)});
    arena_done(&a);
}

/* ---- what is signed, and with which key ---- */

static void date_basic(int64_t ms, char out[static DATE_BASIC + 1])
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm tm;

    if (gmtime_r(&seconds, &tm) == NULL ||
        strftime(out, DATE_BASIC + 1, "%Y%m%dT%H%M%SZ", &tm) != DATE_BASIC)
        memcpy(out, "19700101T000000Z",
               DATE_BASIC + 1); /* beyond the year 9999: refused by anybody */
}

static void add_scope(struct buf *out, const char *date, const struct sigv4_scope *scope)
{
    buf_add(out, (struct span){date, DATE_DAY});
    buf_add_char(out, '/');
    buf_add(out, scope->region);
    buf_add_char(out, '/');
    buf_add(out, scope->service);
    buf_add_str(out, "/aws4_request");
}

void sigv4_add_string_to_sign(struct buf *out, const struct sigv4_request *request,
                              const struct sigv4_scope *scope)
{
    char date[DATE_BASIC + 1], hash[SHA256_HEX];
    struct buf canonical;

    buf_init(&canonical, WORK_LIMIT * 8UL);
    sigv4_add_canonical_request(&canonical, request);
    sha256_hex(buf_span(&canonical), hash);
    date_basic(scope->now_ms, date);
    buf_printf(out, "%s\n%s\n", algorithm, date);
    add_scope(out, date, scope);
    buf_add_char(out, '\n');
    buf_add(out, (struct span){hash, sizeof(hash)});
    out->full |= canonical.full;
    buf_done(&canonical);
}

static void derive_key(const struct sigv4_scope *scope, uint8_t key[static SHA256_BYTES])
{
    char date[DATE_BASIC + 1];
    struct span steps[] = {{date, DATE_DAY}, scope->region, scope->service, SPAN("aws4_request")};
    struct buf first;

    date_basic(scope->now_ms, date);
    buf_init(&first, scope->secret_key.n + 4);
    (void)buf_space(&first, scope->secret_key.n +
                                4); /* at once, so that no copy of the secret is left behind */
    buf_add_str(&first, "AWS4");
    buf_add(&first, scope->secret_key);
    hmac_sha256(buf_span(&first), steps[0], key);
    explicit_bzero(first.p, first.n);
    buf_done(&first);
    for (size_t i = 1; i < sizeof(steps) / sizeof(steps[0]); i++) {
        uint8_t next[SHA256_BYTES];

        hmac_sha256(span_n(key, SHA256_BYTES), steps[i], next);
        memcpy(key, next, sizeof(next));
        explicit_bzero(next, sizeof(next));
    }
}

/* False when a text passed its ceiling. */
static bool sign(const struct sigv4_request *request, const struct sigv4_scope *scope,
                 char out[static SHA256_HEX])
{
    uint8_t key[SHA256_BYTES], signature[SHA256_BYTES];
    struct buf text;
    bool is_whole;

    buf_init(&text, WORK_LIMIT);
    sigv4_add_string_to_sign(&text, request, scope);
    derive_key(scope, key);
    hmac_sha256(span_n(key, sizeof(key)), buf_span(&text), signature);
    hex_encode(signature, sizeof(signature), out);
    explicit_bzero(key, sizeof(key));
    is_whole = !text.full;
    buf_done(&text);
    return is_whole;
}

void sigv4_signature(const struct sigv4_request *request, const struct sigv4_scope *scope,
                     char out[static 64])
{
    (void)sign(request, scope, out); /* a text that was cut gives a signature that nobody accepts */
}

void sigv4_add_authorization(struct buf *out, const struct sigv4_request *request,
                             const struct sigv4_scope *scope)
{
    char date[DATE_BASIC + 1], signature[SHA256_HEX];
    struct arena a;

    if (!sign(request, scope, signature)) {
        out->full = true;
        return;
    }
    arena_init(&a);
    date_basic(scope->now_ms, date);
    buf_printf(out, "%s Credential=", algorithm);
    buf_add(out, scope->access_key);
    buf_add_char(out, '/');
    add_scope(out, date, scope);
    buf_add_str(out, ", SignedHeaders=");
    add_signed_names(out, headers_sorted(request, &a), request->n_headers);
    buf_add_str(out, ", Signature=");
    buf_add(out, (struct span){signature, sizeof(signature)});
    arena_done(&a);
}
