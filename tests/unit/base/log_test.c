#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

enum { ROOM = 64 * 1024 };

static FILE *caught; /* stands in for standard error */
static int real_stderr = -1;
static char line[ROOM];

/* Standard error goes to a file from here on … */
static void catch_begin(void)
{
    caught = tmpfile();
    assert_non_null(caught);
    real_stderr = dup(STDERR_FILENO);
    assert_true(real_stderr >= 0);
    assert_true(dup2(fileno(caught), STDERR_FILENO) >= 0);
}

/* … to here; what came is in line. */
static void catch_end(void)
{
    size_t n;

    assert_true(dup2(real_stderr, STDERR_FILENO) >= 0);
    assert_int_equal(close(real_stderr), 0);
    rewind(caught);
    n = fread(line, 1, sizeof(line) - 1, caught);
    line[n] = '\0';
    assert_int_equal(fclose(caught), 0);
}

/* What stands behind the time, which every line begins with. */
static const char *behind_time(void)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ";
    const char *p = strncmp(line, "{\"time\":\"", 9) == 0 ? line + 9 : line + 5;

    assert_true(p > line + 5 || strncmp(line, "time=", 5) == 0);
    for (size_t i = 0; form[i] != '\0'; i++)
        if (form[i] == 'd' ? p[i] < '0' || p[i] > '9' : p[i] != form[i])
            fail_msg("no time: %s", line);
    return p + sizeof(form) - 1;
}

static void check_text(enum log_format format, struct span value, const char *wanted)
{
    char whole[ROOM];

    log_setup(LOG_INFO, format);
    catch_begin();
    log_info("said", LOG_SPAN("k", value), LOG_INT("n", 1));
    catch_end();
    if (format == LOG_JSON)
        (void)snprintf(whole, sizeof(whole),
                       "\",\"level\":\"info\",\"msg\":\"said\",\"k\":%s,\"n\":1}\n", wanted);
    else
        (void)snprintf(whole, sizeof(whole), " level=info msg=said k=%s n=1\n", wanted);
    if (strcmp(behind_time(), whole) != 0)
        fail_msg("'%s' instead of '%s'", line, whole);
}

static void values_cannot_break_a_line(void **state)
{
    static const struct row {
        const char *text, *as_logfmt, *as_json;
    } rows[] = {
        {"plain", "plain", "\"plain\""},
        {"", "\"\"", "\"\""},
        {"two words", "\"two words\"", "\"two words\""},
        {"a=b", "\"a=b\"", "\"a=b\""},
        {"say \"a\\b\"", "\"say \\\"a\\\\b\\\"\"", "\"say \\\"a\\\\b\\\"\""},
        {"<tag>", "<tag>", "\"<tag>\""},
        {"{", "{", "\"{\""},
        {"a\nlevel=error", "\"a\\nlevel=error\"", "\"a\\nlevel=error\""},
        {"\x1b[31m\r\x7f", "\"\\u001b[31m\\u000d\\u007f\"", "\"\\u001b[31m\\u000d\\u007f\""},
        {"z\xc3\xbcrich", "\"z\xc3\xbcrich\"", "\"z\xc3\xbcrich\""},
        {"\xc2\x9b"
         "31m",
         "\"\\u009b31m\"", "\"\\u009b31m\""}, /* CSI in one character */
        {"a\xe2\x80\xae"
         "b",
         "\"a\\u202eb\"", "\"a\\u202eb\""}, /* writes backwards */
        {"a\xe2\x80\xa8"
         "b",
         "\"a\\u2028b\"", "\"a\\u2028b\""}, /* a line separator */
        {"a\xff\xc3", "\"a\xef\xbf\xbd\xef\xbf\xbd\"",
         "\"a\xef\xbf\xbd\xef\xbf\xbd\""}, /* no UTF-8 */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check_text(LOG_LOGFMT, span_of(rows[i].text), rows[i].as_logfmt);
        check_text(LOG_JSON, span_of(rows[i].text), rows[i].as_json);
    }
    check_text(LOG_LOGFMT, SPAN("a\0b"), "\"a\\u0000b\"");
}

static void long_values_are_cut(void **state)
{
    static char text[3 * 2048 + 1], wanted[3 * 2048];

    (void)state;
    memset(text, 'a', sizeof(text) - 1);
    memcpy(text + 2046, "\xf0\x9f\x8e\xa7", 4); /* not parted */
    (void)snprintf(wanted, sizeof(wanted), "\"%.2046s\xe2\x80\xa6\"", text);
    check_text(LOG_LOGFMT, span_of(text), wanted);
    check_text(LOG_JSON, span_of(text), wanted);
    memset(text, 'a', 2048);
    text[2048] = '\0';
    check_text(LOG_LOGFMT, span_of(text), text);
}

