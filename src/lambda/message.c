#include "lambda/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/sqs.h"
#include "text/json.h"

_Static_assert((int)MESSAGE_NAME == (int)SQS_NAME_MAX, "a group's name is one for SQS");

static const char scope_prefix[] = "scope:";

static const char *const subject_kinds[] = {[SUBJECT_USER] = "user",
                                            [SUBJECT_GROUP] = "group",
                                            [SUBJECT_APP] = "app",
                                            [SUBJECT_SCOPE] = "scope"};
enum { SUBJECT_KINDS = sizeof(subject_kinds) / sizeof(subject_kinds[0]) };

static const struct {
    enum membership_kind kind;
    const char *name;
} membership_kinds[] = {{MEMBERSHIP_APP, "app"},
                        {MEMBERSHIP_GROUP, "group"},
                        {MEMBERSHIP_ACCOUNT, "account"},
                        {MEMBERSHIP_SUSPENSION, "suspension"}};
enum { MEMBERSHIP_KINDS = sizeof(membership_kinds) / sizeof(membership_kinds[0]) };

/* ---- writing ---- */

/* SQS takes neither U+FFFE nor U+FFFF, which UTF-8 and JSON do; they can only stand in strings. */
static void add_for_sqs(struct buf *out, struct span json)
{
    size_t done = 0;

    for (size_t i = 0; i + 2 < json.n; i++) {
        const unsigned char *p = (const unsigned char *)json.p + i;

        if (p[0] != 0xef || p[1] != 0xbf || p[2] < 0xbe)
            continue;
        buf_add(out, span_n(json.p + done, i - done));
        buf_add_str(out, p[2] == 0xbe ? "\\ufffe" : "\\uffff");
        done = i + 3;
        i += 2;
    }
    buf_add(out, span_n(json.p + done, json.n - done));
}

/* What is not set is left out. */
static void put(struct json_out *o, const char *key, struct span value)
{
    if (value.n > 0)
        json_put_str(o, key, value);
}

static const char *kind_name(enum membership_kind kind)
{
    size_t i = 0;

    while (i + 1 < MEMBERSHIP_KINDS && membership_kinds[i].kind != kind)
        i++;
    return membership_kinds[i].name;
}

static bool has_membership(const struct event_subject *s)
{
    return s->kind == SUBJECT_GROUP || s->kind == SUBJECT_APP ||
           (s->kind == SUBJECT_USER && s->has_membership);
}

static void put_subject(struct json_out *o, const struct event_subject *s)
{
    json_out_key(o, "subject");
    json_out_begin(o, '{');
    json_put_str(o, "kind", span_of(subject_kinds[s->kind]));
    put(o, "user", s->user_id);
    put(o, "login", s->login);
    put(o, "name", s->display_name);
    put(o, "app_user_name", s->app_user_name);
    json_put_int(o, "published_ns", s->membership.published_ns);
    if (s->alarm != NULL)
        json_put_str(o, "alarm", span_of(s->alarm));
    if (has_membership(s)) {
        json_out_key(o, "membership");
        json_out_begin(o, '{');
        json_put_str(o, "kind", span_of(kind_name(s->membership.kind)));
        put(o, "container", s->membership.container);
        put(o, "name", s->membership.name);
        json_put_bool(o, "is_member", s->membership.is_member);
        json_out_end(o, '}');
    }
    json_out_end(o, '}');
}

void message_add(struct buf *out, const struct event *event, const struct event_subject *subject)
{
    struct json_out o;
    struct buf json;

    buf_init(&json, MESSAGE_LIMIT);
    o = json_out(&json);
    json_out_begin(&o, '{');
    json_put_int(&o, "v", MESSAGE_VERSION);
    put(&o, "source", event->source);
    put(&o, "uuid", event->uuid);
    put(&o, "type", event->type);
    put(&o, "via", event->via);
    json_put_int(&o, "published_ns", event->published_ns);
    json_put_int(&o, "received_ms", event->received_ms);
    put_subject(&o, subject);
    json_out_end(&o, '}');
    if (json.full)
        out->full = true;
    else
        add_for_sqs(out, buf_span(&json));
    buf_done(&json);
}

