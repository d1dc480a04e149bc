/* The played Secrets Manager and the parameters of Systems Manager: as much as a program that reads
 * secrets needs. Values are set and rotated by /sandbox/secrets/…
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "crypt/digest.h"
#include "json_service.h"
#include "base/base64.h"
#include "text/uuid.h"

enum { PARAMETERS_MAX = 10, BINARY_LIMIT = 65536 };

/* A secret's two last versions; a parameter keeps all that it ever had. */
struct stored {
    struct stored *next;
    char *name, *arn, *type; /* of a parameter: "SecureString", "String"; NULL = a secret */
    char **values;           /* the oldest first */
    char **ids;              /* of a secret's versions */
    size_t n;
    bool is_binary;
};

struct secrets_side {
    struct json_service manager, parameters;
    struct stored *secrets, *stored_parameters;
};

static struct secrets_side *side_of(const struct json_call *call)
{
    return call->service->owner;
}

/* By name or ARN; a parameter's name begins with '/' or not, as it likes. */
static struct stored *find(struct stored *list, struct span name)
{
    for (; list != NULL; list = list->next) {
        struct span own = span_of(list->name);

        if (span_eq(name, own) || span_eq(name, span_of(list->arn)) ||
            (own.n > 0 && own.p[0] == '/' && span_eq(name, span_n(own.p + 1, own.n - 1))))
            return list;
    }
    return NULL;
}

static void stored_free(struct stored *list)
{
    while (list != NULL) {
        struct stored *s = list;

        list = s->next;
        for (size_t i = 0; i < s->n; i++) {
            free(s->values[i]);
            free(s->ids[i]);
        }
        free(s->values);
        free(s->ids);
        free(s->name);
        free(s->arn);
        free(s->type);
        free(s);
    }
}

static void add_value(struct stored *s, const char *value)
{
    char id[UUID_TEXT + 1];

    uuid_random(id);
    s->values = mem_grow(s->values, s->n + 1, sizeof(*s->values));
    s->ids = mem_grow(s->ids, s->n + 1, sizeof(*s->ids));
    s->values[s->n] = mem_dup_str(value);
    s->ids[s->n++] = mem_dup_str(id);
}

/* ---- Secrets Manager ---- */

static void answer_secret(struct json_call *call, const struct stored *s, size_t i,
                          const char *stage)
{
    json_t *out = json_pack("{s:s, s:s, s:s, s:[s], s:f}", "ARN", s->arn, "Name", s->name,
                            "VersionId", s->ids[i], "VersionStages", stage, "CreatedDate",
                            (double)clock_wall_ms() / MS_PER_S);
    struct buf bytes;

    if (s->is_binary) {
        buf_init(&bytes, 2 * BINARY_LIMIT);
        base64_add(&bytes, span_of(s->values[i]));
        json_object_set_new(out, "SecretBinary", json_string(bytes.p));
        buf_done(&bytes);
    } else {
        json_object_set_new(out, "SecretString", json_string(s->values[i]));
    }
    json_call_ok(call, out);
}

static void get_secret_value(struct json_call *call)
{
    const char *id = json_call_text(call, "SecretId"),
               *stage = json_call_text(call, "VersionStage");
    struct stored *s = id == NULL ? NULL : find(side_of(call)->secrets, span_of(id));
    size_t back;

    if (stage == NULL)
        stage = "AWSCURRENT";
    back = strcmp(stage, "AWSCURRENT") == 0 ? 1 : strcmp(stage, "AWSPREVIOUS") == 0 ? 2 : 0;
    if (id == NULL)
        json_call_fail(call, "InvalidParameterException", "You must provide a SecretId.");
    else if (s == NULL)
        json_call_fail(call, "ResourceNotFoundException",
                       "Secrets Manager can't find the specified secret.");
    else if (back == 0 || back > s->n)
        json_call_fail(call, "ResourceNotFoundException",
                       "Secrets Manager can't find the specified secret value for staging label: "
                       "%s",
                       stage);
    else
        answer_secret(call, s, s->n - back, stage);
}

/* ---- Systems Manager ---- */

