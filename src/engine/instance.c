#include "engine/instance.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "connect/directory.h"
#include "engine/instance_names.h"
#include "engine/instance_write.h"

#define IDENTITY_NOTE "identity"

enum {
    READ_EVERY_MS = 3600 * 1000,
    READ_AGAIN_MS = 60 * 1000, /* for a name that is lacking */
    RETRY_FIRST_MS = 1000,
    RETRY_LAST_MS = 60 * 1000,
    PROBE_MS = 60 * 1000,
    FORGOTTEN_EVERY_MS = 500,
    PATIENCE = 4, /* so many attempts to learn the identity, before SAML is supposed */
    TOLD_MAX = 256
};

struct instance {
    struct instance_options options;
    struct directory *directory;
    bool needs_names; /* a rule names something by name */
    bool has_identity, has_read, is_ready, is_stopping;
    struct pace_waiter describe_waiter, read_waiter;
    const char *read_operation;
    struct connect_call *describing;
    struct loop_timer *describe_timer, *read_timer, *forgotten_timer;
    struct store *reader;
    char *forgotten; /* the note, as it was seen last; NULL = there is none */
    int64_t describe_tries, read_tries;
    struct instance_writes writes;
    const struct names *seen; /* the view that people were judged by */
    char *told[TOLD_MAX];     /* what was said once is not said again */
    size_t n_told;
};

/* ---- telling ---- */

static void tell_once(void *arg, const char *code, const char *text)
{
    struct instance *i = arg;

    for (size_t k = 0; k < i->n_told; k++)
        if (strcmp(i->told[k], text) == 0)
            return;
    if (i->n_told < TOLD_MAX)
        i->told[i->n_told++] = mem_dup(span_of(text));
    i->options.told(i->options.arg, code, text);
}

static void check_ready(struct instance *i)
{
    if (i->is_ready || i->is_stopping || !i->has_identity || (i->needs_names && !i->has_read))
        return;
    i->is_ready = true;
    i->options.ready(i->options.arg);
}

static int64_t retry_ms(int64_t tries)
{
    int64_t ms = RETRY_FIRST_MS;

    while (tries-- > 1 && ms < RETRY_LAST_MS)
        ms *= 2;
    return ms < RETRY_LAST_MS ? ms : RETRY_LAST_MS;
}

/* ---- calls, in the pace of everybody's ---- */

static void people_freed(void *arg, int64_t n)
{
    struct instance *i = arg;

    if (n > 0)
        i->options.learned(i->options.arg);
}

static struct instance_write *write_new(struct instance *i)
{
    return instance_write_new(&i->writes);
}

static void record(struct instance *i, const char *operation, const struct connect_answer *answer)
{
    struct pace *pace = i->options.pace;
    struct instance_write *write = write_new(i);

    instance_write_call(write, i->options.instance_id, operation, answer);
    if (answer->err == ERR_NONE) {
        pace_succeeded(pace, operation);
        if (pace_is_paused(pace, operation)) {
            pace_resume(pace, operation);
            instance_write_resume(write, operation);
            i->options.resumed(i->options.arg, operation);
        }
    } else {
        log_info("Amazon Connect refused or failed", LOG_STR("operation", operation),
                 LOG_STR("reaction", err_name(answer->err)), LOG_STR("code", answer->fail->code),
                 LOG_INT("status", answer->status), LOG_STR("error", answer->fail->text));
        if (answer->err == ERR_BUSY)
            pace_throttled(pace, operation, answer->fail->retry_ms);
    }
    instance_write_send(write);
}

/* ---- how users sign in ---- */

static bool identity_of(struct span text, enum identity_type *out)
{
    if (span_eq(text, SPAN("SAML")))
        *out = IDENTITY_SAML;
    else if (span_eq(text, SPAN("CONNECT_MANAGED")))
        *out = IDENTITY_MANAGED;
    else if (span_eq(text, SPAN("EXISTING_DIRECTORY")))
        *out = IDENTITY_DIRECTORY;
    else
        return false;
    return true;
}

static void ask_identity(void *arg)
{
    struct instance *i = arg;

    if (!i->is_stopping)
        pace_wait(i->options.pace, OP_DESCRIBE_INSTANCE, &i->describe_waiter);
}

