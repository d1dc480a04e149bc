#include "load.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "config/secret_file.h"
#include "config/store_path.h"

/* What is read from, or decided by, the file system: secrets' files, config.ini, the store. */

static char folder[] = "/tmp/roster-config-XXXXXX";

static const char *put(const char *name, const char *content, size_t n, mode_t mode)
{
    static char path[256];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    (void)unlink(path);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
    return path;
}

static const struct secret_row {
    const char *name, *content;
    size_t n;
    mode_t mode;
    const char *secret; /* NULL: refused */
    const char *needle; /* in the message then */
} secrets[] = {
    {"as it should be", "Bearer hush", 11, 0600, "Bearer hush", NULL},
    {"a line end", "Bearer hush\n", 12, 0400, "Bearer hush", NULL},
    {"line ends of Windows", "Bearer hush\r\n\r\n", 15, 0400, "Bearer hush", NULL},
    {"quotes stay", "\"hush\"\n", 7, 0600, "\"hush\"", NULL},
    {"everybody reads", "hush", 4, 0644, NULL, "everybody can read"},
    {"everybody writes", "hush", 4, 0602, NULL, "everybody can change"},
    {"its group writes", "hush", 4, 0620, NULL, "its group can change"},
    {"nothing", "", 0, 0600, NULL, "empty"},
    {"only a line end", "\n", 1, 0600, NULL, "empty"},
    {"two lines", "hush\nhush\n", 10, 0600, NULL, "control characters"},
    {"NUL", "hush\0hush", 9, 0600, NULL, "control characters"},
    {"a blank before", " hush", 5, 0600, NULL, "blank"},
};

static void secrets_are_read_from_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(secrets); i++) {
        const struct secret_row *row = &secrets[i];
        struct secret secret = {0};
        struct fail fail = {0};
        enum err err =
            secret_file_read(put("secret", row->content, row->n, row->mode), &secret, &fail);

        if ((err == ERR_NONE) != (row->secret != NULL) ||
            !span_eq(secret_span(&secret), span_of(row->secret)) ||
            (err != ERR_NONE && (err != ERR_INPUT || strstr(fail.text, row->needle) == NULL)) ||
            strstr(fail.text, "hush") != NULL)
            fail_msg("%s: %d %s", row->name, (int)err, fail.text);
        secret_done(&secret);
    }
}

/* Who owns it decides whether its group may read it. */
static void a_group_reads_only_what_root_gave_it(void **state)
{
    const char *path = put("secret", "hush", 4, 0640);
    bool is_root = geteuid() == 0;
    struct secret secret = {0};
    struct fail fail = {0};

    (void)state;
    assert_int_equal(secret_file_read(path, &secret, &fail), is_root ? ERR_NONE : ERR_INPUT);
    if (is_root) {
        assert_int_equal(chown(path, 65534, 0), 0);
        assert_int_equal(secret_file_read(path, &secret, &fail), ERR_INPUT);
    }
    assert_non_null(strstr(fail.text, "its group can read"));
    assert_non_null(strstr(fail.text, "chmod 600"));
    secret_done(&secret);
}

static void a_big_file_is_no_secret(void **state)
{
    static char content[9000];
    struct secret secret = {0};

    (void)state;
    memset(content, 'x', sizeof(content));
    assert_int_equal(secret_file_read(put("big", content, 4096, 0600), &secret, NULL), ERR_NONE);
    assert_int_equal(secret.n, 4096);
    assert_int_equal(secret_file_read(put("big", content, 4097, 0600), &secret, NULL), ERR_INPUT);
    assert_int_equal(secret_file_read(put("big", content, 9000, 0600), &secret, NULL), ERR_INPUT);
    assert_int_equal(secret_file_read("/nowhere/secret", &secret, NULL), ERR_NOT_FOUND);
    assert_int_equal(secret.n, 4096);
    secret_done(&secret);
}

static void settings_take_secrets_from_files(void **state)
{
    char *variable = mem_printf("ROSTER_OKTA_HOOK_SECRET_FILE=%s", put("hook", "hush\n", 5, 0600));
    struct loaded l = load_good(LEAST, (const char *const[]){variable, NULL}, NULL);

    (void)state;
    assert_text(secret_span(&l.s->hook_secret), "hush");
    loaded_done(&l);
    (void)put("hook", "hush\n", 5, 0644);
    l = load(LEAST, (const char *const[]){variable, NULL}, NULL);
    assert_int_equal(l.mistakes.n, 1);
    assert_non_null(strstr(l.all, "environment: ROSTER_OKTA_HOOK_SECRET_FILE: everybody can read"));
    assert_non_null(strstr(l.all, "chmod 600"));
    loaded_done(&l);
    free(variable);
}