static json_t *show_parameter(const struct stored *s, size_t version, bool is_decrypted)
{
    bool is_secret = strcmp(s->type, "SecureString") == 0;

    return json_pack("{s:s, s:s, s:s, s:I, s:s, s:s}", "Name", s->name, "Type", s->type, "Value",
                     is_secret && !is_decrypted ? "AQICAHh…" : s->values[version - 1], "Version",
                     (json_int_t)version, "ARN", s->arn, "DataType", "text");
}

/* The name, or NAME:VERSION. 0: there is no such version. */
static struct stored *find_version(struct secrets_side *side, const char *name, size_t *version)
{
    struct stored *s = find(side->stored_parameters, span_of(name));
    const char *colon = strrchr(name, ':');

    *version = s == NULL ? 0 : s->n;
    if (s != NULL || colon == NULL)
        return s;
    s = find(side->stored_parameters, span_n(name, (size_t)(colon - name)));
    *version = (size_t)strtoul(colon + 1, NULL, 10);
    if (s != NULL && *version > s->n)
        *version = 0;
    return s;
}

static void get_parameter(struct json_call *call)
{
    const char *name = json_call_text(call, "Name");
    bool is_decrypted = json_is_true(json_object_get(call->input, "WithDecryption"));
    size_t version = 0;
    struct stored *s = name == NULL ? NULL : find_version(side_of(call), name, &version);

    if (s == NULL)
        json_call_fail(call, "ParameterNotFound", "%s", "");
    else if (version == 0)
        json_call_fail(call, "ParameterVersionNotFound",
                       "Systems Manager could not find version of %s.", s->name);
    else
        json_call_ok(call,
                     json_pack("{s:o}", "Parameter", show_parameter(s, version, is_decrypted)));
}

static void get_parameters(struct json_call *call)
{
    const json_t *names = json_object_get(call->input, "Names");
    bool is_decrypted = json_is_true(json_object_get(call->input, "WithDecryption"));
    json_t *good = json_array(), *bad = json_array(), *name;
    size_t i;

    json_array_foreach(names, i, name)
    {
        size_t version = 0;
        struct stored *s = json_is_string(name)
                               ? find_version(side_of(call), json_string_value(name), &version)
                               : NULL;

        if (version == 0)
            json_array_append(bad, name);
        else
            json_array_append_new(good, show_parameter(s, version, is_decrypted));
    }
    if (i == 0 || i > PARAMETERS_MAX)
        json_call_fail(call, "ValidationException", "Member must have length between 1 and 10");
    else
        json_call_ok(call, json_pack("{s:O, s:O}", "Parameters", good, "InvalidParameters", bad));
    json_decref(good);
    json_decref(bad);
}

static const struct json_operation manager_operations[] = {{"GetSecretValue", get_secret_value},
                                                           {NULL, NULL}};
static const struct json_operation parameter_operations[] = {
    {"GetParameter", get_parameter}, {"GetParameters", get_parameters}, {NULL, NULL}};

/* ---- the side ---- */

struct secrets_side *secrets_side_new(struct sandbox *sandbox)
{
    struct secrets_side *side = mem_new(1, sizeof *side);

    side->manager = (struct json_service){.sandbox = sandbox,
                                          .signing = "secretsmanager",
                                          .target = "secretsmanager.",
                                          .type = "application/x-amz-json-1.1",
                                          .prefix = "",
                                          .operations = manager_operations,
                                          .owner = side};
    side->parameters = (struct json_service){.sandbox = sandbox,
                                             .signing = "ssm",
                                             .target = "AmazonSSM.",
                                             .type = "application/x-amz-json-1.1",
                                             .prefix = "",
                                             .operations = parameter_operations,
                                             .owner = side};
    json_service_init(&side->manager);
    json_service_init(&side->parameters);
    return side;
}

void secrets_side_free(struct secrets_side *side)
{
    if (side == NULL)
        return;
    json_service_done(&side->manager);
    json_service_done(&side->parameters);
    stored_free(side->secrets);
    stored_free(side->stored_parameters);
    free(side);
}

