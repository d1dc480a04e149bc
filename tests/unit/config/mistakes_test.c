#include "load.h"

#include <string.h>

#include "base/buf.h"
#include "config/mistakes.h"

/* Every mistake, with its whole text: people read nothing else. Texts of LEAST have lines 1 to 8.
 */
static const struct mistake_row {
    const char *name, *text, *expected;
} mistakes[] = {
    {"a rate of nothing", LEAST "[Connect]\nRATE = 0\n",
     "ROSTER_CONFIG:10: [Connect] RATE: '0' is not between 0.001 and 1000000; use a number above "
     "0, "
     "then for single operations OPERATION:NUMBER, separated by commas, as in 2, "
     "DescribeUser:10\n"},
    {"a duration without a unit", LEAST "[OKTA]\nSETTLE = 3\n",
     "ROSTER_CONFIG:10: [OKTA] SETTLE: '3' has no unit; use a whole number with s, m, h or d "
     "behind "
     "it, from 0s to 1h, as in 5s\n"},
    {"a duration out of its range", LEAST "[store]\nkeep_events = 0s\n",
     "ROSTER_CONFIG:10: [store] keep_events: '0s' is not between 1s and 3650d; use a whole number "
     "with s, m, h or d behind it, from 1s to 3650d, as in 90d\n"},
    {"another event", LEAST "[OKTA]\nAPP_MEMBERSHIP_ADD_EVENT = user.lifecycle.create\n",
     "ROSTER_CONFIG:10: [OKTA] APP_MEMBERSHIP_ADD_EVENT: 'user.lifecycle.create' is not accepted; "
     "use application.user_membership.add, or leave the line out\n"},
    {"another group event", LEAST "[OKTA]\nGROUP_MEMBERSHIP_ADD_EVENT = x\n",
     "ROSTER_CONFIG:10: [OKTA] GROUP_MEMBERSHIP_ADD_EVENT: 'x' is not accepted; use "
     "group.user_membership.add, or leave the line out\n"},
    {"HOOK", LEAST "[OKTA]\nHOOK = maybe\n",
     "ROSTER_CONFIG:10: [OKTA] HOOK: 'maybe' is not one of its values; use on or off\n"},
    {"nothing tells what happens", LEAST "[OKTA]\nHOOK = off\n",
     "ROSTER_CONFIG:10: [OKTA] HOOK: without the hook it needs [OKTA] ORG_URL, which is missing: "
     "else nothing tells what happens in Okta\n"},
    {"an org without a way to sign in", LEAST "[OKTA]\nORG_URL = https://acme.okta.com\n",
     "ROSTER_CONFIG:10: [OKTA] ORG_URL: it needs [OKTA] API_TOKEN_FILE, which is missing, or "
     "CLIENT_ID and PRIVATE_KEY_FILE\n"},
    {"a way to sign in without an org", LEAST "[OKTA]\nAPI_TOKEN = hush\n",
     "ROSTER_CONFIG:10: [OKTA] API_TOKEN: it needs [OKTA] ORG_URL, which is missing\n"},
    {"half of the other way", LEAST "[OKTA]\nORG_URL = https://acme.okta.com\nCLIENT_ID = 0oa1\n",
     "ROSTER_CONFIG:11: [OKTA] CLIENT_ID: it needs [OKTA] PRIVATE_KEY_FILE, which is missing\n"},
    {"two ways to sign in",
     LEAST "[OKTA]\nORG_URL = https://acme.okta.com\nAPI_TOKEN = hush\nCLIENT_ID = 0oa1\n",
     "ROSTER_CONFIG:11: [OKTA] API_TOKEN: [OKTA] CLIENT_ID is set, too; keep one of the two ways "
     "to sign in, best CLIENT_ID\n"
     "ROSTER_CONFIG:12: [OKTA] CLIENT_ID: it needs [OKTA] PRIVATE_KEY_FILE, which is missing\n"},
    {"a key's name without an application", LEAST "[OKTA]\nKEY_ID = k\n",
     "ROSTER_CONFIG:10: [OKTA] KEY_ID: it needs [OKTA] CLIENT_ID, which is missing\n"},
    {"a private key that is none",
     LEAST "[OKTA]\nORG_URL = https://acme.okta.com\nCLIENT_ID = 0oa1\nPRIVATE_KEY = hush\n",
     "ROSTER_CONFIG:12: [OKTA] PRIVATE_KEY: the private key cannot be used: it has no line "
     "'-----BEGIN PRIVATE KEY-----'\n"},
    {"a private key that is not there", LEAST "[OKTA]\nPRIVATE_KEY_FILE = /nowhere/x.pem\n",
     "ROSTER_CONFIG:10: [OKTA] PRIVATE_KEY_FILE: open /nowhere/x.pem: No such file or directory; "
     "use the path of a file that holds the secret\n"
     "ROSTER_CONFIG:10: [OKTA] PRIVATE_KEY_FILE: it needs [OKTA] CLIENT_ID, which is missing\n"},
    {"a user name by attributes that nobody tells", LEAST "[OKTA]\nUSERNAME = ${user.login}\n",
     "ROSTER_CONFIG:10: [OKTA] USERNAME: it needs [OKTA] ORG_URL, which is missing: an event does "
     "not tell the attributes of a user, Okta's API does\n"},
    {"nowhere to park", LEAST "[Connect]\nON_REMOVE = disable\n",
     "ROSTER_CONFIG:10: [Connect] ON_REMOVE: 'disable' parks agents, and it needs [Connect] "
     "PARKED_SECURITY_PROFILE and PARKED_ROUTING_PROFILE, which are missing\n"},
    {"half a place to park", LEAST "[Connect]\nPARKED_ROUTING_PROFILE = Parked\n",
     "ROSTER_CONFIG:10: [Connect] PARKED_ROUTING_PROFILE: it needs [Connect] "
     "PARKED_SECURITY_PROFILE, which is missing\n"},
    {"the other half", LEAST "[Connect]\nON_REMOVE=disable\nPARKED_SECURITY_PROFILE = Parked\n",
     "ROSTER_CONFIG:11: [Connect] PARKED_SECURITY_PROFILE: it needs [Connect] "
     "PARKED_ROUTING_PROFILE, which is missing\n"},
    {"a choice", LEAST "[Connect]\nON_EXISTING = steal\n",
     "ROSTER_CONFIG:10: [Connect] ON_EXISTING: 'steal' is not one of its values; use hold or "
     "adopt\n"},
    {"an unknown key", LEAST "[Connect]\nROUTING_PROFIL_ID = x\n",
     "ROSTER_CONFIG:10: [Connect] ROUTING_PROFIL_ID: there is no such key; did you mean "
     "ROUTING_PROFILE_ID?\n"},
    {"an unknown key like none", LEAST "[Connect]\nNONSENSE = x\n",
     "ROSTER_CONFIG:10: [Connect] NONSENSE: there is no such key; use one of INSTANCE_ID, "
     "SECURITY_PROFILE_IDS, ROUTING_PROFILE_ID, REGION, PHONE_TYPE, RATE, BURST, "
     "ON_EXISTING, ON_REMOVE, REMOVAL_GRACE, MAX_REMOVALS, MAX_CHANGES, ON_RENAME, "
     "PARKED_SECURITY_PROFILE, PARKED_ROUTING_PROFILE, MAX_WAIT, MAX_AGENTS, RECONCILE_EVERY\n"},
    {"a key of another section", LEAST "[OKTA]\nRATE = 2\n",
     "ROSTER_CONFIG:10: [OKTA] RATE: this key belongs to [Connect]\n"},
    {"an unknown section", LEAST "[Conect]\nRATE = 2\n",
     "ROSTER_CONFIG:9: [Conect]: there is no such section; did you mean [Connect]?\n"},
    {"an unknown section like none", LEAST "[Nonsense]\nRATE = 2\n",
     "ROSTER_CONFIG:9: [Nonsense]: there is no such section; use [Roster], [OKTA], [Connect], "
     "[Server], [Store], [Alert], [Queue] or [Mapping NAME]\n"},
    {"a queue that is none", LEAST "[Queue]\nURL = https://x\n",
     "ROSTER_CONFIG:10: [Queue] URL: 'https://x' does not end in an account and the name of a FIFO "
     "queue; use the URL of a FIFO queue of SQS, as in "
     "https://sqs.eu-central-1.amazonaws.com/123456789012/roster.fifo\n"},
    {"a key that such a section will not have", LEAST "[Queue]\nDANCE = x\n",
     "ROSTER_CONFIG:10: [Queue] DANCE: there is no such key; use one of URL, CONCURRENCY, "
     "SWEEP_URL\n"},
    {"a key before any section", "RATE = 2\n" LEAST,
     "ROSTER_CONFIG:1: RATE: it stands before any section; put it below [Connect]\n"},
    {"a line without '='", LEAST "[Connect]\nRATE\n",
     "ROSTER_CONFIG:10: [Connect] RATE: a line is '[section]', 'KEY = value' or a comment\n"},
    {"a line without '=' that nobody knows", LEAST "hush-s3cret\n",
     "ROSTER_CONFIG:9: a line is '[section]', 'KEY = value' or a comment\n"},
    {"a broken section keeps its keys to itself",
     "[OKTA]\nAPP_NAME=a\n[Connect\nINSTANCE_ID=i\n"
     "SECURITY_PROFILE_IDS=s\nROUTING_PROFILE_ID=r\n[Store]\nPATH=/x",
     "ROSTER_CONFIG:3: '[Connect': a section ends with ']'\n"},
    {"a repeated key", LEAST "[connect]\nrate = 2\nRATE = 3\n",
     "ROSTER_CONFIG:11: [connect] RATE: it is set already in line 10; keep one of them\n"},
    {"secret and secret's file", LEAST "[OKTA]\nHOOK_SECRET_FILE = /x\nHOOK_SECRET = hush\n",
     "ROSTER_CONFIG:10: [OKTA] HOOK_SECRET_FILE: open /x: No such file or directory; use the path "
     "of a file that holds the secret\n"
     "ROSTER_CONFIG:11: [OKTA] HOOK_SECRET: HOOK_SECRET_FILE is set in line 10, too; keep one, "
     "best HOOK_SECRET_FILE\n"},
    {"a secret's file that is not there", LEAST "[OKTA]\nHOOK_SECRET_FILE = /nowhere/secret\n",
     "ROSTER_CONFIG:10: [OKTA] HOOK_SECRET_FILE: open /nowhere/secret: No such file or directory; "
     "use the path of a file that holds the secret\n"},
    {"a secret's file that is a folder", LEAST "[OKTA]\nHOOK_SECRET_FILE = /\n",
     "ROSTER_CONFIG:10: [OKTA] HOOK_SECRET_FILE: / is a folder, not a file\n"},
    {"a secret that is empty", LEAST "[OKTA]\nHOOK_SECRET = \"\"\n",
     "ROSTER_CONFIG:10: [OKTA] HOOK_SECRET: the secret is empty\n"},
    {"a secret with outer blanks", LEAST "[OKTA]\nHOOK_SECRET = \" hush\"\n",
     "ROSTER_CONFIG:10: [OKTA] HOOK_SECRET: the secret begins or ends with a blank, which a header "
     "does not carry\n"},
    {"a secret's ARN",
     LEAST "[OKTA]\nHOOK_SECRET = arn:aws:secretsmanager:eu-west-1:123456789012:secret:x\n",
     "ROSTER_CONFIG:10: [OKTA] HOOK_SECRET: it is the ARN of a secret, and counts on AWS Lambda "
     "only\n"},
    {"only the previous secret", LEAST "[OKTA]\nHOOK_SECRET_PREVIOUS = hush\n",
     "ROSTER_CONFIG:10: [OKTA] HOOK_SECRET_PREVIOUS: it needs [OKTA] HOOK_SECRET, which is "
     "missing\n"},
    {"quotes that stay open", LEAST "[Alert]\nCOMMAND = \"a\n",
     "ROSTER_CONFIG:10: [Alert] COMMAND: its quotes are not closed, or text stands behind them; "
     "use "
     "a command line for /bin/sh -c, as in /usr/local/bin/page-me\n"},
    {"an empty value", LEAST "[OKTA]\nGROUP_NAME =\n",
     "ROSTER_CONFIG:10: [OKTA] GROUP_NAME: the name is empty; use a name of 1 to 255 characters, "
     "as "
     "in Connect Agents\n"},
    {"a certificate without a key", LEAST "[Server]\nTLS_CERT = /\n",
     "ROSTER_CONFIG:10: [Server] TLS_CERT: it needs [Server] TLS_KEY, which is missing\n"},
    {"a key without a certificate", LEAST "[Server]\nTLS_KEY = /\n",
     "ROSTER_CONFIG:10: [Server] TLS_KEY: it needs [Server] TLS_CERT, which is missing\n"},
    {"TLS files that are not there", LEAST "[Server]\nTLS_KEY = /no\nTLS_CERT = /nowhere\n",
     "ROSTER_CONFIG:10: [Server] TLS_KEY: open /no: No such file or directory\n"
     "ROSTER_CONFIG:11: [Server] TLS_CERT: open /nowhere: No such file or directory\n"},
    {"a region that contradicts the ARN",
     "[OKTA]\nAPP_NAME=a\n[Connect]\nREGION=us-east-1\nINSTANCE_ID=arn:aws:connect:eu-west-2:"
     "123456789012:instance/i\nSECURITY_PROFILE_IDS=s\nROUTING_PROFILE_ID=r\n[Store]\nPATH=/x",
     "ROSTER_CONFIG:4: [Connect] REGION: 'us-east-1' contradicts the ARN of INSTANCE_ID, which has "
     "eu-west-2; use the name of an AWS region, as in eu-central-1\n"},
    {"nobody in scope",
     "[Connect]\nINSTANCE_ID=i\nSECURITY_PROFILE_IDS=s\nROUTING_PROFILE_ID=r\n"
     "[Store]\nPATH=/x",
     "ROSTER_CONFIG: [OKTA] APP_NAME and GROUP_NAME are missing; use the name of an application, "
     "of "
     "a group, or both, or write [Mapping NAME] sections\n"},
    {"nothing at all", "[Store]\nPATH=/x",
     "ROSTER_CONFIG: [Connect] INSTANCE_ID is missing; use the id (1 to 100 printable characters) "
     "or the ARN of an Amazon Connect instance, as in arn:aws:connect:eu-central-1:123456789012:"
     "instance/8e4dc5a1-0122-4131-adc2-a0ebe5a2b2a7\n"
     "ROSTER_CONFIG: [Connect] SECURITY_PROFILE_IDS is missing; use 1 to 10 different ids, "
     "separated by commas, each of 1 to 100 printable characters, as in "
     "12345678-1234-2345-abd8-0aa7f5b46852, 65345678-1234-2345-abd8-0aa7f5b46852\n"
     "ROSTER_CONFIG: [Connect] ROUTING_PROFILE_ID is missing; use an id of 1 to 100 printable "
     "characters, as in 87654321-69fb-43b6-a5e6-f8666ac189cb\n"
     "ROSTER_CONFIG: [OKTA] APP_NAME and GROUP_NAME are missing; use the name of an application, "
     "of "
     "a group, or both, or write [Mapping NAME] sections\n"},
    {"several, by line",
     "[Connect]\nRATE = 0\nNONSENSE = x\nINSTANCE_ID = i\nSECURITY_PROFILE_IDS = s\n"
     "[OKTA]\nSETTLE = x\nAPP_NAME = a\n[Store]\nPATH = /x\n",
     "ROSTER_CONFIG:2: [Connect] RATE: '0' is not between 0.001 and 1000000; use a number above 0, "
     "then for single operations OPERATION:NUMBER, separated by commas, as in 2, DescribeUser:10\n"
     "ROSTER_CONFIG:3: [Connect] NONSENSE: there is no such key; use one of INSTANCE_ID, "
     "SECURITY_PROFILE_IDS, ROUTING_PROFILE_ID, REGION, PHONE_TYPE, RATE, BURST, "
     "ON_EXISTING, ON_REMOVE, REMOVAL_GRACE, MAX_REMOVALS, MAX_CHANGES, ON_RENAME, "
     "PARKED_SECURITY_PROFILE, PARKED_ROUTING_PROFILE, MAX_WAIT, MAX_AGENTS, RECONCILE_EVERY\n"
     "ROSTER_CONFIG:7: [OKTA] SETTLE: 'x' is no duration; use a whole number with s, m, h or d "
     "behind it, from 0s to 1h, as in 5s\n"
     "ROSTER_CONFIG: [Connect] ROUTING_PROFILE_ID is missing; use an id of 1 to 100 printable "
     "characters, as in 87654321-69fb-43b6-a5e6-f8666ac189cb\n"},
    {"a line that is no text", LEAST "[OKTA]\nHOOK_SECRET = hush\xff\n",
     "ROSTER_CONFIG:10: [OKTA] HOOK_SECRET: the line is no UTF-8 text or has control characters\n"},
};

