#include "okta/hook.h"

#include "base/utf8.h"
#include "crypt/equal.h"
#include "text/json.h"

const struct hook_answer hook_not_stored = {
    .status = 503,
    .code = "not_stored",
    .message = "The delivery could not be stored; deliver it again."};

void hook_add_body(struct buf *out, const struct hook_answer *answer)
{
    struct json_out o;

    if (answer->code == NULL) {
        buf_add(out, answer->body);
        return;
    }
    o = json_out(out);
    json_out_begin(&o, '{');
    json_out_key(&o, "error");
    json_out_begin(&o, '{');
    json_put_str(&o, "code", span_of(answer->code));
    json_put_str(&o, "message", span_of(answer->message));
    json_out_end(&o, '}');
    json_out_end(&o, '}');
}

bool hook_owns(struct span path)
{
    return span_eq(path, SPAN("/okta/events")) || span_eq(path, SPAN("/create_user"));
}

static void refuse(struct hook_answer *out, int status, const char *code, const char *message)
{
    *out = (struct hook_answer){.status = status, .code = code, .message = message};
}

static void mark_proxy(void *arg, struct span name, struct span value)
{
    static const struct span prefix = {"x-forwarded-", 12};
    bool *is_proxied = arg;

    (void)value;
    if (span_eq_nocase(name, SPAN("forwarded")) || span_eq_nocase(name, SPAN("via")) ||
        (name.n >= prefix.n && span_eq_nocase((struct span){name.p, prefix.n}, prefix)))
        *is_proxied = true;
}

/* Without a secret only a direct caller on this machine is let in: a proxy's marks say that
 * somebody else stands behind. */
static bool is_direct(const struct hook_request *request)
{
    bool is_proxied = false;

    request->each_header(request->request, mark_proxy, &is_proxied);
    return !is_proxied;
}

static bool is_authentic(const struct hook *hook, const struct hook_request *request)
{
    unsigned n = 0;
    struct span given;
    bool matches, matches_previous;

    if (hook->allows_no_secret && !secret_is_set(hook->secret))
        return is_direct(request);
    given = request->header(request->request, hook->header, &n);
    if (n != 1 || !secret_is_set(hook->secret))
        return false;
    matches = equal_constant_time(secret_span(hook->secret), given);
    matches_previous = secret_is_set(hook->secret_previous) &&
                       equal_constant_time(secret_span(hook->secret_previous), given);
    return matches || matches_previous;
}

static void verify(const struct hook_request *request, struct arena *a, struct hook_answer *out)
{
    unsigned n = 0;
    struct span challenge =
        request->header(request->request, SPAN("X-Okta-Verification-Challenge"), &n);
    struct json_out json;
    struct buf body;

    if (n == 0) {
        refuse(out, 400, "no_challenge",
               "A GET must carry the header X-Okta-Verification-Challenge.");
        return;
    }
    if (n > 1 || challenge.n == 0 || challenge.n > HOOK_CHALLENGE_LIMIT ||
        !utf8_is_valid(challenge)) {
        refuse(out, 400, "bad_challenge",
               "X-Okta-Verification-Challenge must be one text of 1 to 1024 bytes.");
        return;
    }
    buf_init(&body, 8 * HOOK_CHALLENGE_LIMIT);
    json = json_out(&body);
    json_out_begin(&json, '{');
    json_put_str(&json, "verification", challenge);
    json_out_end(&json, '}');
    *out = (struct hook_answer){.status = 200, .body = arena_span(a, buf_span(&body))};
    buf_done(&body);
}

bool hook_head(const struct hook *hook, const struct hook_request *request, struct arena *a,
               struct hook_answer *out)
{
    bool is_get = span_eq(request->method, SPAN("GET"));

    if (!is_get && !span_eq(request->method, SPAN("POST"))) {
        refuse(out, 405, "method_not_allowed", "Okta verifies with GET and delivers with POST.");
        out->allow = "GET, POST";
        return true;
    }
    if (!is_authentic(hook, request)) {
        refuse(out, 401, "unauthorized",
               "The hook secret is missing or wrong: compare the event hook's authentication field "
               "and secret in Okta with "
               "[OKTA] HOOK_HEADER and HOOK_SECRET.");
        return true;
    }
    if (!is_get)
        return false;
    verify(request, a, out);
    return true;
}

enum err hook_body(const struct delivery_rules *by, struct span body, int64_t received_ms,
                   struct arena *a, struct delivery *delivery, struct hook_answer *out,
                   struct fail *fail)
{
    enum err err = delivery_decode(a, body, by, received_ms, delivery, fail);

    if (err == ERR_NONE)
        *out = (struct hook_answer){.status = 200};
    else
        refuse(out, 400, "bad_delivery",
               "The body is no event hook delivery: see Roster's log for what is wrong.");
    return err;
}
