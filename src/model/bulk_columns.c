#include <string.h>

#include "base/buf.h"
#include "model/bulk.h"

enum { TITLE_LIMIT = 200, ALIASES = 4 };

/* title: as it is written. names: what it comes to, and what else it has been called, in lower case
 * with single blanks, without parentheses, and without what stands behind a "|". */
static const struct {
    const char *title;
    const char *names[ALIASES];
} columns[BULK_COLUMNS] = {
    [BULK_FIRST_NAME] = {"first name", {"first name", "firstname", "given name"}},
    [BULK_LAST_NAME] = {"last name", {"last name", "lastname", "family name", "surname"}},
    [BULK_EMAIL] = {"email address", {"email address", "email", "e-mail", "e-mail address"}},
    [BULK_SECONDARY_EMAIL] = {"secondary email address",
                              {"secondary email address", "secondary email"}},
    [BULK_MOBILE] = {"mobile", {"mobile", "mobile number"}},
    [BULK_PASSWORD] = {"password", {"password"}},
    [BULK_USER_NAME] = {"user login", {"user login", "user name", "username", "login"}},
    [BULK_AGENT_HIERARCHY] = {"agent hierarchy",
                              {"agent hierarchy", "hierarchy", "hierarchy group"}},
    [BULK_ROUTING_PROFILE] = {"routing profile name", {"routing profile name", "routing profile"}},
    [BULK_SECURITY_PROFILES] = {"security_profile_name_1|security_profile_name_2",
                                {"security profile name 1", "security profile name",
                                 "security profile names", "security profiles"}},
    [BULK_USER_HIERARCHY] = {"user_hierarchy_1|user_hierarchy_2",
                             {"user hierarchy 1", "user hierarchy", "userhierarchy"}},
    [BULK_PHONE_TYPE] = {"phone type (soft/desk)", {"phone type"}},
    [BULK_PHONE_NUMBER] = {"phone number", {"phone number", "desk phone number", "desk phone"}},
    [BULK_AUTO_ACCEPT] = {"soft phone auto accept (yes/no)",
                          {"soft phone auto accept", "auto accept"}},
    [BULK_AFTER_CONTACT_WORK] = {"ACW timeout (seconds)",
                                 {"acw timeout", "after contact work", "after contact work timeout",
                                  "acw"}},
    [BULK_TAGS] = {"tags", {"tags", "tag"}},
    [BULK_PERSISTENT_CONNECTION] = {"persistent connection", {"persistent connection"}},
    [BULK_AUDIO_ENHANCEMENT] = {"audio enhancement (none/isolate voice/suppress noise)",
                                {"audio enhancement"}},
    [BULK_PROFICIENCIES] = {"proficiencies", {"proficiencies", "proficiency"}},
    [BULK_OKTA_ID] = {"okta id", {"okta id"}},
    [BULK_AGENT_ID] = {"agent id", {"agent id"}},
    [BULK_STATE] = {"state", {"state"}},
};

const char *bulk_title(enum bulk_column column)
{
    return (unsigned)column < BULK_COLUMNS ? columns[column].title : "";
}

/* As names above has it. */
static void add_normal(struct buf *out, struct span title)
{
    unsigned depth = 0;

    for (size_t i = 0; i < title.n && title.p[i] != '|'; i++) {
        char c = title.p[i];
        bool is_blank = c == ' ' || c == '_' || c == '\t' || c == '\r' || c == '\n';

        if (c == '(')
            depth++;
        else if (c == ')' && depth > 0)
            depth--;
        else if (depth == 0 && is_blank && out->n > 0 && out->p[out->n - 1] != ' ')
            buf_add_char(out, ' ');
        else if (depth == 0 && !is_blank)
            buf_add_char(out, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
    if (out->n > 0 && out->p[out->n - 1] == ' ')
        buf_cut(out, out->n - 1);
}

bool bulk_find_column(struct span title, enum bulk_column *out)
{
    struct buf normal;
    bool is_found = false;

    buf_init(&normal, TITLE_LIMIT);
    add_normal(&normal, title);
    for (int c = 0; !normal.full && !is_found && c < BULK_COLUMNS; c++) {
        for (int i = 0; !is_found && i < ALIASES && columns[c].names[i] != NULL; i++) {
            is_found = strcmp(normal.p, columns[c].names[i]) == 0;
            if (is_found)
                *out = (enum bulk_column)c;
        }
    }
    buf_done(&normal);
    return is_found;
}