static void learn_identity(struct instance *i, struct span text)
{
    enum identity_type identity = IDENTITY_SAML, before = i->options.rules->identity;
    struct instance_write *write;

    if (!identity_of(text, &identity)) {
        log_warn("the instance's identity type is not known here; SAML is supposed",
                 LOG_SPAN("identity", text));
        return;
    }
    i->options.rules->identity = identity;
    write = write_new(i);
    instance_write_note(write, IDENTITY_NOTE,
                        arena_printf(instance_write_arena(write), "%.*s %.*s",
                                     SPAN_ARG(i->options.instance_id), SPAN_ARG(text)));
    if (i->has_identity && identity != before) /* what was refused may be taken now */
        instance_write_free(write, PERSON_FAILED, "refused");
    instance_write_send(write);
    log_info("identity type of the instance", LOG_SPAN("identity", text));
}

static void described(void *arg, const struct connect_answer *answer)
{
    struct instance *i = arg;
    bool is_final = answer->err == ERR_NONE || answer->err == ERR_DENIED ||
                    answer->err == ERR_NOT_FOUND || answer->err == ERR_INPUT;

    i->describing = NULL;
    record(i, OP_DESCRIBE_INSTANCE, answer);
    if (answer->err == ERR_NONE)
        learn_identity(i, answer->identity_type);
    else if (!is_final && !i->is_stopping)
        loop_timer_set(i->describe_timer, retry_ms(++i->describe_tries));
    if (is_final && answer->err != ERR_NONE)
        log_warn("how the instance's users sign in cannot be read; SAML is supposed (no password, "
                 "no e-mail)",
                 LOG_STR("error", answer->fail->text));
    i->has_identity = i->has_identity || is_final || i->describe_tries >= PATIENCE;
    check_ready(i);
}

static void describe(void *arg)
{
    struct instance *i = arg;

    i->describing = connect_describe_instance(i->options.connect, described, i);
}

/* ---- names ---- */

static void publish(struct instance *i)
{
    const struct names *names = directory_names(i->directory);
    struct instance_write *write;

    current_names_set(i->options.names, names);
    if (names == i->seen)
        return;
    i->seen = names;
    write = write_new(i);
    instance_write_free(write, PERSON_FAILED, REASON_UNKNOWN_NAME);
    instance_write_free(write, PERSON_DUE, REASON_NAMES_UNREAD);
    instance_write_send(write);
}

static void wait_to_read(void *arg, const char *operation)
{
    struct instance *i = arg;

    i->read_operation = operation;
    pace_wait(i->options.pace, operation, &i->read_waiter);
}

static void read_granted(void *arg)
{
    struct instance *i = arg;

    directory_go(i->directory);
}

static void read_told(void *arg, const char *operation, const struct connect_answer *answer)
{
    record(arg, operation, answer);
}

static void news(void *arg, const struct directory_news *news)
{
    struct instance *i = arg;
    struct instance_write *write = write_new(i);
    struct arena *a = instance_write_arena(write);
    char *text = instance_names_news(news, a);

    if (news->kind == DIRECTORY_PINNED || news->kind == DIRECTORY_RENAMED)
        instance_write_pin(write, &news->pin, news->name_now);
    if (text != NULL)
        tell_once(i, instance_names_code(news), text);
    instance_write_send(write);
}

static void pause_reading(struct instance *i, const struct fail *fail)
{
    struct instance_write *write;

    if (!pace_is_paused(i->options.pace, i->read_operation))
        i->options.paused(i->options.arg, i->read_operation, fail);
    pace_pause(i->options.pace, i->read_operation, PROBE_MS, PROBE_MS);
    write = write_new(i);
    instance_write_pause(write, i->read_operation, fail, clock_wall_ms() + PROBE_MS);
    instance_write_send(write);
}

static void was_read(void *arg, enum err err, const struct fail *fail)
{
    struct instance *i = arg;

    i->has_read = true; /* or was tried: whoever needs names waits for them alone */
    if (err == ERR_NONE) {
        i->read_tries = 0;
        publish(i);
        instance_names_report(i->options.rules, directory_names(i->directory), tell_once, i);
        loop_timer_set(i->read_timer, READ_EVERY_MS);
    } else {
        if (err == ERR_DENIED || err == ERR_NOT_FOUND || err == ERR_INPUT)
            pause_reading(i, fail);
        loop_timer_set(i->read_timer, retry_ms(++i->read_tries));
    }
    check_ready(i);
}

