#include "okta/answer.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "text/json.h"

enum { ERROR_DEPTH = 16, SUMMARY_MAX = 240, PATH_SHOWN = 120, ACTIVATING_MS = 2000 };

#define ADVICE_API_TOKEN                                                                           \
    "the API token is not valid any more: a token ends with its maker's account and after 30 "     \
    "days without use; make a new one and set [OKTA] API_TOKEN"
#define ADVICE_ROLE                                                                                \
    "give the service app (or the API token's maker) the administrator role and scopes that "      \
    "docs/okta-setup.md lists"
#define ADVICE_CLOCK "compare this machine's clock with the time"
#define ADVICE_SCOPES                                                                              \
    "grant the service app the scopes that docs/okta-setup.md lists (Okta API Scopes)"
#define ADVICE_CLIENT                                                                              \
    "compare [OKTA] CLIENT_ID, PRIVATE_KEY_FILE and KEY_ID with the service app's public keys"

/* Reactions that the status alone does not tell. A text narrows a code down. */
static const struct meaning {
    const char *code, *text; /* text: part of the summary, NULL = any */
    enum err err;            /* ERR_NONE = as the status says */
    const char *advice;
} meanings[] = {
    {"E0000005", NULL, ERR_DENIED, ADVICE_ROLE},
    {"E0000006", NULL, ERR_DENIED, ADVICE_ROLE},
    {"E0000015", NULL, ERR_DENIED, "the org does not have this feature"},
    {"E0000032", NULL, ERR_CONFLICT, NULL},
    {"E0000038", NULL, ERR_CONFLICT, NULL},
    {"E0000056", NULL, ERR_CONFLICT, NULL},
    {"E0000112", NULL, ERR_BUSY, NULL},
    {"E0000010", NULL, ERR_IO, NULL},
    {"insufficient_scope", NULL, ERR_DENIED, ADVICE_SCOPES},
    {"invalid_scope", NULL, ERR_DENIED, ADVICE_SCOPES},
    {"invalid_client", "audience", ERR_DENIED,
     "set [OKTA] ORG_URL to the org's own address, as Okta shows it"},
    {"invalid_client", "expir", ERR_DENIED, ADVICE_CLOCK},
    {"invalid_client", "current time", ERR_DENIED, ADVICE_CLOCK},
    {"invalid_client", NULL, ERR_DENIED, ADVICE_CLIENT},
    {"unauthorized_client", NULL, ERR_DENIED,
     "the service app must be an API Services app with the client_credentials grant"},
    {"invalid_dpop_proof", "issued", ERR_DENIED, ADVICE_CLOCK},
    {"invalid_dpop_proof", "iat", ERR_DENIED, ADVICE_CLOCK},
};

struct error {
    char code[FAIL_CODE], id[FAIL_REQUEST_ID], summary[SUMMARY_MAX + 1];
};

static bool is_word(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] > '~')
            return false;
    return s.n > 0;
}

static void take_word(char *out, size_t size, struct span word)
{
    if (out[0] == '\0' && word.n < size && is_word(word))
        (void)snprintf(out, size, "%.*s", SPAN_ARG(word));
}

/* Adds a text from outside as one clean line, cut where it becomes too long. */
static void take_text(char *out, size_t size, struct span text)
{
    struct buf clean;
    size_t at = strlen(out);

    if (!utf8_is_valid(text) || text.n == 0)
        return;
    buf_init(&clean, 4 * size);
    if (utf8_add_clean_name(&clean, utf8_prefix(text, size)) && clean.n > 0) {
        struct span fits = buf_span(&clean);
        const char *joint = at > 0 ? " " : "";

        while (at + strlen(joint) + fits.n >= size && fits.n > 0)
            fits = utf8_prefix(fits, utf8_length(fits) - 1);
        if (fits.n > 0)
            (void)snprintf(out + at, size - at, "%s%.*s", joint, SPAN_ARG(fits));
    }
    buf_done(&clean);
}

static struct span text_of(struct arena *a, struct json_value object, const char *name)
{
    struct span text;

    return json_text(a, json_member(object, span_of(name), NULL), &text) ? text : SPAN("");
}

static void error_from_body(struct span body, struct error *e)
{
    struct json_value root = {0}, cause;
    struct json_iter causes;
    struct arena a;

    if (json_scan(body, ERROR_DEPTH, &root, NULL) != ERR_NONE || root.kind != JSON_OBJECT)
        return;
    arena_init(&a);
    take_word(e->code, sizeof(e->code), text_of(&a, root, "errorCode"));
    take_word(e->code, sizeof(e->code), text_of(&a, root, "error"));
    take_word(e->id, sizeof(e->id), text_of(&a, root, "errorId"));
    take_text(e->summary, sizeof(e->summary), text_of(&a, root, "errorSummary"));
    take_text(e->summary, sizeof(e->summary), text_of(&a, root, "error_description"));
    take_text(e->summary, sizeof(e->summary), text_of(&a, root, "message"));
    cause = json_member(root, SPAN("errorCauses"), NULL);
    if (cause.kind == JSON_ARRAY) {
        causes = json_iter(cause);
        if (json_next_item(&causes, &cause))
            take_text(e->summary, sizeof(e->summary), text_of(&a, cause, "errorSummary"));
    }
    arena_done(&a);
}