void message_group(const struct event_subject *subject, char out[static MESSAGE_NAME + 1])
{
    bool is_user = subject->kind == SUBJECT_USER;
    struct span id = is_user                          ? subject->user_id
                     : subject->kind == SUBJECT_SCOPE ? SPAN("all")
                                                      : subject->membership.container;
    const char *prefix = is_user ? "" : scope_prefix;
    char digest[SHA256_HEX];

    if (sqs_is_name(id) && strlen(prefix) + id.n <= MESSAGE_NAME) {
        (void)snprintf(out, MESSAGE_NAME + 1, "%s%.*s", prefix, SPAN_ARG(id));
    } else {
        sha256_hex(id, digest);
        (void)snprintf(out, MESSAGE_NAME + 1, "%ssha256:%.*s", prefix, SHA256_HEX, digest);
    }
}

void message_deduplication(const struct event *event, const struct event_subject *subject,
                           char out[static SHA256_HEX + 1])
{
    char group[MESSAGE_NAME + 1];
    struct buf text;

    message_group(subject, group);
    buf_init(&text, MESSAGE_LIMIT);
    buf_printf(&text, "%.*s\n%s\n%c", SPAN_ARG(event->uuid), group,
               has_membership(subject) ? subject->membership.kind : '-');
    sha256_hex(buf_span(&text), out);
    out[SHA256_HEX] = '\0';
    buf_done(&text);
}

/* ---- dead letters ---- */

enum { DEPTH = 32 };
static const char dead_member[] = "dead";

static void put_death(struct json_out *o, const struct message_death *death)
{
    json_out_key(o, dead_member);
    json_out_begin(o, '{');
    json_put_str(o, "code", death->code);
    json_put_str(o, "reason", death->reason);
    json_put_int(o, "at_ms", death->at_ms);
    json_out_end(o, '}');
}

/* All members but an earlier death's. */
static void copy_members(struct json_out *o, struct json_value object)
{
    struct json_iter it = json_iter(object);
    struct json_value value;
    struct arena a = {0};
    struct span key;

    while (json_next_member(&it, &key, &value)) {
        if (span_eq(key, span_of(dead_member)))
            continue;
        json_out_key(o, arena_dup(&a, key));
        json_out_raw(o, value.text);
    }
    arena_done(&a);
}

/* Is it an object whose member names can be written as they stand? */
static bool is_plain_object(struct span body, struct json_value *out)
{
    struct json_iter it;
    struct json_value value;
    struct span key;

    if (json_scan(body, DEPTH, out, NULL) != ERR_NONE || out->kind != JSON_OBJECT)
        return false;
    it = json_iter(*out);
    while (json_next_member(&it, &key, &value))
        if (memchr(key.p, '\\', key.n) != NULL)
            return false;
    return json_member(*out, SPAN("v"), NULL).kind == JSON_NUMBER;
}

void message_add_dead(struct buf *out, struct span body, const struct message_death *death)
{
    struct json_value object;
    struct json_out o;
    struct buf json;

    buf_init(&json, 8 * SQS_BODY_MAX);
    o = json_out(&json);
    json_out_begin(&o, '{');
    if (is_plain_object(body, &object)) {
        copy_members(&o, object);
        put_death(&o, death);
    } else {
        json_put_int(&o, "v", MESSAGE_VERSION);
        put_death(&o, death);
        json_put_str(&o, "body", body);
    }
    json_out_end(&o, '}');
    if (json.full)
        out->full = true;
    else
        add_for_sqs(out, buf_span(&json));
    buf_done(&json);
}

bool message_read_dead(struct arena *a, struct span body, struct message_death *out)
{
    struct json_value root, dead, at;
    struct message_death death;

    if (json_scan(body, DEPTH, &root, NULL) != ERR_NONE || root.kind != JSON_OBJECT)
        return false;
    dead = json_member(root, span_of(dead_member), NULL);
    if (dead.kind != JSON_OBJECT ||
        !json_text(a, json_member(dead, SPAN("code"), NULL), &death.code) ||
        !json_text(a, json_member(dead, SPAN("reason"), NULL), &death.reason))
        return false;
    at = json_member(dead, SPAN("at_ms"), NULL);
    death.at_ms = at.kind == JSON_NUMBER ? strtoll(arena_dup(a, at.text), NULL, 10) : 0;
    death.code = arena_span(a, death.code);
    death.reason = arena_span(a, death.reason);
    *out = death;
    return true;
}

/* ---- reading ---- */

struct reading {
    struct arena *a;
    struct fail *fail;
};

