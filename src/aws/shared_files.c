#include "aws/shared_files.h"

#include <assert.h>
#include <stdlib.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/secret.h"

enum section_kind { SECTION_OTHER, SECTION_PROFILE, SECTION_SERVICES };

struct section {
    enum shared_file file;
    enum section_kind kind;
    bool is_prefixed; /* "[profile default]" */
    struct span name;
};

struct setting {
    size_t section;
    struct span parent; /* of a nested setting: the key that it stands below */
    struct span key, value;
};

struct shared_files {
    struct secret texts[2];
    struct section *sections;
    struct setting *settings;
    size_t n_sections, n_settings, room_sections, room_settings;
};

/* The place of the reader within a file. */
struct reader {
    struct shared_files *files;
    enum shared_file file;
    bool has_section,
        has_setting; /* has_setting: the last setting of the section can be gone on with */
    size_t last;     /* the last setting that is not nested */
};

struct shared_files *shared_files_new(void)
{
    return mem_new(1, sizeof(struct shared_files));
}

void shared_files_free(struct shared_files *f)
{
    if (f == NULL)
        return;
    secret_done(&f->texts[SHARED_CREDENTIALS]);
    secret_done(&f->texts[SHARED_CONFIG]);
    free(f->sections);
    free(f->settings);
    free(f);
}

/* ---- reading ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool begins_comment(char c)
{
    return c == '#' || c == ';';
}

static struct span after(struct span s, size_t n)
{
    return (struct span){s.p + n, s.n - n};
}

/* A comment within a line stands behind a blank, and not between double quotes. */
static struct span without_comment(struct span s)
{
    bool is_quoted = false;

    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            is_quoted = !is_quoted;
        if (begins_comment(s.p[i]) && !is_quoted && i > 0 && is_blank(s.p[i - 1]))
            return (struct span){s.p, i};
    }
    return s;
}

static struct span unquoted(struct span s)
{
    bool is_quoted = s.n >= 2 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0];

    return is_quoted ? (struct span){s.p + 1, s.n - 2} : s;
}

/* "profile x" with the word "profile" gives true and "x". */
static bool cut_word(struct span *name, struct span word)
{
    if (!span_starts(*name, word) || name->n == word.n || !is_blank(name->p[word.n]))
        return false;
    *name = unquoted(span_trim(after(*name, word.n)));
    return true;
}

static struct section section_of(enum shared_file file, struct span name)
{
    struct section s = {.file = file, .name = name};

    if (file == SHARED_CREDENTIALS || span_eq(name, SPAN("default"))) {
        s.kind = SECTION_PROFILE;
    } else if (cut_word(&s.name, SPAN("profile"))) {
        s.kind = SECTION_PROFILE;
        s.is_prefixed = true;
    } else if (cut_word(&s.name, SPAN("services"))) {
        s.kind = SECTION_SERVICES;
    }
    return s;
}

static const char *read_section(struct reader *r, struct span line)
{
    struct shared_files *f = r->files;
    size_t end = span_find(line, ']');
    struct span name, rest;

    r->has_section = r->has_setting = false;
    if (end == line.n)
        return "a section ends with ']'";
    name = span_trim((struct span){line.p + 1, end - 1});
    rest = span_trim(after(line, end + 1));
    if (name.n == 0)
        return "a section needs a name";
    if (rest.n > 0 && !begins_comment(rest.p[0]))
        return "text stands behind the section's ']'";
    if (f->n_sections == SHARED_SETTINGS_MAX)
        return "there are too many sections";
    if (f->n_sections == f->room_sections) {
        f->room_sections = f->room_sections == 0 ? 16 : f->room_sections * 2;
        f->sections = mem_grow(f->sections, f->room_sections, sizeof(*f->sections));
    }
    f->sections[f->n_sections++] = section_of(r->file, name);
    r->has_section = true;
    return NULL;
}

static const char *add_setting(struct shared_files *f, struct setting setting)
{
    if (f->n_settings == SHARED_SETTINGS_MAX)
        return "there are too many settings";
    if (f->n_settings == f->room_settings) {
        f->room_settings = f->room_settings == 0 ? 64 : f->room_settings * 2;
        f->settings = mem_grow(f->settings, f->room_settings, sizeof(*f->settings));
    }
    f->settings[f->n_settings++] = setting;
    return NULL;
}

static bool split_pair(struct span line, struct setting *out)
{
    size_t at = span_find(line, '=');

    if (at == line.n)
        return false;
    out->key = span_trim((struct span){line.p, at});
    out->value = span_trim(without_comment(after(line, at + 1)));
    return out->key.n > 0;
}

/* An indented line: a nested setting when the one above has no value, else the value goes on. */
static const char *read_indented(struct reader *r, struct span line)
{
    struct setting *above = &r->files->settings[r->last];
    struct setting nested = {.section = above->section, .parent = above->key};

    if (above->value.n > 0) {
        line = span_trim(without_comment(line));
        above->value.n = (size_t)(line.p + line.n - above->value.p);
        return NULL;
    }
    return split_pair(line, &nested) ? add_setting(r->files, nested) : NULL;
}

static const char *read_line(struct reader *r, struct span line)
{
    struct span text = span_trim(line);
    struct setting setting = {0};
    const char *fault;

    if (text.n == 0 || begins_comment(text.p[0]))
        return NULL;
    if (text.p[0] == '[')
        return read_section(r, text);
    if (is_blank(line.p[0]) && r->has_setting)
        return read_indented(r, text);
    if (!split_pair(text, &setting))
        return "a line is '[section]', 'key = value' or a comment";
    if (!r->has_section)
        return "a setting stands below a section";
    setting.section = r->files->n_sections - 1;
    fault = add_setting(r->files, setting);
    r->has_setting = fault == NULL;
    r->last = r->files->n_settings - 1;
    return fault;
}

