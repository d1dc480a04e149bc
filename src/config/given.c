#include "config/given.h"

#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "config/secret_file.h"
#include "text/ini.h"

static const char *const usual_files[] = {"config.ini", "/etc/roster/config.ini", NULL};
static const char prefix[] = "ROSTER_";
enum { VARIABLE_SIZE = 96 };

void givens_take(struct givens *g, struct key_use use, struct given given)
{
    struct given *slot = givens_of(g, use.key);
    const char *name = use.key->name;
    char before[48] = "";

    given.is_file = use.is_file;
    if (slot->from != given.from) {
        *slot = given;
        return;
    }
    if (slot->line != LINE_BEFORE)
        (void)snprintf(before, sizeof(before), " in line %u", slot->line);
    if (slot->is_file == given.is_file)
        mistakes_add(g->mistakes, given.line, "%s: it is set already%s; keep one of them",
                     given.place, before);
    else
        mistakes_add(g->mistakes, given.line, "%s: %s%s is set%s, too; keep one, best %s_FILE",
                     given.place, name, slot->is_file ? "_FILE" : "", before, name);
}

void givens_lose(struct givens *g, struct span name)
{
    for (size_t i = 0; i < n_keys; i++)
        if (key_is_named(&keys[i], name))
            g->of[i].is_lost = true;
}

bool givens_has(const struct givens *g, const char *section, const char *name)
{
    const struct given *given = givens_of(g, key_find(span_of(section), span_of(name)).key);

    return given->from != GIVEN_NOT || given->is_lost || g->is_text_lost;
}

/* The value behind "NAME=", or NULL. */
static const char *value_behind(const char *variable, struct span name)
{
    if (strncmp(variable, name.p, name.n) != 0 || variable[name.n] != '=')
        return NULL;
    return variable + name.n + 1;
}

const char *given_variable(const char *const *environment, const char *name)
{
    const char *value;

    for (; environment != NULL && *environment != NULL; environment++) {
        value = value_behind(*environment, span_of(name));
        if (value != NULL)
            return value[0] == '\0' ? NULL : value;
    }
    return NULL;
}

/* The AWS sample's own variables. */
static void take_sample_variables(struct givens *g, const char *const *environment)
{
    for (size_t i = 0; i < n_keys; i++) {
        const char *name = keys[i].sample_variable;
        const char *value = name == NULL ? NULL : given_variable(environment, name);

        if (value != NULL)
            givens_take(g, (struct key_use){.key = &keys[i]},
                        (struct given){.from = GIVEN_SAMPLE,
                                       .value = span_of(value),
                                       .place = arena_printf(&g->arena, "environment: %s", name)});
    }
}

/* Kubernetes and Docker set such variables in containers when a service is named "roster":
 * ROSTER_SERVICE_HOST, ROSTER_SERVICE_PORT[_…], ROSTER_PORT, ROSTER_PORT_8080_TCP[_…].
 * https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables */
static bool is_service_link(struct span name)
{
    struct span rest = span_n(name.p + sizeof(prefix) - 1, name.n - (sizeof(prefix) - 1));

    return span_eq(rest, SPAN("SERVICE_HOST")) || span_eq(rest, SPAN("SERVICE_PORT")) ||
           span_starts(rest, SPAN("SERVICE_PORT_")) || span_eq(rest, SPAN("PORT")) ||
           (rest.n > 5 && span_starts(rest, SPAN("PORT_")) && rest.p[5] >= '0' && rest.p[5] <= '9');
}

static void refuse_variable(struct givens *g, struct span name)
{
    char closest[VARIABLE_SIZE], buffer[SHOWN_SIZE];

    if (span_starts(name, SPAN("ROSTER_MAPPING_")))
        mistakes_add(
            g->mistakes, LINE_BEFORE,
            "environment: %s: rules are set only by the [Mapping …] sections of a config.ini",
            shown(name, buffer));
    else if (key_closest_variable(name, closest, sizeof(closest)))
        mistakes_add(g->mistakes, LINE_BEFORE,
                     "environment: %s: there is no such setting; did you mean %s?",
                     shown(name, buffer), closest);
    else
        mistakes_add(g->mistakes, LINE_BEFORE,
                     "environment: %s: there is no such setting; a variable is "
                     "ROSTER_<SECTION>_<KEY>, as in ROSTER_CONNECT_RATE",
                     shown(name, buffer));
}

static void take_environment(struct givens *g, const char *const *environment)
{
    for (; environment != NULL && *environment != NULL; environment++) {
        struct span rest = span_of(*environment), name;
        struct key_use use;

        if (!span_starts(rest, span_of(prefix)) || !span_split(&rest, '=', &name) ||
            rest.p == NULL || span_eq(name, SPAN("ROSTER_CONFIG")))
            continue;
        use = key_find_variable(name);
        if (use.key == NULL) {
            if (!is_service_link(name))
                refuse_variable(g, name);
        } else if (rest.n > 0) {
            givens_take(g, use,
                        (struct given){
                            .from = GIVEN_ENVIRONMENT,
                            .value = rest,
                            .place = arena_printf(&g->arena, "environment: %.*s", SPAN_ARG(name))});
        }
    }
}