/* A new key of P-256. */
static size_t make_pem(char *out, size_t size)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    BIO *bio = BIO_new(BIO_s_mem());
    int n;

    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
    n = BIO_read(bio, out, (int)size - 1);
    assert_true(n > 0);
    out[n] = '\0';
    BIO_free(bio);
    EVP_PKEY_free(key);
    return (size_t)n;
}

static void private_keys_are_read(void **state)
{
    char pem[1024];
    size_t n = make_pem(pem, sizeof(pem));
    char *file = mem_printf("ROSTER_OKTA_PRIVATE_KEY_FILE=%s", put("okta.pem", pem, n, 0600));
    char *value = mem_printf("ROSTER_OKTA_PRIVATE_KEY=%s", pem);
    const char *environment[] = {"ROSTER_OKTA_ORG_URL=https://acme.okta.com",
                                 "ROSTER_OKTA_CLIENT_ID=0oa1", file, NULL};
    struct loaded l = load_good(LEAST, environment, NULL);

    (void)state;
    assert_memory_equal(l.s->private_key.p, pem, n - 1); /* without the line end behind it */
    assert_text(l.s->client_id, "0oa1");
    assert_int_equal(l.s->key_id.n, 0);
    loaded_done(&l);

    environment[2] = value;
    l = load_good(LEAST, environment, NULL);
    assert_memory_equal(l.s->private_key.p, pem, n - 1);
    loaded_done(&l);

    environment[2] = file;
    (void)put("okta.pem", pem, n, 0604);
    l = load(LEAST, environment, NULL);
    assert_int_equal(l.mistakes.n, 1);
    assert_non_null(strstr(l.all, "environment: ROSTER_OKTA_PRIVATE_KEY_FILE: everybody can read"));
    loaded_done(&l);

    (void)put("okta.pem", pem, n / 2, 0600);
    l = load(LEAST, environment, NULL);
    assert_int_equal(l.mistakes.n, 1);
    assert_non_null(strstr(l.all, "ROSTER_OKTA_PRIVATE_KEY_FILE: the private key cannot be used"));
    pem[60] = '\0';
    assert_null(strstr(l.all, pem + 30)); /* nothing of it is shown */
    loaded_done(&l);
    free(file);
    free(value);
}

static void a_token_is_read_from_a_file(void **state)
{
    char *file = mem_printf("OKTA.API_TOKEN_FILE=%s", put("token", "00abc\n", 6, 0600));
    const char *const overrides[] = {"OKTA.ORG_URL=https://acme.okta.com", file, NULL};
    struct loaded l = load_good(LEAST, NULL, overrides);

    (void)state;
    assert_text(secret_span(&l.s->api_token), "00abc");
    loaded_done(&l);
    (void)put("token", "00abc\n", 6, 0644);
    l = load(LEAST, NULL, overrides);
    assert_int_equal(l.mistakes.n, 1);
    assert_non_null(strstr(l.all, "--set OKTA.API_TOKEN_FILE: everybody can read"));
    loaded_done(&l);
    free(file);
}

/* The long example of docs/rules.md: the first block of code below its heading. */
static char *page_example(const char *heading)
{
    struct span rest, line;
    struct buf page, text;

    buf_init(&page, 1 << 20);
    buf_init(&text, 1 << 20);
    assert_int_equal(fs_read(TEST_DATA "/../../docs/rules.md", &page, NULL), ERR_NONE);
    rest = span_of(strstr(page.p, heading));
    assert_true(rest.n > 0);
    while (span_split(&rest, '\n', &line) && !span_starts(line, SPAN("    ")))
        ;
    do {
        buf_add(&text, line);
        buf_add_char(&text, '\n');
    } while (span_split(&rest, '\n', &line) && (line.n == 0 || span_starts(line, SPAN("    "))));
    buf_done(&page);
    return buf_take(&text);
}

static void the_example_of_the_rules_page_is_good(void **state)
{
    char pem[1024], *text = page_example("\n## A contact centre");
    size_t n = make_pem(pem, sizeof(pem));
    char *key = mem_printf("ROSTER_OKTA_PRIVATE_KEY_FILE=%s", put("okta.pem", pem, n, 0600));
    char *hook = mem_printf("ROSTER_OKTA_HOOK_SECRET_FILE=%s", put("hook", "hush\n", 5, 0600));
    struct loaded l = load_good(text, (const char *const[]){key, hook, "HOME=/h", NULL}, NULL);

    (void)state;
    assert_int_equal(l.s->rules.n, 7);
    assert_text(l.s->rules.rules[0].name, "Quality");
    assert_text(l.s->rules.rules[6].name, "Everybody");
    loaded_done(&l);
    free(key);
    free(hook);
    free(text);
}

