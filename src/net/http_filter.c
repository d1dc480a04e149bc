/* libmicrohttpd before 0.9.77 lets through much of what RFC 9112 forbids: repeated Host and
 * Content-Length, both lengths at once, blanks before the colon, folded lines, NUL bytes, headers
 * without a name (which end the headers for it and not for the proxy before it). Two servers that
 * read one request differently are an invitation to smuggle another (RFC 9112 11.2), so all of it
 * is refused.
 *
 * Part of it shows in the parsed values. The rest shows in where they lie: that parser works in
 * place, so in a sound request the values follow each other in memory as they did on the wire, and
 * every byte is accounted for.
 *
 * Two things cannot be seen: NUL and LF at a line's end, since that parser leaves two NULs of CR
 * and LF as well, and a line before a request that begins with NUL, which it takes for an empty
 * one. No proxy may let a NUL through (RFC 9110 5.5).
 *
 * The bytes between chunks are not seen here, and that parser takes bare line feeds between them.
 * So a connection ends with its first request in chunks: nothing can be smuggled behind it. Okta
 * sends lengths. */
#include "net/http_private.h"

#include <stdint.h>

static const struct http_fault fault_line = {400, "bad_request", "the request line is malformed"};
static const struct http_fault fault_method = {400, "bad_request", "the method is malformed"};
static const struct http_fault fault_uri = {400, "bad_request", "the request target is malformed"};
static const struct http_fault fault_name = {400, "bad_request", "a header has a malformed name"};
static const struct http_fault fault_value = {400, "bad_request",
                                              "a header has a forbidden byte in its value"};
static const struct http_fault fault_shape = {
    400, "bad_request",
    "the headers are malformed: a bare line feed, a folded line, a NUL byte or a missing name"};
static const struct http_fault fault_host = {400, "bad_request",
                                             "there must be one Host header, and a valid one"};
static const struct http_fault fault_lengths = {
    400, "bad_request", "the length of the body is given more than once, or in two ways"};
static const struct http_fault fault_length = {400, "bad_request", "Content-Length is malformed"};
static const struct http_fault fault_coding = {
    501, "not_implemented", "Transfer-Encoding other than chunked is not supported"};
static const struct http_fault fault_header_size = {431, "headers_too_large",
                                                    "the request's headers are too large"};
static const struct http_fault fault_body_size = {413, "body_too_large",
                                                  "the request's body is too large"};

struct check {
    const char *end; /* of what was accounted for; NULL = the layout is not looked at */
    unsigned n_host, n_length, n_coding;
    struct span host, length, coding;
    const struct http_fault *fault;
};

/* RFC 9110 5.6.2: tchar. */
static bool is_token_char(unsigned char c)
{
    static const char others[] = "!#$%&'*+-.^_`|~";

    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr(others, c) != NULL);
}

static bool is_token(struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!is_token_char((unsigned char)s.p[i]))
            return false;
    }
    return s.n > 0;
}