static void mistakes_are_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(mistakes); i++) {
        struct loaded l = load(mistakes[i].text, NULL, NULL);

        if (l.err != ERR_INPUT || l.s != NULL || strcmp(l.all, mistakes[i].expected) != 0)
            fail_msg("%s: %d:\n%s\nexpected:\n%s", mistakes[i].name, (int)l.err, l.all,
                     mistakes[i].expected);
        if (strstr(l.all, "hush") != NULL || strchr(l.all, '`') != NULL)
            fail_msg("%s: %s", mistakes[i].name, l.all);
        loaded_done(&l);
    }
}

/* Values of one key each, and a part of the message. */
static const struct value_row {
    const char *option, *needle;
} values[] = {
    {"Connect.RATE=fast", "'fast' is no number"},
    {"Connect.RATE=1e3", "'1e3' is no number"},
    {"Connect.RATE=-1", "'-1' is no number"},
    {"Connect.RATE=", "'' is no number"},
    {"Connect.RATE=2,", "'' is no number"},
    {"Connect.RATE=2, 3", "two numbers without an operation"},
    {"Connect.RATE=DescribUser:1", "did you mean DescribeUser?"},
    {"Connect.RATE=Dance:1", "'Dance' is no operation"},
    {"Connect.RATE=DescribeUser:1, describeuser:2", "DescribeUser is there twice"},
    {"Connect.RATE=\"2", "quotes"},
    {"Connect.BURST=0.5", "'0.5' is not between 1 and"},
    {"Connect.BURST=-1", "BURST"},
    {"Store.KEEP_EVENTS=a month", "'a month' is no duration"},
    {"Connect.PHONE_TYPE=PIGEON", "use SOFT_PHONE or DESK_PHONE"},
    {"Server.LISTEN=localhost", "'localhost' has no port"},
    {"Server.LISTEN=127.0.0.1:99999", "no port from 0 to 65535"},
    {"Server.LISTEN=::1:80", "no host"},
    {"Server.LISTEN=unix:sock", "absolute path"},
    {"Connect.SECURITY_PROFILE_IDS=a, , b", "an id is empty"},
    {"Connect.SECURITY_PROFILE_IDS=a, b, a", "'a' is there twice"},
    {"Connect.SECURITY_PROFILE_IDS=1,2,3,4,5,6,7,8,9,10,11", "more than 10"},
    {"Connect.INSTANCE_ID=arn:aws:s3:::bucket", "no ARN of an Amazon Connect instance"},
    {"Connect.INSTANCE_ID=arn:aws:connect:eu-west-1:123456789012:instance/i/agent/a",
     "something within an instance"},
    {"Connect.ROUTING_PROFILE_ID=arn:aws:connect:eu-west-1:1:instance/i/routing-profile/r",
     "behind its last '/'"},
    {"Connect.REGION=Frankfurt", "'Frankfurt' is no region"},
    {"Connect.REGION=eu-west-1.evil.example/", "no region"},
    {"Roster.NAME=import", "imported agents"},
    {"Roster.NAME=a*b", "cannot be written into a tag"},
    {"OKTA.HOOK_HEADER=a b", "no header's name"},
    {"OKTA.APP_NAME=a\nb", "control characters"},
    {"OKTA.APP_NAME=a\xff", "no UTF-8 text"},
    {"OKTA.HOOK_SECRET=hush", "a secret does not belong on a command line"},
    {"OKTA.API_TOKEN=hush", "a secret does not belong on a command line"},
    {"OKTA.HOOK_SECRET_FILE=/nowhere", "open /nowhere"},
    {"Connect.RAET=2", "--set Connect.RAET: there is no such key; did you mean RATE?"},
    {"Alert.DANCE=2", "--set Alert.DANCE: there is no such key; use one of COMMAND\n"},
    {"Dance.RATE=2", "--set Dance.RATE: there is no section [Dance]\n"},
    {"Conect.RATE=2", "--set Conect.RATE: there is no section [Conect]; did you mean [Connect]?"},
    {"RATE=2", "--set RATE: use Section.KEY=value"},
    {"Connect.RATE", "--set Connect.RATE: use Section.KEY=value"},
    {"", "--set : use Section.KEY=value"},
    {"Queue.URL=https://sqs.eu-central-1.amazonaws.com/1/x", "the name of a FIFO queue"},
    {"Queue.URL=https://sqs.eu-central-1.amazonaws.com/x.fifo", "the name of a FIFO queue"},
    {"Queue.URL=https://sqs.eu-central-1.amazonaws.com/1/.fifo", "the name of a FIFO queue"},
    {"Queue.URL=https://sqs.eu-central-1.amazonaws.com/1/x.fifo?y", "the name of a FIFO queue"},
    {"Queue.URL=https://sqs.eu-central-1.amazonaws.com/1/x.fifo/", "the name of a FIFO queue"},
    {"Queue.URL=http://sqs.eu-central-1.amazonaws.com/1/x.fifo", "is not encrypted"},
    {"Queue.URL=x.fifo", "URL"},
    {"Mapping Claims.GROUP=x",
     "--set Mapping Claims.GROUP: rules are set only by the [Mapping …] sections of a config.ini"},
    {"Connect.HIERARCHY_GROUP=x", "--set Connect.HIERARCHY_GROUP: there is no such key"},
    {"OKTA.PRIVATE_KEY=hush", "a secret does not belong on a command line"},
    {"OKTA.USERNAME=agent", "it is the same for everybody"},
    {"OKTA.USERNAME=${user.}", "no name of an attribute"},
    {"OKTA.USERNAME=${user.login", "no closing '}'"},
    {"OKTA.CATCH_UP_EVERY=0s", "'0s' is not between 1s and 1d"},
    {"Connect.MAX_REMOVALS=20 percent", "'20 percent' is no number"},
    {"Connect.MAX_CHANGES=10%, 20%", "two percentages"},
    {"Connect.ON_REMOVE=disables", "use keep, disable or delete"},
    {"Connect.ON_RENAME=swap", "use hold, keep or replace"},
    {"Connect.MAX_AGENTS=0", "'0' is not between 1 and 9999999"},
    {"Connect.RECONCILE_EVERY=daily", "'daily' is no duration"},
};