static void a_key_that_everybody_reads_is_refused(void **state)
{
    char *cert = mem_printf("Server.TLS_CERT=%s", put("cert.pem", "x", 1, 0644));
    char *key = mem_printf("Server.TLS_KEY=%s", put("key.pem", "x", 1, 0600));
    const char *const overrides[] = {cert, key, NULL};
    struct loaded l = load_good(LEAST, NULL, overrides);

    (void)state;
    assert_text(l.s->tls_key, strchr(key, '=') + 1);
    assert_text(l.s->tls_cert, strchr(cert, '=') + 1);
    loaded_done(&l);
    (void)put("key.pem", "x", 1, 0644);
    l = load(LEAST, NULL, overrides);
    assert_int_equal(l.mistakes.n, 1);
    assert_non_null(strstr(l.all, "--set Server.TLS_KEY: everybody can read"));
    loaded_done(&l);
    free(cert);
    free(key);
}

static void config_files_are_found(void **state)
{
    struct settings_sources sources = {.environment = (const char *const[]){"HOME=/h", NULL}};
    struct settings_mistakes mistakes;
    struct settings *s;
    char here[256];
    char *variable;

    (void)state;
    assert_non_null(getcwd(here, sizeof(here)));
    (void)put("config.ini", LEAST, strlen(LEAST), 0644);
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(settings_load(&sources, &s, &mistakes), ERR_NONE);
    assert_text(s->origin, "config.ini");
    settings_free(s);

    variable = mem_printf("ROSTER_CONFIG=%s", put("other.ini", LEAST, strlen(LEAST), 0644));
    sources.environment = (const char *const[]){variable, NULL};
    assert_int_equal(settings_load(&sources, &s, &mistakes), ERR_NONE);
    assert_text(s->origin, strchr(variable, '=') + 1);
    settings_free(s);
    free(variable);

    /* --config goes before ROSTER_CONFIG, and is not replaced by config.ini when it is missing. */
    sources.environment = (const char *const[]){"ROSTER_CONFIG=/nowhere", NULL};
    sources.path = "config.ini";
    assert_int_equal(settings_load(&sources, &s, &mistakes), ERR_NONE);
    settings_free(s);
    sources.path = "missing/config.ini";
    assert_int_equal(settings_load(&sources, &s, &mistakes), ERR_INPUT);
    assert_int_equal(mistakes.n, 1);
    assert_non_null(strstr(mistakes.lines[0], "open missing/config.ini"));
    settings_mistakes_done(&mistakes);
    assert_int_equal(chdir(here), 0);
}

static const struct text_row {
    const char *name, *text;
    mode_t mode;
    const char *needle; /* NULL: accepted */
} texts[] = {
    {"no secret in it", LEAST, 0644, NULL},
    {"no secret in it, and everybody writes", LEAST, 0646, "everybody can change"},
    {"a secret's file", LEAST "[OKTA]\nHOOK_SECRET_FILE = hook\n", 0644, NULL},
    {"a secret", LEAST "[OKTA]\nHOOK_SECRET = hush\n", 0600, NULL},
    {"a secret that everybody reads", LEAST "[OKTA]\nHOOK_SECRET = hush\n", 0644,
     "[OKTA] HOOK_SECRET: it is a secret, and everybody can read"},
    {"the one before", LEAST "[OKTA]\nHOOK_SECRET_PREVIOUS = hush\n", 0604, "chmod 600"},
    {"a reference", LEAST "[OKTA]\nHOOK_SECRET = arn:aws:ssm:eu-west-1:1:parameter/x\n", 0644,
     NULL},
};

/* Also a secret that does not count, because the environment goes before it. */
static void a_config_with_a_secret_is_for_its_owner(void **state)
{
    static const char *const environment[] = {"ROSTER_OKTA_HOOK_SECRET=other", NULL};

    char here[256];

    (void)state;
    assert_non_null(getcwd(here, sizeof(here)));
    assert_int_equal(chdir(folder), 0);
    (void)put("hook", "hush", 4, 0600);
    for (size_t i = 0; i < ROWS(texts); i++) {
        const struct text_row *row = &texts[i];
        struct settings_sources sources = {.environment = environment};
        struct settings_mistakes mistakes;
        struct settings *s = NULL;
        bool is_good;

        sources.path = put("config.ini", row->text, strlen(row->text), row->mode);
        is_good = settings_load(&sources, &s, &mistakes) == ERR_NONE;
        if (is_good != (row->needle == NULL) ||
            (!is_good && (mistakes.n != 1 || strstr(mistakes.lines[0], row->needle) == NULL ||
                          strstr(mistakes.lines[0], "hush") != NULL)))
            fail_msg("%s: %s", row->name, is_good ? "accepted" : mistakes.lines[0]);
        settings_free(s);
        settings_mistakes_done(&mistakes);
    }
    assert_int_equal(unlink("config.ini"), 0);
    assert_int_equal(chdir(here), 0);
}