/* RFC 9110 5.5: visible characters, blanks, tabs, and bytes from 0x80. */
static bool is_value(struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

/* RFC 9110 7.2: a host name or address and an optional port; empty when the target has no
 * authority. */
static bool is_host(struct span s)
{
    static const char forbidden[] = " \t/@?#\\\"<>,{}^`|";

    for (size_t i = 0; i < s.n; i++) {
        if (strchr(forbidden, s.p[i]) != NULL)
            return false;
    }
    return true;
}

/* "name", NUL for the colon, blanks, "value", two NULs for CR and LF. */
static bool is_next_line(const char *end, struct span name, struct span value)
{
    const char *p = name.p + name.n + 1;

    if (name.p != end || name.p + name.n >= value.p || name.p[name.n] != '\0')
        return false;
    while (p < value.p && (*p == ' ' || *p == '\t'))
        p++;
    return p == value.p && value.p[value.n] == '\0' && value.p[value.n + 1] == '\0';
}

static enum MHD_Result check_header(void *arg, enum MHD_ValueKind kind, const char *key,
                                    size_t key_n, const char *text, size_t text_n)
{
    struct check *check = arg;
    struct span name = {key, key_n}, value = {text, text_n};

    (void)kind;
    if (!is_token(name))
        check->fault = &fault_name;
    else if (!is_value(value))
        check->fault = &fault_value;
    else if (check->end != NULL && !is_next_line(check->end, name, value))
        check->fault = &fault_shape;
    if (check->fault != NULL)
        return MHD_NO;
    if (check->end != NULL)
        check->end = value.p + value.n + 2;
    if (name.n == 4 && span_eq_nocase(name, SPAN("Host"))) {
        check->n_host++;
        check->host = span_trim(value);
    } else if (name.n == 14 && span_eq_nocase(name, SPAN("Content-Length"))) {
        check->n_length++;
        check->length = span_trim(value);
    } else if (name.n == 17 && span_eq_nocase(name, SPAN("Transfer-Encoding"))) {
        check->n_coding++;
        check->coding = span_trim(value);
    }
    return MHD_YES;
}

static const struct http_fault *check_line(const struct http_exchange *x, const char *version,
                                           bool has_layout)
{
    struct span uri = buf_span(&x->uri);

    for (size_t i = 0; i < x->method.n; i++) {
        if (x->method.p[i] < 'A' || x->method.p[i] > 'Z')
            return &fault_method;
    }
    if (x->method.n == 0)
        return &fault_method;
    for (size_t i = 0; i < uri.n; i++) {
        if (uri.p[i] <= ' ' || uri.p[i] >= 0x7f) /* char is signed: bytes from 0x80 are below */
            return &fault_uri;
    }
    if (x->path.n == 0)
        return &fault_uri;
    if (has_layout &&
        (x->uri_at != x->method.p + x->method.n + 1 || version != x->uri_at + uri.n + 1))
        return &fault_line;
    return NULL;
}

static uint64_t number_of(struct span digits)
{
    uint64_t number = 0;

    for (size_t i = 0; i < digits.n; i++) {
        unsigned digit = (unsigned)(digits.p[i] - '0');

        if (number > (UINT64_MAX - digit) / 10)
            return UINT64_MAX;
        number = number * 10 + digit;
    }
    return number;
}

static const struct http_fault *check_length(struct span length)
{
    for (size_t i = 0; i < length.n; i++) {
        if (length.p[i] < '0' || length.p[i] > '9')
            return &fault_length;
    }
    return length.n == 0 ? &fault_length : NULL;
}

/* RFC 9112 6.1 and 6.3. */
static const struct http_fault *check_framing(struct http_exchange *x, const struct check *check,
                                              bool is_old)
{
    const struct http_fault *fault;

    if (check->n_coding > 0) {
        if (check->n_coding > 1 || check->n_length > 0 || is_old)
            return &fault_lengths;
        if (!span_eq_nocase(check->coding, SPAN("chunked")))
            return &fault_coding;
        x->has_body = x->is_chunked = true;
        return NULL;
    }
    if (check->n_length == 0)
        return NULL;
    if (check->n_length > 1)
        return &fault_lengths;
    fault = check_length(check->length);
    if (fault == NULL) {
        uint64_t n = number_of(check->length);

        x->has_body = n > 0;
        if (n > x->server->options.limits.body)
            fault = &fault_body_size;
    }
    return fault;
}

const struct http_fault *http_filter(struct http_exchange *x, const char *version)
{
    const bool has_layout = x->server->parses_in_place;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    const bool is_old = strcmp(version, "HTTP/1.0") == 0;
    struct check check = {.end = has_layout ? version + strlen(version) + 2 : NULL};
    const struct http_fault *fault = check_line(x, version, has_layout);

    /* A refused request is taken to have a body: what follows it may be anything. */
    x->has_body = true;
    if (fault != NULL)
        return fault;
    (void)MHD_get_connection_values_n(x->connection, MHD_HEADER_KIND, check_header, &check);
    if (check.fault != NULL)
        return check.fault;
    if (info != NULL && info->header_size > x->server->options.limits.header)
        return &fault_header_size;
    /* The blank line is all that is left. */
    if (has_layout && info != NULL && check.end + 2 != x->method.p + info->header_size)
        return &fault_shape;
    if (check.n_host > 1 || (check.n_host == 0 && !is_old) || !is_host(check.host))
        return &fault_host;
    x->has_body = false;
    fault = check_framing(x, &check, is_old);
    if (fault != NULL)
        x->has_body = true;
    return fault;
}

const struct http_fault *http_filter_length(struct MHD_Connection *connection)
{
    const struct http_fault *fault;
    const char *text;
    size_t n;

    if (MHD_lookup_connection_value_n(connection, MHD_HEADER_KIND, "Content-Length", 14, &text,
                                      &n) == MHD_NO ||
        MHD_lookup_connection_value_n(connection, MHD_HEADER_KIND, "Transfer-Encoding", 17, NULL,
                                      NULL) != MHD_NO)
        return NULL;
    fault = check_length(span_n(text, n));
    if (fault == NULL && number_of(span_n(text, n)) == UINT64_MAX)
        fault = &fault_body_size;
    return fault;
}