bool secrets_side_request(struct secrets_side *side, struct http_exchange *x)
{
    struct json_service *service = json_service_owns(&side->manager, x)      ? &side->manager
                                   : json_service_owns(&side->parameters, x) ? &side->parameters
                                                                             : NULL;

    if (service != NULL)
        json_service_request(service, x);
    return service != NULL;
}

/* The service adds a hyphen and six characters of its own to a secret's name. */
static char *arn_of(const struct secrets_side *side, const char *name, bool is_parameter)
{
    const struct sandbox *sandbox = side->manager.sandbox;
    const char *region = sandbox_aws_region(sandbox), *account = sandbox_aws_account(sandbox);
    char digest[SHA256_HEX];

    if (is_parameter)
        return mem_printf("arn:aws:ssm:%s:%s:parameter%s%s", region, account,
                          name[0] == '/' ? "" : "/", name);
    sha256_hex(span_of(name), digest);
    return mem_printf("arn:aws:secretsmanager:%s:%s:secret:%s-%.6s", region, account, name, digest);
}

static enum err put(struct secrets_side *side, const json_t *from, bool is_parameter,
                    struct fail *fail)
{
    static const char *const names[] = {"name", "value", "type", "binary", NULL};
    struct stored **list = is_parameter ? &side->stored_parameters : &side->secrets;
    const char *name = json_string_value(json_object_get(from, "name"));
    const char *value = json_string_value(json_object_get(from, "value"));
    const char *type = json_string_value(json_object_get(from, "type"));
    struct stored *s;

    if (sandbox_only(from, names, fail) != ERR_NONE)
        return ERR_INPUT;
    if (name == NULL || value == NULL)
        return fail_set(fail, ERR_INPUT, "name and value are needed");
    s = find(*list, span_of(name));
    if (s == NULL) {
        s = mem_new(1, sizeof *s);
        *s = (struct stored){
            .next = *list, .name = mem_dup_str(name), .arn = arn_of(side, name, is_parameter)};
        *list = s;
    }
    free(s->type);
    s->type = is_parameter ? mem_dup_str(type == NULL ? "SecureString" : type) : NULL;
    s->is_binary = json_is_true(json_object_get(from, "binary"));
    add_value(s, value);
    return ERR_NONE;
}

static json_t *show(const struct stored *list)
{
    json_t *all = json_array();

    for (; list != NULL; list = list->next)
        json_array_append_new(all, json_pack("{s:s, s:s, s:I}", "name", list->name, "arn",
                                             list->arn, "versions", (json_int_t)list->n));
    return all;
}

enum err secrets_side_seed(struct secrets_side *side, const json_t *seed, struct fail *fail)
{
    static const char *const names[] = {"secrets", "parameters", NULL};
    enum err err = seed == NULL ? ERR_NONE : sandbox_only(seed, names, fail);

    for (size_t k = 0; k < 2 && err == ERR_NONE; k++) {
        json_t *item;
        size_t i;

        json_array_foreach(json_object_get(seed, names[k]), i, item)
        {
            if (err == ERR_NONE)
                err = put(side, item, k == 1, fail);
        }
    }
    return err;
}

bool secrets_side_control(struct secrets_side *side, struct http_exchange *x, const char *path,
                          const json_t *body)
{
    bool is_get = span_eq(http_method(x), SPAN("GET"));
    struct fail fail = {0};

    if (strcmp(path, "secrets") == 0 && is_get)
        sandbox_reply_json(x, 200,
                           json_pack("{s:o, s:o}", "secrets", show(side->secrets), "parameters",
                                     show(side->stored_parameters)),
                           NULL);
    else if (strcmp(path, "secrets/secret") == 0 && !is_get)
        json_service_reply_done(x, put(side, body, false, &fail), &fail);
    else if (strcmp(path, "secrets/parameter") == 0 && !is_get)
        json_service_reply_done(x, put(side, body, true, &fail), &fail);
    else if (span_starts(span_of(path), SPAN("secrets/")))
        return json_service_control(&side->manager, x, path + strlen("secrets/"), body);
    else if (span_starts(span_of(path), SPAN("parameters/")))
        return json_service_control(&side->parameters, x, path + strlen("parameters/"), body);
    else
        return false;
    return true;
}