/* The value of name="…" in a challenge (RFC 6750 3); empty when there is none. */
static struct span challenge_value(struct span challenge, const char *name)
{
    size_t n = strlen(name);

    for (size_t i = 0; i + n + 2 < challenge.n; i++) {
        struct span rest = {challenge.p + i + n + 2, challenge.n - i - n - 2};

        if ((i == 0 || challenge.p[i - 1] == ' ' || challenge.p[i - 1] == ',') &&
            memcmp(challenge.p + i, name, n) == 0 && memcmp(rest.p - 2, "=\"", 2) == 0)
            return (struct span){rest.p, span_find(rest, '"')};
    }
    return SPAN("");
}

static bool is_for_token(const struct answer_facts *facts)
{
    return span_starts(facts->path, SPAN("/oauth2/"));
}

static enum err reaction(const struct answer_facts *facts, const char *code)
{
    int status = facts->status;

    /* The token endpoint's are refusals of the client (RFC 6749 5.2), and must never be taken for
     * what an object of the API is asked for with that token. */
    if (status < 400 || status == 401 || status == 403 ||
        (status < 500 && status != 429 && is_for_token(facts)))
        return ERR_DENIED;
    /* Okta's 404 of an object bears this code; without it, it is a gateway's. */
    if (status == 404 && strcmp(code, "E0000007") == 0)
        return ERR_NOT_FOUND;
    if (status == 409)
        return ERR_CONFLICT;
    if (status == 429)
        return ERR_BUSY;
    if (status >= 500 || (status == 404 && code[0] == '\0'))
        return facts->is_read ? ERR_IO : ERR_UNCLEAR;
    return ERR_INPUT;
}

static const struct meaning *meaning_of(const struct error *e)
{
    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
        if (strcmp(e->code, meanings[i].code) == 0 &&
            (meanings[i].text == NULL || strstr(e->summary, meanings[i].text) != NULL))
            return &meanings[i];
    return NULL;
}

static const char *advice(const struct answer_facts *facts, const struct meaning *meaning)
{
    if (meaning != NULL && meaning->advice != NULL)
        return meaning->advice;
    if (is_for_token(facts) && facts->status == 404)
        return "set [OKTA] ORG_URL to the org's own address";
    if (is_for_token(facts) && facts->status == 401)
        return ADVICE_CLIENT;
    if (facts->status == 401)
        return facts->is_api_token ? ADVICE_API_TOKEN
                                   : "the org does not take the access token that it has just "
                                     "given; is the service app active?";
    if (facts->status == 403)
        return ADVICE_ROLE;
    if (facts->status >= 300 && facts->status < 400)
        return "the org redirects elsewhere: set [OKTA] ORG_URL to the org's own address";
    return NULL;
}

enum err answer_judge(const struct answer_facts *facts, struct fail *fail)
{
    struct span path = {facts->path.p, span_find(facts->path, '?')};
    const struct meaning *meaning;
    struct error e = {0};
    const char *what_to_do;
    enum err err;

    if (facts->status >= 200 && facts->status < 300)
        return ERR_NONE;
    error_from_body(facts->body, &e);
    take_word(e.code, sizeof(e.code), challenge_value(facts->authenticate, "error"));
    if (e.summary[0] == '\0')
        take_text(e.summary, sizeof(e.summary),
                  challenge_value(facts->authenticate, "error_description"));
    take_word(e.id, sizeof(e.id), facts->request_id);
    meaning = meaning_of(&e);
    what_to_do = advice(facts, meaning);
    err = meaning != NULL && meaning->err != ERR_NONE ? meaning->err : reaction(facts, e.code);
    if (path.n > PATH_SHOWN)
        path.n = PATH_SHOWN;
    err = fail_set(fail, err, "Okta: %s %.*s: %d%s%s%s%s%s%s", facts->method, SPAN_ARG(path),
                   facts->status, e.code[0] != '\0' ? " " : "", e.code,
                   e.summary[0] != '\0' ? ": " : "", e.summary, what_to_do != NULL ? "; " : "",
                   what_to_do != NULL ? what_to_do : "");
    if (fail != NULL) {
        fail->status = facts->status;
        fail->retry_ms = strcmp(e.code, "E0000112") == 0 ? ACTIVATING_MS : 0;
        (void)snprintf(fail->code, sizeof(fail->code), "%s", e.code);
        (void)snprintf(fail->request_id, sizeof(fail->request_id), "%s", e.id);
    }
    return err;
}

bool answer_is_stale_cursor(const struct fail *fail)
{
    static const char *const codes[] = {"E0000029", "E0000031", "E0000053"};

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (fail->status == 400 && strcmp(fail->code, codes[i]) == 0)
            return true;
    return false;
}