static void without_any_file_it_says_so(void **state)
{
    struct settings_sources sources = {.environment = NULL};
    struct settings_mistakes mistakes;
    struct settings *s;

    (void)state;
    if (access("/etc/roster/config.ini", F_OK) == 0)
        skip();
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(settings_load(&sources, &s, &mistakes), ERR_INPUT);
    assert_true(mistakes.n >= 5);
    assert_int_equal(strncmp(mistakes.lines[0], "configuration: [Connect] INSTANCE_ID", 36), 0);
    assert_non_null(strstr(mistakes.lines[4], "no config.ini here and no /etc/roster/config.ini"));
    settings_mistakes_done(&mistakes);
}

static const struct store_row {
    const char *name, *environment[4];
    bool is_root;
    const char *expected; /* NULL = none */
} stores[] = {
    {"systemd", {"STATE_DIRECTORY=/var/lib/a", "HOME=/h"}, false, "/var/lib/a"},
    {"systemd as root", {"STATE_DIRECTORY=/var/lib/a"}, true, "/var/lib/a"},
    {"the first of systemd's", {"STATE_DIRECTORY=/var/lib/a:/var/lib/b"}, true, "/var/lib/a"},
    {"an empty first one", {"STATE_DIRECTORY=:/b", "HOME=/h"}, false, "/h/.local/state/roster"},
    {"root", {"HOME=/root", "XDG_STATE_HOME=/s"}, true, "/var/lib/roster"},
    {"XDG", {"XDG_STATE_HOME=/s", "HOME=/h"}, false, "/s/roster"},
    {"XDG that is not absolute", {"XDG_STATE_HOME=s", "HOME=/h"}, false, "/h/.local/state/roster"},
    {"home", {"HOME=/h"}, false, "/h/.local/state/roster"},
    {"variables of similar names", {"STATE_DIRECTORY_=/a", "HOMES=/h", "HOME"}, false, NULL},
    {"nothing", {NULL}, false, NULL},
};

static void the_store_has_a_usual_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(stores); i++) {
        const char *environment[5] = {NULL};
        struct span out = {0};
        struct arena a;
        bool found;

        arena_init(&a);
        memcpy(environment, stores[i].environment, sizeof(stores[i].environment));
        found = store_path_usual(environment, stores[i].is_root, &a, &out);
        if (found != (stores[i].expected != NULL) || !span_eq(out, span_of(stores[i].expected)))
            fail_msg("%s: '%.*s'", stores[i].name, SPAN_ARG(out));
        arena_done(&a);
    }
}

static void the_settings_use_it(void **state)
{
    struct loaded l = load_good("[OKTA]\nAPP_NAME=a\n[Connect]\nINSTANCE_ID=i\n"
                                "SECURITY_PROFILE_IDS=s\nROUTING_PROFILE_ID=r\n",
                                (const char *const[]){"STATE_DIRECTORY=/state//", NULL}, NULL);

    (void)state;
    assert_text(l.s->store_file, "/state/roster.db");
    loaded_done(&l);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"secret",    "big",      "hook",
                                        "cert.pem",  "key.pem",  "config.ini",
                                        "other.ini", "okta.pem", "token"};
    char path[256];

    (void)state;
    for (size_t i = 0; i < ROWS(names); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_are_read_from_files),
        cmocka_unit_test(a_group_reads_only_what_root_gave_it),
        cmocka_unit_test(a_big_file_is_no_secret),
        cmocka_unit_test(settings_take_secrets_from_files),
        cmocka_unit_test(private_keys_are_read),
        cmocka_unit_test(a_token_is_read_from_a_file),
        cmocka_unit_test(the_example_of_the_rules_page_is_good),
        cmocka_unit_test(a_key_that_everybody_reads_is_refused),
        cmocka_unit_test(config_files_are_found),
        cmocka_unit_test(a_config_with_a_secret_is_for_its_owner),
        cmocka_unit_test(without_any_file_it_says_so),
        cmocka_unit_test(the_store_has_a_usual_place),
        cmocka_unit_test(the_settings_use_it),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
