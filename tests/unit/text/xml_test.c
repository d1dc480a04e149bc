#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "text/xml.h"

#define ANSWER                                                                                     \
    "<?xml version=\"1.0\"?>\n<AssumeRoleResponse "                                                \
    "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"                                         \
    "<AssumeRoleResult><AssumedRoleUser><Arn>arn:x</Arn></AssumedRoleUser><Credentials>"           \
    "<AccessKeyId>ASIA&amp;1</AccessKeyId><SecretAccessKey>a/b+c&#x3d;</SecretAccessKey>"          \
    "<SessionToken><![CDATA[<t>]]></SessionToken><Expiration/></Credentials></AssumeRoleResult>"   \
    "<p:Meta xmlns:p=\"urn:p\"><p:Id>id &#xEB;</p:Id></p:Meta><Credentials><AccessKeyId>second"    \
    "</AccessKeyId></Credentials></AssumeRoleResponse>"

static const struct row {
    const char *name, *xml, *path;
    enum err err;
    const char *text;
} rows[] = {
    {"an entity", ANSWER, "Credentials/AccessKeyId", ERR_NONE, "ASIA&1"},
    {"a character reference", ANSWER, "SecretAccessKey", ERR_NONE, "a/b+c="},
    {"CDATA", ANSWER, "Credentials/SessionToken", ERR_NONE, "<t>"},
    {"an empty element", ANSWER, "Credentials/Expiration", ERR_NONE, ""},
    {"a prefix", ANSWER, "Meta/Id", ERR_NONE, "id \xc3\xab"},
    {"from the root", ANSWER, "AssumeRoleResponse/AssumeRoleResult/AssumedRoleUser/Arn", ERR_NONE,
     "arn:x"},
    {"the end of a name is no name", ANSWER, "KeyId", ERR_NOT_FOUND, NULL},
    {"another case", ANSWER, "credentials/accesskeyid", ERR_NOT_FOUND, NULL},
    {"not its child", ANSWER, "AssumeRoleResult/AccessKeyId", ERR_NOT_FOUND, NULL},
    {"text of children belongs to it", "<a>1<b>2</b>3</a>", "a", ERR_NONE, "123"},
    {"the first, not the inner", "<a><b>1</b><a><b>2</b></a></a>", "a/b", ERR_NONE, "1"},
    {"nothing", "", "a", ERR_INPUT, NULL},
    {"no XML", "{}", "a", ERR_INPUT, NULL},
    {"not closed", "<a><b>1</b>", "b", ERR_INPUT, NULL},
    {"wrongly closed", "<a><b>1</a></b>", "b", ERR_INPUT, NULL},
    {"text behind", "<a>1</a>x", "a", ERR_INPUT, NULL},
    {"unknown entity", "<a>&nbsp;</a>", "a", ERR_INPUT, NULL},
    {"invalid UTF-8", "<a>\xff</a>", "a", ERR_INPUT, NULL},
    {"DTD", "<!DOCTYPE a><a>1</a>", "a", ERR_INPUT, NULL},
    {"entities of its own", "<!DOCTYPE a [<!ENTITY e \"1\">]><a>&e;</a>", "a", ERR_INPUT, NULL},
};

static void elements_are_found(void **state)
{
    struct arena a;

    (void)state;
    arena_init(&a);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct span text = {NULL, 0};
        struct fail fail = {0};
        enum err err = xml_text(&a, span_of(rows[i].xml), rows[i].path, &text, &fail);

        if (err != rows[i].err || !span_eq(text, span_of(rows[i].text)))
            fail_msg("%s: %.*s %s", rows[i].name, SPAN_ARG(text), fail.text);
    }
    arena_done(&a);
}

static void depth_is_bounded(void **state)
{
    struct span text;
    struct fail fail;
    struct arena a;
    struct buf b;

    (void)state;
    arena_init(&a);
    buf_init(&b, 10000);
    for (size_t i = 0; i < 64; i++)
        buf_add_str(&b, "<a>");
    buf_add_str(&b, "<b/>");
    for (size_t i = 0; i < 64; i++)
        buf_add_str(&b, "</a>");
    assert_int_equal(xml_text(&a, buf_span(&b), "b", &text, &fail), ERR_INPUT);
    assert_non_null(strstr(fail.text, "too deep"));
    buf_done(&b);
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(elements_are_found),
                                       cmocka_unit_test(depth_is_bounded)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