enum err shared_files_add(struct shared_files *f, enum shared_file file, const char *path,
                          struct span text, struct fail *fail)
{
    struct reader r = {.files = f, .file = file};
    struct span rest, line;
    unsigned n = 0;

    assert(f->texts[file].p == NULL);
    if (text.n > SHARED_FILE_LIMIT)
        return fail_set(fail, ERR_INPUT, "%s is larger than %d bytes", path, SHARED_FILE_LIMIT);
    secret_set(&f->texts[file], text);
    rest = secret_span(&f->texts[file]);
    if (span_starts(rest, SPAN("\xef\xbb\xbf")))
        rest = after(rest, 3);
    while (span_split(&rest, '\n', &line)) {
        const char *fault = read_line(&r, line);

        n++;
        if (fault != NULL)
            return fail_set(fail, ERR_INPUT, "%s:%u: %s", path, n, fault);
    }
    return ERR_NONE;
}

/* ---- where the files are ---- */

/* NULL when there is no such place. */
static char *path_of(const struct environment *e, const char *variable, const char *usual,
                     bool *is_given)
{
    struct span given = environment_get(e, variable), home = environment_get(e, "HOME");

    *is_given = given.p != NULL;
    if (given.p == NULL)
        return home.p == NULL ? NULL : mem_printf("%s/.aws/%s", home.p, usual);
    if (span_starts(given, SPAN("~/")) && home.p != NULL)
        return mem_printf("%s%s", home.p, given.p + 1);
    return mem_dup(given);
}

static enum err read_file(struct shared_files *f, enum shared_file file,
                          const struct environment *e, struct fail *fail)
{
    static const struct {
        const char *variable, *usual;
    } places[] = {[SHARED_CREDENTIALS] = {"AWS_SHARED_CREDENTIALS_FILE", "credentials"},
                  [SHARED_CONFIG] = {"AWS_CONFIG_FILE", "config"}};
    bool is_given, is_chosen;
    char *path = path_of(e, places[file].variable, places[file].usual, &is_given);
    enum err err = ERR_NONE;
    struct fail why;
    struct buf text;

    if (path == NULL)
        return ERR_NONE;
    (void)shared_files_profile(e, &is_chosen);
    buf_init(&text, SHARED_FILE_LIMIT);
    err = fs_read(path, &text, &why);
    if (err == ERR_NONE)
        err = shared_files_add(f, file, path, buf_span(&text), &why);
    else if (err == ERR_NOT_FOUND || (err == ERR_IO && !is_given && !is_chosen))
        err = ERR_NONE;
    if (err != ERR_NONE)
        err = fail_set(fail, ERR_INPUT, "the shared AWS files: %s", why.text);
    explicit_bzero(text.p, text.n);
    buf_done(&text);
    free(path);
    return err;
}

enum err shared_files_read(const struct environment *environment, struct shared_files **out,
                           struct fail *fail)
{
    struct shared_files *f = shared_files_new();
    enum err err = read_file(f, SHARED_CREDENTIALS, environment, fail);

    if (err == ERR_NONE)
        err = read_file(f, SHARED_CONFIG, environment, fail);
    if (err != ERR_NONE) {
        shared_files_free(f);
        return err;
    }
    *out = f;
    return ERR_NONE;
}

/* ---- looking up ---- */

struct span shared_files_profile(const struct environment *environment, bool *is_chosen)
{
    struct span name = environment_get(environment, "AWS_PROFILE");

    if (is_chosen != NULL)
        *is_chosen = name.p != NULL;
    return name.p != NULL ? name : SPAN("default");
}

static bool is_profile(const struct section *s, struct span name)
{
    return s->kind == SECTION_PROFILE && span_eq(s->name, name);
}

bool shared_files_has(const struct shared_files *f, struct span profile)
{
    for (size_t i = 0; i < f->n_sections; i++)
        if (is_profile(&f->sections[i], profile))
            return true;
    return false;
}

struct span shared_files_get_in(const struct shared_files *f, enum shared_file file,
                                struct span profile, const char *key)
{
    struct span found = {NULL, 0};
    bool is_prefixed = false;

    for (size_t i = 0; i < f->n_settings; i++) {
        const struct setting *s = &f->settings[i];
        const struct section *section = &f->sections[s->section];

        if (s->parent.p != NULL || section->file != file || !is_profile(section, profile) ||
            !span_eq_nocase(s->key, span_of(key)) || (is_prefixed && !section->is_prefixed))
            continue;
        is_prefixed = section->is_prefixed;
        found = s->value;
    }
    return found.n > 0 ? found : (struct span){NULL, 0};
}

struct span shared_files_get(const struct shared_files *f, struct span profile, const char *key)
{
    struct span found = shared_files_get_in(f, SHARED_CREDENTIALS, profile, key);

    return found.p != NULL ? found : shared_files_get_in(f, SHARED_CONFIG, profile, key);
}

struct span shared_files_get_service(const struct shared_files *f, struct span profile,
                                     const char *service, const char *key)
{
    struct span services = shared_files_get(f, profile, "services"), found = {NULL, 0};

    for (size_t i = 0; services.p != NULL && i < f->n_settings; i++) {
        const struct setting *s = &f->settings[i];
        const struct section *section = &f->sections[s->section];

        if (section->kind == SECTION_SERVICES && span_eq(section->name, services) &&
            s->parent.p != NULL && span_eq_nocase(s->parent, span_of(service)) &&
            span_eq_nocase(s->key, span_of(key)))
            found = s->value;
    }
    return found.n > 0 ? found : (struct span){NULL, 0};
}
