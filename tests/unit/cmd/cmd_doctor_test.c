/* What the doctor tells, and what answers say about rights. What is asked of AWS and Okta is held
 * to the sandbox by a scene. */
#include "../store/fixture.h"

#include "cmd/doctor.h"
#include "store/db.h"

struct stage {
    struct doctor d;
    struct settings settings;
    struct rate_limit rate;
    char *text;
    size_t size;
};

static void begin(struct stage *s)
{
    *s = (struct stage){.rate = {SPAN(""), 2}};
    s->settings = (struct settings){.store_file = SPAN(""),
                                    .listen = SPAN("127.0.0.1:8080"),
                                    .instance_id = SPAN("i-1"),
                                    .rate = {&s->rate, 1}};
    s->d.to = open_memstream(&s->text, &s->size);
    assert_non_null(s->d.to);
    s->d.o.settings = &s->settings;
    s->d.o.rules = &s->settings.rules;
}

static void end(struct stage *s)
{
    store_close(s->d.o.store);
    arena_done(&s->d.o.arena);
    (void)fclose(s->d.to);
    free(s->text);
}

static void assert_tells(struct stage *s, const char *line)
{
    (void)fflush(s->d.to);
    if (strstr(s->text, line) == NULL)
        fail_msg("'%s' is not in\n%s", line, s->text);
}

static void test_rights(void **state)
{
    static const struct {
        enum err err;
        const char *code;
        enum doctor_right right;
    } rows[] = {
        {ERR_NONE, "", RIGHT_GIVEN},
        {ERR_NOT_FOUND, "ResourceNotFoundException", RIGHT_GIVEN},
        {ERR_INPUT, "InvalidParameterException", RIGHT_GIVEN},
        {ERR_CONFLICT, "DuplicateResourceException", RIGHT_GIVEN},
        {ERR_DENIED, "AccessDeniedException", RIGHT_DENIED},
        {ERR_DENIED, "LimitExceededException", RIGHT_GIVEN},
        {ERR_DENIED, "ServiceQuotaExceededException", RIGHT_GIVEN},
        {ERR_BUSY, "ThrottlingException", RIGHT_UNKNOWN},
        {ERR_IO, "", RIGHT_UNKNOWN},
        {ERR_UNCLEAR, "InternalServiceException", RIGHT_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (doctor_right_of(rows[i].err, rows[i].code) != rows[i].right)
            fail_msg("%s %s", err_name(rows[i].err), rows[i].code);
}

static void test_lines(void **state)
{
    struct stage s;

    (void)state;
    begin(&s);
    doctor_tell(&s.d, DOCTOR_GOOD, "clock", "as it should be");
    doctor_tell(&s.d, DOCTOR_WRONG, "names", "a \x1b[31mname");
    s.d.is_json = true;
    doctor_tell(&s.d, DOCTOR_NOTE, "quota", "say \"hi\"");
    assert_tells(&s, "ok     clock          as it should be\n");
    assert_tells(&s, "WRONG  names          a \xef\xbf\xbd[31mname\n");
    assert_tells(&s, "{\"check\":\"quota\",\"verdict\":\"note\",\"text\":\"say \\\"hi\\\"\"}\n");
    assert_int_equal(s.d.n_wrong, 1);
    end(&s);
}

static void test_here(void **state)
{
    static const struct {
        const char *name, *listen, *cert;
        bool has_hook, has_secret, has_previous;
        size_t n_wrong;
        const char *line;
    } rows[] = {
        {"no secret", "127.0.0.1:1", "", true, false, false, 1, "WRONG  hook secret"},
        {"a secret", "unix:/x", "", true, true, false, 0, "ok     hook secret    set\n"},
        {"two secrets", "[::1]:1", "", true, true, true, 0, "note   hook secret"},
        {"no hook", "0.0.0.0:1", "", false, false, false, 0, "ok     hook secret    none"},
        {"plain HTTP for all", "0.0.0.0:80", "", true, true, false, 1, "WRONG  TLS"},
        {"no such certificate", "0.0.0.0:443", "/nowhere/cert.pem", true, true, false, 1,
         "WRONG  TLS            [Server] TLS_CERT /nowhere/cert.pem: open /nowhere/cert.pem"},
        {"a proxy's", "127.0.0.1:1", "", true, true, false, 0, "ok     TLS            none here"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct stage s;

        begin(&s);
        s.settings.listen = span_of(rows[i].listen);
        s.settings.tls_cert = s.settings.tls_key = span_of(rows[i].cert);
        s.settings.has_hook = rows[i].has_hook;
        if (rows[i].has_secret)
            secret_set(&s.settings.hook_secret, SPAN("hush"));
        if (rows[i].has_previous)
            secret_set(&s.settings.hook_secret_previous, SPAN("hush"));
        doctor_look_here(&s.d);
        assert_tells(&s, rows[i].line);
        assert_null(strstr(s.text, "hush"));
        if (s.d.n_wrong != rows[i].n_wrong)
            fail_msg("%s: %zu are wrong:\n%s", rows[i].name, s.d.n_wrong, s.text);
        secret_done(&s.settings.hook_secret);
        secret_done(&s.settings.hook_secret_previous);
        end(&s);
    }
}

static void test_store(void **state)
{
    struct fixture *f = *state;
    struct stage s;

    begin(&s);
    s.settings.store_file = span_of(f->file);
    doctor_look_here(&s.d);
    assert_tells(&s, "ok     store          ");
    assert_tells(&s, "0 agents are looked after\n");
    assert_tells(&s, "ok     audit log      intact, 0 rows\n");
    assert_tells(&s, "note   daemon         it does not run");
    assert_int_equal(s.d.n_wrong, 0);
    end(&s);
    assert_int_equal(
        sqlite3_exec(f->store->db, "DELETE FROM note WHERE name = 'audit_head'", NULL, NULL, NULL),
        SQLITE_OK);
    begin(&s);
    s.settings.store_file = span_of(f->file);
    doctor_look_here(&s.d);
    assert_tells(&s, "WRONG  audit log      it is not as it was written");
    end(&s);
    begin(&s);
    s.settings.store_file = SPAN("/nowhere/roster.db");
    doctor_look_here(&s.d);
    assert_tells(&s, "note   store          /nowhere/roster.db is not there yet");
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rights),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_here),
        cmocka_unit_test_setup_teardown(test_store, fixture_store, fixture_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