static void read_names(void *arg)
{
    struct instance *i = arg;

    if (!i->is_stopping)
        directory_read(i->directory, 0);
}

void instance_lacks_name(struct instance *i)
{
    int64_t read_ms = directory_read_ms(i->directory), age_ms = clock_wall_ms() - read_ms;

    /* After a failure the timer is set already. */
    if (!i->needs_names || i->is_stopping || read_ms == 0 || i->read_tries > 0)
        return;
    loop_timer_set(i->read_timer,
                   age_ms < 0 || age_ms >= READ_AGAIN_MS ? 0 : READ_AGAIN_MS - age_ms);
}

void instance_container_seen(struct instance *i, enum name_kind kind, struct span name,
                             struct span id)
{
    const struct names *names = directory_names(i->directory);
    struct span known, name_then = names->name_of(names, kind, id);

    if (name_then.p != NULL && !span_eq(name_then, name))
        news(i, &(struct directory_news){
                    .kind = DIRECTORY_RENAMED, .pin = {kind, name_then, id}, .name_now = name});
    else if (names->find(names, kind, name, &known) == NAME_KNOWN && !span_eq(known, id))
        news(i, &(struct directory_news){
                    .kind = DIRECTORY_TAKEN, .pin = {kind, name, known}, .name_now = name});
    else if (name_then.p == NULL)
        directory_learn(i->directory, kind, name, id);
    current_names_set(i->options.names, directory_names(i->directory));
    i->seen = directory_names(i->directory);
}

void instance_resolved(struct instance *i, enum name_kind kind, struct span name, struct span id)
{
    directory_use(i->directory, kind, name);
    directory_learn(i->directory, kind, name, id);
    current_names_set(i->options.names, directory_names(i->directory));
    i->seen = directory_names(i->directory);
}

/* ---- names that an operator has the store forget ---- */

struct kept {
    const struct pin *pins;
    size_t n;
};

static bool is_kept(void *arg, const struct directory_pin *pin)
{
    const struct kept *kept = arg;

    for (size_t i = 0; i < kept->n; i++)
        if (kept->pins[i].kind == (int64_t)pin->kind && span_eq(kept->pins[i].name, pin->name))
            return true;
    return false;
}

/* *out_is_other: the note is another one than was seen last. */
static enum err read_forgotten(struct instance *i, bool *out_is_other, struct fail *fail)
{
    struct span note, seen = i->forgotten == NULL ? (struct span){NULL, 0} : span_of(i->forgotten);
    struct arena a = {0};
    enum err err = store_note_get(i->reader, &a, NAMES_FORGOTTEN_NOTE, &note, fail);

    if (err == ERR_NONE) {
        *out_is_other = (note.p == NULL) != (seen.p == NULL) || !span_eq(note, seen);
        free(i->forgotten);
        i->forgotten = note.p == NULL ? NULL : mem_dup(note);
    }
    arena_done(&a);
    return err;
}

static enum err drop_pins(struct instance *i, struct fail *fail)
{
    struct arena a = {0};
    struct kept kept;
    struct pin *pins;
    enum err err = store_pins(i->reader, &a, &pins, &kept.n, fail);

    kept.pins = pins;
    if (err == ERR_NONE && directory_keep_pins(i->directory, is_kept, &kept)) {
        log_info("names are resolved anew, as an operator asked for", LOG_NOTHING);
        current_names_set(i->options.names, directory_names(i->directory));
        i->seen = directory_names(i->directory);
        if (i->needs_names)
            directory_read(i->directory, 0);
        i->options.forgot(i->options.arg);
    }
    arena_done(&a);
    return err;
}

static void look_for_forgotten(void *arg)
{
    struct instance *i = arg;
    bool is_other = false;
    struct fail fail;
    enum err err = read_forgotten(i, &is_other, &fail);

    if (err == ERR_NONE && is_other)
        err = drop_pins(i, &fail);
    if (err != ERR_NONE)
        log_error("the store could not be read", LOG_STR("error", fail.text));
    if (!i->is_stopping)
        loop_timer_set(i->forgotten_timer, FORGOTTEN_EVERY_MS);
}

/* ---- life ---- */

