#include "cmd/inspect.h"

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"

enum { PATH_MAX_BYTES = 4096 };

/* ---- a store that is not there yet ---- */

static char *make_folder(struct fail *fail)
{
    const char *folder = getenv("TMPDIR");
    char *path =
        mem_printf("%s/roster-XXXXXX", folder == NULL || folder[0] == '\0' ? "/tmp" : folder);

    if (mkdtemp(path) != NULL)
        return path;
    (void)fail_set(fail, ERR_IO, "no folder can be made in TMPDIR or /tmp");
    free(path);
    return NULL;
}

static void remove_folder(char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;

    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        char *file = mem_printf("%s/%s", path, entry->d_name);

        (void)unlink(file); /* "." and ".." stay */
        free(file);
    }
    if (folder != NULL)
        (void)closedir(folder);
    (void)rmdir(path);
    free(path);
}

static enum exit_code open_stand_in(struct inspect *r, struct settings *settings)
{
    struct fail fail;
    enum exit_code code;
    char *file;

    r->stand_in = make_folder(&fail);
    if (r->stand_in == NULL) {
        settings_free(settings);
        command_complain(r->invocation, "%s", fail.text);
        return EXIT_FAILED;
    }
    file = mem_printf("%s/roster.db", r->stand_in);
    code = open_store_file(r->invocation, settings, file, STORE_CREATE, &r->opened);
    free(file);
    return code;
}

static enum exit_code open_it(struct inspect *r)
{
    struct settings *settings;
    enum exit_code code = open_settings(r->invocation, &settings);
    char *file;

    if (code != EXIT_DONE)
        return code;
    file = mem_dup(settings->store_file);
    if (r->options.mode == STORE_READ && !fs_exists(file))
        code = open_stand_in(r, settings);
    else
        code = open_store_file(r->invocation, settings, file, r->options.mode, &r->opened);
    free(file);
    return code;
}

/* ---- what is needed ---- */

static void ceiling(void *arg, const char *operation, double *out_rate, double *out_burst)
{
    const struct settings *s = ((const struct inspect *)arg)->opened.settings;

    *out_rate = rate_limits_for(&s->rate, span_of(operation));
    *out_burst = rate_limits_for(&s->burst, span_of(operation));
}

static double rate(void *arg, const char *operation)
{
    double of, burst;

    ceiling(arg, operation, &of, &burst);
    return of;
}

static enum err open_okta(struct inspect *r, struct fail *fail)
{
    const struct settings *s = r->opened.settings;

    if (s->org_url.n == 0)
        return ERR_NONE;
    return surroundings_okta(&r->around, s, false, r->invocation->err, &r->okta, fail);
}

static void inspected(void *arg, const struct fail *fail);
static void named(void *arg, const struct fail *fail);

static void name_found(void *arg, enum name_kind kind, struct span name, struct span id)
{
    naming_learn(((struct inspect *)arg)->naming, kind, name, id);
}

static void moved(void *arg)
{
    struct inspect *r = arg;
    const struct survey_result *s = inspection_survey(r->inspection);

    if (r->shows_progress)
        (void)fprintf(r->invocation->err, "\rreading: Okta %lld pages, Amazon Connect %lld agents ",
                      (long long)s->okta_pages, (long long)s->agents);
}

static enum err make_naming(struct inspect *r, struct fail *fail)
{
    struct naming_options naming = {.loop = r->around.loop,
                                    .connect = r->connect,
                                    .pace = r->pace,
                                    .rules = &r->opened.settings->rules,
                                    .reads_identity = !r->opened.has_identity,
                                    .names = &r->names,
                                    .done = named,
                                    .arg = r};
    struct directory_pin *pins;
    struct arena a = {0};
    struct pin *stored;
    enum err err = store_pins(r->opened.store, &a, &stored, &naming.n_pins, fail);

    if (err == ERR_NONE) {
        naming.pins = pins = arena_new(&a, naming.n_pins, sizeof(*pins));
        for (size_t i = 0; i < naming.n_pins; i++)
            pins[i] = (struct directory_pin){(enum name_kind)stored[i].kind, stored[i].name,
                                             stored[i].id};
        r->naming = naming_new(&naming);
    }
    arena_done(&a);
    return err;
}

static enum err make_parts(struct inspect *r, struct fail *fail)
{
    char *file = mem_dup(r->opened.settings->store_file);
    enum err err = make_naming(r, fail);