static void values_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(values); i++) {
        struct loaded l = load(LEAST, NULL, (const char *const[]){values[i].option, NULL});

        if (l.err != ERR_INPUT || l.mistakes.n != 1 || strstr(l.all, values[i].needle) == NULL ||
            strstr(l.all, "hush") != NULL)
            fail_msg("%s: %s", values[i].option, l.all);
        loaded_done(&l);
    }
}

static const struct value_row variables[] = {
    {"ROSTER_CONNECT_RAET=2",
     "environment: ROSTER_CONNECT_RAET: there is no such setting; did you mean "
     "ROSTER_CONNECT_RATE?\n"},
    {"ROSTER_OKTA_HOOK_SECRET_FIEL=/x",
     "environment: ROSTER_OKTA_HOOK_SECRET_FIEL: there is no such setting; did you mean "
     "ROSTER_OKTA_HOOK_SECRET_FILE?\n"},
    {"ROSTER_X=2",
     "environment: ROSTER_X: there is no such setting; a variable is ROSTER_<SECTION>_<KEY>, as in "
     "ROSTER_CONNECT_RATE\n"},
    {"ROSTER_MAPPING_SALES_GROUP=x",
     "environment: ROSTER_MAPPING_SALES_GROUP: rules are set only by the [Mapping …] sections "
     "of a config.ini\n"},
    {"ROSTER_OKTA_SETTLE=3", "environment: ROSTER_OKTA_SETTLE: '3' has no unit; use a whole number "
                             "with s, m, h or d behind "
                             "it, from 0s to 1h, as in 5s\n"},
    {"ROSTER_OKTA_HOOK_SECRET=hush\n",
     "environment: ROSTER_OKTA_HOOK_SECRET: the secret has control characters, which a header does "
     "not carry\n"},
};