static enum err take_up_identity(struct instance *i, struct store *reader, struct fail *fail)
{
    struct arena a = {0};
    struct span note, id;
    size_t at;
    enum err err = store_note_get(reader, &a, IDENTITY_NOTE, &note, fail);

    if (err == ERR_NONE && note.p != NULL) {
        at = span_find(note, ' ');
        id = (struct span){note.p, at};
        if (at < note.n && span_eq(id, i->options.instance_id))
            i->has_identity = identity_of((struct span){note.p + at + 1, note.n - at - 1},
                                          &i->options.rules->identity);
    }
    arena_done(&a);
    return err;
}

static enum err take_up_pins(struct instance *i, struct store *reader, struct fail *fail)
{
    struct directory_options options = {.loop = i->options.loop,
                                        .connect = i->options.connect,
                                        .wait = wait_to_read,
                                        .told = read_told,
                                        .news = news,
                                        .read = was_read,
                                        .arg = i};
    struct directory_pin *known;
    struct arena a = {0};
    struct span note;
    struct pin *pins;
    size_t n, n_known = 0;
    enum err err = store_pins(reader, &a, &pins, &n, fail);

    if (err == ERR_NONE)
        err = store_note_get(reader, &a, "instance", &note, fail);
    if (err == ERR_NONE) {
        /* Those of another instance are about to be forgotten (engine/housekeeping.h). */
        bool is_other = note.p != NULL && !span_eq(note, i->options.instance_id);

        known = arena_new(&a, n, sizeof(*known));
        for (size_t k = 0; k < n; k++)
            if (!is_other || pins[k].kind == NAME_OKTA_APP || pins[k].kind == NAME_OKTA_GROUP)
                known[n_known++] =
                    (struct directory_pin){(enum name_kind)pins[k].kind, pins[k].name, pins[k].id};
        i->directory = directory_new(&options, known, n_known);
    }
    arena_done(&a);
    return err;
}

enum err instance_new(const struct instance_options *options, struct store *reader,
                      struct instance **out, struct fail *fail)
{
    struct instance *i = mem_new(1, sizeof(*i));
    bool is_other;
    enum err err;

    i->options = *options;
    i->reader = reader;
    i->writes = (struct instance_writes){options->handback, people_freed, i, NULL};
    err = take_up_identity(i, reader, fail);
    if (err == ERR_NONE)
        err = read_forgotten(i, &is_other, fail);
    if (err == ERR_NONE)
        err = take_up_pins(i, reader, fail);
    if (err != ERR_NONE) {
        free(i->forgotten);
        free(i);
        return err;
    }
    i->needs_names = instance_names_use(options->rules, i->directory);
    i->describe_waiter = (struct pace_waiter){.grant = describe, .arg = i};
    i->read_waiter = (struct pace_waiter){.grant = read_granted, .arg = i};
    i->describe_timer = loop_timer_new(options->loop, ask_identity, i);
    i->read_timer = loop_timer_new(options->loop, read_names, i);
    i->forgotten_timer = loop_timer_new(options->loop, look_for_forgotten, i);
    i->seen = directory_names(i->directory);
    current_names_set(options->names, i->seen);
    *out = i;
    return ERR_NONE;
}

void instance_start(struct instance *i)
{
    if (!i->has_identity)
        ask_identity(i);
    if (i->needs_names)
        directory_read(i->directory, 0);
    loop_timer_set(i->forgotten_timer, FORGOTTEN_EVERY_MS);
    check_ready(i);
}

void instance_stop(struct instance *i)
{
    i->is_stopping = true;
    loop_timer_clear(i->describe_timer);
    loop_timer_clear(i->read_timer);
    loop_timer_clear(i->forgotten_timer);
    pace_give_up(i->options.pace, OP_DESCRIBE_INSTANCE, &i->describe_waiter);
    if (i->read_operation != NULL)
        pace_give_up(i->options.pace, i->read_operation, &i->read_waiter);
}

void instance_free(struct instance *i)
{
    if (i == NULL)
        return;
    connect_cancel(i->describing);
    instance_writes_done(&i->writes);
    directory_free(i->directory);
    loop_timer_free(i->describe_timer);
    loop_timer_free(i->read_timer);
    loop_timer_free(i->forgotten_timer);
    free(i->forgotten);
    for (size_t k = 0; k < i->n_told; k++)
        free(i->told[k]);
    free(i);
}