static void a_line_ends_whatever_it_holds(void **state)
{
    static char text[2001];

    (void)state;
    memset(text, 1, sizeof(text) - 1); /* each becomes six bytes */
    for (enum log_format format = LOG_LOGFMT; format <= LOG_JSON; format++) {
        log_setup(LOG_INFO, format);
        catch_begin();
        log_info("said", LOG_STR("a", text), LOG_STR("b", text), LOG_INT("c", 3));
        catch_end();
        assert_non_null(strstr(line, format == LOG_JSON ? ",\"c\":3}\n" : " c=3\n"));
        assert_null(strstr(line, format == LOG_JSON ? "\"b\":" : " b="));
        assert_int_equal(strchr(line, '\n') - line, strlen(line) - 1);
    }
}

static void every_kind_is_written(void **state)
{
    (void)state;
    log_setup(LOG_INFO, LOG_LOGFMT);
    catch_begin();
    log_warn("all kinds", LOG_STR("s", "x"), LOG_SPAN("none", ((struct span){NULL, 0})),
             LOG_INT("i", -3), LOG_REAL("r", 0.25), LOG_REAL("nan", NAN), LOG_BOOL("yes", true),
             LOG_BOOL("no", false), LOG_INT("big", INT64_MIN));
    catch_end();
    assert_string_equal(behind_time(),
                        " level=warn msg=\"all kinds\" s=x i=-3 r=0.250 nan=null yes=true no=false "
                        "big=-9223372036854775808\n");
    log_setup(LOG_INFO, LOG_JSON);
    catch_begin();
    log_error("alone", LOG_NOTHING);
    log_error("all", LOG_INT("i", 1), LOG_REAL("r", -1.5), LOG_BOOL("b", true));
    catch_end();
    assert_non_null(strstr(line, "\"level\":\"error\",\"msg\":\"alone\"}\n"));
    assert_non_null(strstr(line, "\"msg\":\"all\",\"i\":1,\"r\":-1.500,\"b\":true}\n"));
}

static void levels_are_kept(void **state)
{
    enum log_level level = LOG_WARN;

    (void)state;
    log_setup(LOG_WARN, LOG_LOGFMT);
    catch_begin();
    log_debug("no", LOG_NOTHING);
    log_info("no", LOG_NOTHING);
    log_warn("yes", LOG_NOTHING);
    log_error("yes", LOG_NOTHING);
    catch_end();
    assert_null(strstr(line, "no"));
    assert_non_null(strstr(line, "level=warn msg=yes\n"));
    assert_non_null(strstr(line, "level=error msg=yes\n"));
    assert_true(log_level_parse(SPAN("Debug"), &level));
    assert_int_equal(level, LOG_DEBUG);
    assert_true(log_level_parse(SPAN("error"), &level));
    assert_int_equal(level, LOG_ERROR);
    assert_false(log_level_parse(SPAN("loud"), &level));
    assert_false(log_level_parse(SPAN(""), &level));
    assert_int_equal(level, LOG_ERROR);
}

/* journald's prefix is for journald: the variable alone is inherited by whatever a unit starts. */
static void the_journal_gets_priorities(void **state)
{
    struct stat info;
    char stream[64];

    (void)state;
    catch_begin();
    assert_int_equal(fstat(STDERR_FILENO, &info), 0);
    (void)snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)info.st_dev,
                   (uintmax_t)info.st_ino);
    assert_int_equal(setenv("JOURNAL_STREAM", stream, 1), 0);
    log_setup(LOG_DEBUG, LOG_LOGFMT);
    log_error("e", LOG_NOTHING);
    log_warn("w", LOG_NOTHING);
    log_info("i", LOG_NOTHING);
    log_debug("d", LOG_NOTHING);
    log_setup(LOG_DEBUG, LOG_JSON);
    log_info("j", LOG_NOTHING);
    catch_end();
    assert_int_equal(strncmp(line, "<3>time=", 8), 0);
    assert_non_null(strstr(line, "\n<4>time="));
    assert_non_null(strstr(line, "\n<6>time="));
    assert_non_null(strstr(line, "\n<7>time="));
    assert_non_null(strstr(line, "\n<6>{\"time\":"));
    assert_int_equal(setenv("JOURNAL_STREAM", "1:1", 1), 0);
    check_text(LOG_LOGFMT, SPAN("x"), "x");
    assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
    check_text(LOG_LOGFMT, SPAN("x"), "x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_cannot_break_a_line),
        cmocka_unit_test(long_values_are_cut),
        cmocka_unit_test(a_line_ends_whatever_it_holds),
        cmocka_unit_test(every_kind_is_written),
        cmocka_unit_test(levels_are_kept),
        cmocka_unit_test(the_journal_gets_priorities),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