static void variables_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(variables); i++) {
        struct loaded l = load(LEAST, (const char *const[]){variables[i].option, NULL}, NULL);

        if (l.err != ERR_INPUT || strcmp(l.all, variables[i].needle) != 0)
            fail_msg("%s: %s", variables[i].option, l.all);
        loaded_done(&l);
    }
}

static void twice_in_one_source_is_refused(void **state)
{
    struct loaded l =
        load(LEAST, (const char *const[]){"ROSTER_CONNECT_RATE=2", "ROSTER_connect_RATE=3", NULL},
             (const char *const[]){"Connect.BURST=5", "Connect.BURST=6", NULL});

    (void)state;
    assert_int_equal(l.err, ERR_INPUT);
    assert_string_equal(l.all,
                        "environment: ROSTER_connect_RATE: it is set already; keep one of them\n"
                        "--set Connect.BURST: it is set already; keep one of them\n");
    loaded_done(&l);
}

static void a_text_that_cannot_be_read_is_the_only_mistake(void **state)
{
    static const struct value_row rows[] = {
        {"/nowhere/config.ini",
         "open /nowhere/config.ini: No such file or directory; use the path of a config.ini of at "
         "most 1048576 bytes\n"},
        {"arn:aws:ssm:eu-west-1:123456789012:parameter/roster",
         "environment: ROSTER_CONFIG: an ARN counts on AWS Lambda only; use the path of a "
         "config.ini, or its whole text\n"},
        {"/", "/ is a folder, not a file; use the path of a config.ini of at most 1048576 bytes\n"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct loaded l = load(NULL, (const char *const[]){rows[i].option, NULL}, NULL);

        loaded_done(&l);
        l = load(rows[i].option + strlen(""), NULL, NULL);
        assert_int_equal(l.err, ERR_INPUT);
        assert_string_equal(l.all, rows[i].needle);
        loaded_done(&l);
    }
}

static void only_so_many_are_kept(void **state)
{
    struct buf text;
    struct loaded l;

    (void)state;
    buf_init(&text, 1 << 20);
    buf_add_str(&text, LEAST);
    for (int i = 0; i < 10000; i++)
        buf_printf(&text, "NONSENSE_%d = x\n", i);
    l = load(text.p, NULL, NULL);
    assert_int_equal(l.mistakes.n, MISTAKES_KEPT + 1);
    assert_string_equal(l.mistakes.lines[MISTAKES_KEPT], "and more; these come first");
    loaded_done(&l);
    buf_done(&text);
}

static void what_is_shown_is_one_line(void **state)
{
    static const struct shown_row {
        const char *text, *expected;
    } rows[] = {
        {"a\nb\x7f\xc3\xa9", "a?b?\xc3\xa9"},
        {"\xff\xc3\xa9", "???"},
        {"", ""},
        {"123456789012345678901234567890123456789012345678901234567890",
         "123456789012345678901234567890123456789012345678901234567890"},
        {"123456789012345678901234567890123456789012345678901234567890!",
         "123456789012345678901234567890123456789012345678901234567890..."},
    };
    char buffer[SHOWN_SIZE];
    struct buf wide;

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++)
        assert_string_equal(shown(span_of(rows[i].text), buffer), rows[i].expected);
    buf_init(&wide, 4096);
    for (int i = 0; i < 100; i++)
        buf_add_str(&wide, "\xf0\x9f\x8e\xa7");
    assert_int_equal(strlen(shown(buf_span(&wide), buffer)), 60 * 4 + 3);
    buf_done(&wide);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes_are_told),
        cmocka_unit_test(values_are_refused),
        cmocka_unit_test(variables_are_refused),
        cmocka_unit_test(twice_in_one_source_is_refused),
        cmocka_unit_test(a_text_that_cannot_be_read_is_the_only_mistake),
        cmocka_unit_test(only_so_many_are_kept),
        cmocka_unit_test(what_is_shown_is_one_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