static enum err refuse(const struct reading *r, const char *what)
{
    return fail_set(r->fail, ERR_INPUT, "the message is none of Roster's: %s", what);
}

static struct span text(const struct reading *r, const struct json *part, const char *path)
{
    struct span value = json_str(part, path);

    return value.p == NULL ? SPAN("") : arena_span(r->a, value);
}

static enum err read_membership(const struct reading *r, const struct json *part,
                                struct membership *out)
{
    struct span kind = json_str(part, "kind");

    for (size_t i = 0; i < MEMBERSHIP_KINDS; i++) {
        if (!span_eq(kind, span_of(membership_kinds[i].name)))
            continue;
        out->kind = membership_kinds[i].kind;
        out->container = text(r, part, "container");
        out->name = text(r, part, "name");
        out->is_member = json_bool(part, "is_member", false);
        return ERR_NONE;
    }
    return refuse(r, "subject.membership.kind");
}

static bool read_kind(struct span name, enum subject_kind *out)
{
    for (size_t i = 0; i < SUBJECT_KINDS; i++)
        if (span_eq(name, span_of(subject_kinds[i]))) {
            *out = (enum subject_kind)i;
            return true;
        }
    return false;
}

static enum err read_subject(const struct reading *r, const struct json *part,
                             struct event_subject *out)
{
    struct event_subject s = {.user_id = text(r, part, "user"),
                              .login = text(r, part, "login"),
                              .display_name = text(r, part, "name"),
                              .app_user_name = text(r, part, "app_user_name"),
                              .membership = {.container = SPAN(""), .name = SPAN("")}};
    struct span alarm = json_str(part, "alarm");
    const struct json *membership = json_get(part, "membership");
    bool is_whole = read_kind(json_str(part, "kind"), &s.kind);
    enum err err = ERR_NONE;

    if (!is_whole)
        return refuse(r, "subject.kind");
    s.alarm = alarm.p == NULL ? NULL : arena_dup(r->a, alarm);
    s.has_membership = s.kind == SUBJECT_USER && membership != NULL;
    if (has_membership(&s))
        err = read_membership(r, membership, &s.membership);
    s.membership.published_ns = json_int(part, "published_ns", 0);
    if (err != ERR_NONE)
        return err;
    if (s.kind == SUBJECT_USER && s.user_id.n == 0)
        return refuse(r, "subject.user");
    if ((s.kind == SUBJECT_GROUP || s.kind == SUBJECT_APP) && s.membership.container.n == 0)
        return refuse(r, "subject.membership.container");
    *out = s;
    return ERR_NONE;
}

static enum err read_event(const struct reading *r, const struct json *root, struct event *out)
{
    struct event_subject *subject = arena_new(r->a, 1, sizeof(*subject));
    int64_t version = json_int(root, "v", 0);
    enum err err;

    if (version > MESSAGE_VERSION)
        return fail_set(r->fail, ERR_INPUT,
                        "the message was written by a newer version of Roster (form %lld, this one "
                        "reads up to %d): deploy all functions from one package",
                        (long long)version, (int)MESSAGE_VERSION);
    if (version < 1)
        return refuse(r, "v");
    err = read_subject(r, json_get(root, "subject"), subject);
    if (err != ERR_NONE)
        return err;
    *out = (struct event){.source = text(r, root, "source"),
                          .uuid = text(r, root, "uuid"),
                          .type = text(r, root, "type"),
                          .via = text(r, root, "via"),
                          .published_ns = json_int(root, "published_ns", 0),
                          .received_ms = json_int(root, "received_ms", 0),
                          .skip_detail = SPAN(""),
                          .subjects = subject,
                          .n_subjects = 1};
    return out->source.n == 0 || out->uuid.n == 0 ? refuse(r, "source or uuid") : ERR_NONE;
}

enum err message_read(struct arena *a, struct span body, struct event *out, struct fail *fail)
{
    const struct reading r = {a, fail};
    struct json *root = NULL;
    struct event event;
    enum err err;

    if (body.n > SQS_BODY_MAX || json_parse(body, &root, NULL) != ERR_NONE)
        return refuse(&r, "no JSON");
    err = json_is_object(root) ? read_event(&r, root, &event) : refuse(&r, "no object");
    json_free(root);
    if (err == ERR_NONE)
        *out = event;
    return err;
}