static void refuse_option(struct givens *g, struct span section, struct span key)
{
    const char *closest;
    char a[SHOWN_SIZE], b[SHOWN_SIZE];
    struct span name;

    if (rule_section(section, &name)) {
        mistakes_add(g->mistakes, LINE_BEFORE,
                     "--set %s.%s: rules are set only by the [Mapping …] sections of a config.ini",
                     shown(section, a), shown(key, b));
        return;
    }
    if (key_section(section) == NULL) {
        closest = key_closest_section(section);
        mistakes_add(g->mistakes, LINE_BEFORE, "--set %s.%s: there is no section [%s]%s%s%s",
                     shown(section, a), shown(key, b), a, closest == NULL ? "" : "; did you mean [",
                     closest == NULL ? "" : closest, closest == NULL ? "" : "]?");
        return;
    }
    closest = key_closest(section, key);
    mistakes_add(
        g->mistakes, LINE_BEFORE, "--set %s.%s: there is no such key; %s%s%s", shown(section, a),
        shown(key, b), closest != NULL ? "did you mean " : "use one of ",
        closest != NULL ? closest : key_names(section, &g->arena), closest != NULL ? "?" : "");
}

static void take_option(struct givens *g, const char *option)
{
    struct span value = span_of(option), name, section;
    struct key_use use;
    char buffer[SHOWN_SIZE];
    const char *place;

    (void)span_split(&value, '=', &name);
    place = shown(name, buffer);
    (void)span_split(&name, '.', &section);
    if (value.p == NULL || name.p == NULL) {
        mistakes_add(g->mistakes, LINE_BEFORE,
                     "--set %s: use Section.KEY=value, as in --set Connect.RATE=2", place);
        return;
    }
    use = key_find(section, name);
    if (use.key == NULL)
        refuse_option(g, section, name);
    else if (key_is_secret(use.key) && !use.is_file)
        mistakes_add(g->mistakes, LINE_BEFORE,
                     "--set %s: a secret does not belong on a command line, where all users of the "
                     "machine can see it; set %s_FILE",
                     place, use.key->name);
    else
        givens_take(g, use,
                    (struct given){.from = GIVEN_OPTION,
                                   .value = value,
                                   .place = arena_printf(&g->arena, "--set %s", place)});
}

/* Who can read and change the file that the text came from. */
static void check_file(struct givens *g, const char *path)
{
    struct fail fail = {0};

    if (secret_file_check_text(path, &fail) == ERR_INPUT)
        mistakes_add(g->mistakes, LINE_BEFORE, "%s", fail.text);
    else if (g->secret_place != NULL && secret_file_check(path, &fail) == ERR_INPUT)
        mistakes_add(
            g->mistakes, g->secret_line,
            "%s: it is a secret, and %s, or put the secret into a file of its own (…_FILE)",
            g->secret_place, fail.text);
}

/* False when there is no such file and that may be. */
static bool take_file(struct givens *g, const char *path, bool may_be_missing)
{
    struct fail fail = {0};
    enum err err = fs_read(path, &g->text, &fail);

    if (err == ERR_NOT_FOUND && may_be_missing)
        return false;
    g->origin = path;
    if (err == ERR_NONE) {
        givens_take_text(g, buf_span(&g->text));
        check_file(g, path);
    } else {
        g->is_text_lost = true;
        mistakes_add(g->mistakes, LINE_BEFORE,
                     "%s; use the path of a config.ini of at most %d bytes", fail.text,
                     INI_SIZE_LIMIT);
    }
    return true;
}

/* A path has neither lines nor brackets at its start. */
static bool is_whole_text(struct span config)
{
    return span_find(config, '\n') < config.n || span_starts(span_trim(config), SPAN("["));
}

static void take_text(struct givens *g, const struct settings_sources *sources)
{
    const char *config = given_variable(sources->environment, "ROSTER_CONFIG");

    if (sources->path != NULL) {
        (void)take_file(g, sources->path, false);
    } else if (config == NULL) {
        for (size_t i = 0; usual_files[i] != NULL && !take_file(g, usual_files[i], true); i++)
            ;
    } else if (is_whole_text(span_of(config))) {
        g->origin = "ROSTER_CONFIG";
        givens_take_text(g, span_of(config));
    } else if (span_starts(span_of(config), SPAN("arn:"))) {
        g->is_text_lost = true;
        mistakes_add(g->mistakes, LINE_BEFORE,
                     "environment: ROSTER_CONFIG: an ARN counts on AWS Lambda only; use the path "
                     "of a config.ini, or its whole text");
    } else {
        (void)take_file(g, config, false);
    }
}

void givens_gather(const struct settings_sources *sources, struct mistakes *mistakes,
                   struct givens *out)
{
    *out = (struct givens){.mistakes = mistakes};
    arena_init(&out->arena);
    buf_init(&out->text, INI_SIZE_LIMIT);
    out->of = arena_new(&out->arena, n_keys, sizeof(*out->of));
    out->rules_end = &out->rules;
    /* Upwards, so that what is given twice in one place is seen even when it is overridden. */
    take_sample_variables(out, sources->environment);
    take_text(out, sources);
    take_environment(out, sources->environment);
    for (const char *const *o = sources->overrides; o != NULL && *o != NULL; o++)
        take_option(out, *o);
}

void givens_done(struct givens *g)
{
    /* Secrets may stand in the text. */
    explicit_bzero(g->text.p, g->text.n);
    buf_done(&g->text);
    arena_done(&g->arena);
}