    if (err == ERR_NONE)
        err = scan_open(file, &r->scan, fail);
    if (err == ERR_NONE)
        err = scan_sort_late(r->scan, fail); /* nobody waits for this thread */
    free(file);
    return err;
}

static void make_inspection(struct inspect *r)
{
    struct inspection_options options = {.survey = {.loop = r->around.loop,
                                                    .okta = r->okta,
                                                    .connect = r->connect,
                                                    .pace = r->pace,
                                                    .judge = &r->judge,
                                                    .store = r->opened.store,
                                                    .scan = r->scan,
                                                    .trusts_listings = r->options.trusts_listings,
                                                    .is_deep = r->options.is_deep},
                                         .settings = r->opened.settings,
                                         .user = span_of(r->options.user),
                                         .cause = span_of(r->options.cause),
                                         .rate = rate,
                                         .rate_arg = r,
                                         .found = name_found,
                                         .moved = moved,
                                         .done = inspected,
                                         .arg = r};

    r->inspection = inspection_new(&options);
}

enum exit_code inspect_open(const struct invocation *i, const struct inspect_options *options,
                            struct inspect *out)
{
    struct inspect *r = out;
    struct fail fail;
    enum exit_code code;
    enum err err;

    *r = (struct inspect){.invocation = i, .options = *options};
    r->began_cpu_us = clock_cpu_us();
    r->shows_progress = isatty(fileno(i->err)) == 1;
    code = open_it(r);
    if (code != EXIT_DONE) {
        inspect_done(r);
        return code;
    }
    err = surroundings_open(r->opened.settings, i->environment, true, &r->around, &fail);
    if (err == ERR_NONE)
        err = open_okta(r, &fail);
    if (err == ERR_NONE) {
        r->connect = connect_new(r->around.aws, r->opened.settings->instance_id);
        r->pace = pace_new(r->around.loop, ceiling, r);
        r->judge = (struct judge){r->opened.rules, &r->names};
        err = make_parts(r, &fail);
    }
    if (err == ERR_NONE) {
        make_inspection(r);
        return EXIT_DONE;
    }
    command_complain(i, "%s", fail.text);
    inspect_done(r);
    return EXIT_FAILED;
}

void inspect_done(struct inspect *r)
{
    inspection_free(r->inspection);
    naming_free(r->naming);
    scan_close(r->scan);
    pace_free(r->pace);
    connect_free(r->connect);
    okta_api_free(r->okta);
    surroundings_done(&r->around);
    open_done(&r->opened);
    if (r->stand_in != NULL)
        remove_folder(r->stand_in);
    *r = (struct inspect){.invocation = r->invocation};
}

/* ---- the run ---- */

static void end(struct inspect *r, const struct fail *fail)
{
    if (fail != NULL) {
        r->err = fail->err;
        r->fail = *fail;
    }
    r->is_over = true;
    loop_stop(r->around.loop);
}

static void inspected(void *arg, const struct fail *fail)
{
    end(arg, fail);
}

static void named(void *arg, const struct fail *fail)
{
    struct inspect *r = arg;

    if (fail != NULL)
        end(r, fail);
    else
        inspection_begin(r->inspection);
}

static void on_signal(void *arg, int number)
{
    struct inspect *r = arg;

    (void)number;
    r->is_interrupted = true;
    loop_stop(r->around.loop);
}

enum exit_code inspect_run(struct inspect *r)
{
    struct fail fail;

    /* A store that is none has to be removed again. */
    if (r->stand_in != NULL &&
        (loop_signal(r->around.loop, SIGINT, on_signal, r, &fail) != ERR_NONE ||
         loop_signal(r->around.loop, SIGTERM, on_signal, r, &fail) != ERR_NONE)) {
        command_complain(r->invocation, "%s", fail.text);
        return EXIT_FAILED;
    }
    naming_begin(r->naming);
    loop_run(r->around.loop);
    if (r->shows_progress)
        (void)fputs("\r\033[K", r->invocation->err);
    r->compare_cpu_us = inspection_compare_us(r->inspection);
    r->read_cpu_us = clock_cpu_us() - r->began_cpu_us - r->compare_cpu_us;
    if (r->is_interrupted) {
        command_complain(r->invocation, "interrupted; nothing was changed");
        return EXIT_FAILED;
    }
    if (r->err == ERR_NONE)
        return EXIT_DONE;
    command_complain(r->invocation, "%s; nothing was changed", r->fail.text);
    return EXIT_FAILED;
}
