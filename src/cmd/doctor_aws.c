/* AWS and the instance: credentials, instance, clock, names and quotas. */
#include <inttypes.h>
#include <string.h>

#include "cmd/doctor.h"
#include "cmd/policy.h"
#include "engine/instance_names.h"
#include "text/json.h"
#include "text/time.h"
#include "text/url.h"

enum { PATH_LIMIT = 1024, DURATION_LIMIT = 64, NEARLY_FULL = 95, TRIES = 4, AGAIN_MS = 500 };

/* Users of an instance:
 * https://docs.aws.amazon.com/connect/latest/adminguide/amazon-connect-service-limits.html
 */
#define QUOTA_USERS "L-9A46857E"
#define QUOTA_TARGET "ServiceQuotasV20190624.GetServiceQuota"

/* ---- one request ---- */

struct asking {
    struct doctor *d;
    enum err err;
    struct fail fail;
    struct span body; /* in the arena */
};

static void asked(void *arg, const struct aws_answer *answer)
{
    struct asking *a = arg;

    a->err = answer->err;
    if (answer->err != ERR_NONE)
        a->fail = *answer->fail;
    else
        a->body = arena_span(&a->d->o.arena, answer->body);
    loop_stop(a->d->line.around.loop);
}

static void waited(void *arg)
{
    loop_stop(arg);
}

/* Again after a while when it was throttled. */
static void ask(struct asking *a, const struct aws_ask *what)
{
    struct loop *loop = a->d->line.around.loop;
    struct loop_timer *timer = loop_timer_new(loop, waited, loop);

    a->err = ERR_BUSY;
    for (int i = 0; i < TRIES && a->err == ERR_BUSY; i++) {
        if (i > 0) {
            loop_timer_set(timer, AGAIN_MS << i);
            loop_run(loop);
        }
        (void)aws_ask(a->d->line.around.aws, what, asked, a); /* it is waited for */
        loop_run(loop);
    }
    loop_timer_free(timer);
}

/* ---- instance and credentials ---- */

static void take_instance(struct doctor *d, struct span body)
{
    struct json *json = NULL;
    struct span status, identity;

    if (json_parse(body, &json, NULL) != ERR_NONE) {
        doctor_tell(d, DOCTOR_WRONG, "instance",
                    "DescribeInstance: the answer cannot be read; look at AWS_ENDPOINT_URL");
        return;
    }
    status = json_str(json, "Instance.InstanceStatus");
    identity = json_str(json, "Instance.IdentityManagementType");
    d->instance_arn = arena_span(&d->o.arena, json_str(json, "Instance.Arn"));
    if (status.n > 0 && !span_eq(status, SPAN("ACTIVE")))
        doctor_tell(d, DOCTOR_WRONG, "instance", "its status is %.*s: look in the AWS console",
                    SPAN_ARG(status));
    else
        doctor_tell(d, DOCTOR_GOOD, "instance", "'%.*s', identity management %.*s",
                    SPAN_ARG(json_str(json, "Instance.InstanceAlias")), SPAN_ARG(identity));
    (void)rules_identity_parse(identity, &d->o.settings->rules.identity);
    json_free(json);
}

/* Were the credentials accepted, whatever else is wrong? */
static bool are_accepted(const struct fail *fail)
{
    return fail->status != 0 &&
           (fail->err != ERR_DENIED || strcmp(fail->code, "AccessDeniedException") == 0 ||
            strcmp(fail->code, "AccessDenied") == 0);
}

static void tell_failed_instance(struct doctor *d, const struct fail *fail)
{
    if (fail->err == ERR_NOT_FOUND)
        doctor_tell(d, DOCTOR_WRONG, "instance",
                    "there is none '%.*s' in %s and this account: [Connect] INSTANCE_ID, REGION",
                    SPAN_ARG(d->o.settings->instance_id), aws_region(d->line.around.aws));
    else if (fail->err == ERR_DENIED)
        doctor_tell(d, DOCTOR_WRONG, "permission",
                    "connect:DescribeInstance is denied; put what 'roster policy' prints in place");
    else
        doctor_tell(d, fail->err == ERR_BUSY ? DOCTOR_NOTE : DOCTOR_WRONG, "instance", "%s",
                    fail->text);
}

/* The first question tells nearly all. False: there is no sense in asking anything else. */
static bool look_at_instance(struct doctor *d)
{
    struct asking a = {.d = d};
    struct buf path;

    buf_init(&path, PATH_LIMIT);
    buf_add_str(&path, "/instance/");
    url_add_encoded(&path, d->o.settings->instance_id);
    ask(&a, &(struct aws_ask){
                .service = "connect", .method = "GET", .path = buf_span(&path), .is_read = true});
    buf_done(&path);
    if (a.err != ERR_NONE && !are_accepted(&a.fail)) {
        doctor_tell(d, DOCTOR_WRONG,
                    a.fail.status == 0 && a.err != ERR_DENIED ? "AWS" : "credentials", "%s",
                    a.fail.text);
        return false;
    }
    doctor_tell(d, DOCTOR_GOOD, "credentials", "from %s, accepted by %s",
                aws_credentials_origin(d->line.around.aws),
                aws_endpoint(d->line.around.aws, "connect"));
    if (a.err == ERR_NONE)
        take_instance(d, a.body);
    else
        tell_failed_instance(d, &a.fail);
    return a.err != ERR_NOT_FOUND;
}

static void look_at_clock(struct doctor *d)
{
    int64_t ahead_ms = aws_clock_ahead_ms(d->line.around.aws);
    struct buf text;

    if (ahead_ms == 0) {
        doctor_tell(d, DOCTOR_GOOD, "clock", "as AWS's, to a few minutes");
        return;
    }
    buf_init(&text, DURATION_LIMIT);
    time_add_duration(&text, ahead_ms < 0 ? -ahead_ms : ahead_ms);
    doctor_tell(d, DOCTOR_WRONG, "clock",
                "this machine's is %s %s AWS's; Roster corrects its signatures, but set the clock "
                "(timedatectl set-ntp true)",
                text.p, ahead_ms < 0 ? "ahead of" : "behind");
    buf_done(&text);
}

/* ---- names ---- */

struct naming {
    struct doctor *d;
    size_t n;
};

static void tell_name(void *arg, const char *code, const char *text)
{
    struct naming *naming = arg;

    (void)code;
    naming->n++;
    doctor_tell(naming->d, DOCTOR_WRONG, "names", "%s", text);
}

static void look_at_names(struct doctor *d)
{
    struct naming naming = {d, 0};
    const struct names *names;
    struct fail fail;

    if (connect_line_names(&d->line, &d->o.pinned, &names, &fail) != ERR_NONE) {
        doctor_tell(d, fail.err == ERR_DENIED || fail.err == ERR_BUSY ? DOCTOR_NOTE : DOCTOR_WRONG,
                    "names", "they cannot be read: %s", fail.text);
        return;
    }
    instance_names_report(&d->o.settings->rules, names, tell_name, &naming);
    if (naming.n == 0)
        doctor_tell(d, DOCTOR_GOOD, "names",
                    "all profiles and hierarchy groups that the rules name are there");
}

/* ---- quotas ---- */

static void judge_quota(struct doctor *d, double users)
{
    const struct settings *s = d->o.settings;

    if (d->managed >= 0 && (double)d->managed * 100 >= users * NEARLY_FULL)
        doctor_tell(d, DOCTOR_WRONG, "quota",
                    "%" PRId64 " agents of the %.0f that the instance may have: ask for more in "
                    "AWS Service Quotas (Users per instance)",
                    d->managed, users);
    else if (s->max_agents > 0 && (double)s->max_agents != users)
        doctor_tell(d, DOCTOR_WRONG, "quota",
                    "the instance may have %.0f users, and [Connect] MAX_AGENTS says %" PRId64
                    ": correct it",
                    users, s->max_agents);
    else
        doctor_tell(d, DOCTOR_GOOD, "quota", "the instance may have %.0f users", users);
}

/* Without the right to ask for the quota, MAX_AGENTS has to do. */
static void judge_setting(struct doctor *d, const struct fail *fail)
{
    const struct settings *s = d->o.settings;

    if (s->max_agents > 0)
        judge_quota(d, (double)s->max_agents);
    else
        doctor_tell(d, DOCTOR_NOTE, "quota",
                    "the number of users that the instance may have cannot be read (%s); set "
                    "[Connect] MAX_AGENTS to it",
                    fail->code[0] != '\0' ? fail->code : fail->text);
}

static void look_at_quotas(struct doctor *d)
{
    struct asking a = {.d = d};
    struct json *json = NULL;
    struct json_out out;
    struct buf body;
    double users = -1;

    buf_init(&body, PATH_LIMIT);
    out = json_out(&body);
    json_out_begin(&out, '{');
    json_put_str(&out, "ServiceCode", SPAN("connect"));
    json_put_str(&out, "QuotaCode", SPAN(QUOTA_USERS));
    if (d->instance_arn.n > 0)
        json_put_str(&out, "ContextId", d->instance_arn);
    json_out_end(&out, '}');
    ask(&a, &(struct aws_ask){.service = "servicequotas",
                              .method = "POST",
                              .path = SPAN("/"),
                              .body = buf_span(&body),
                              .content_type = "application/x-amz-json-1.1",
                              .target = QUOTA_TARGET,
                              .is_read = true});
    buf_done(&body);
    if (a.err == ERR_NONE && json_parse(a.body, &json, &a.fail) == ERR_NONE)
        users = json_double(json, "Quota.Value", -1);
    json_free(json);
    if (users > 0)
        judge_quota(d, users);
    else
        judge_setting(d, &a.fail);
}

void doctor_look_at_aws(struct doctor *d)
{
    struct fail fail;
    enum err err = connect_line_open(d->o.settings, d->i->environment, &d->line, &fail);

    if (err != ERR_NONE) {
        doctor_tell(d, DOCTOR_WRONG, "AWS", "%s", fail.text);
        return;
    }
    if (!look_at_instance(d))
        return;
    look_at_clock(d);
    doctor_try_permissions(d);
    look_at_names(d);
    look_at_quotas(d);
}
