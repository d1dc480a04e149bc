#include <stdlib.h>
#include <string.h>

#include "aws/endpoint.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cmd/commands.h"
#include "cmd/open.h"
#include "cmd/policy.h"
#include "cmd/surroundings.h"

enum { TEXT_LIMIT = 1024 * 1024, ACCOUNT_DIGITS = 12 };

static const struct option_row options[] = {
    {"account", "NUMBER", "the account of the instance, where [Connect] INSTANCE_ID is no ARN"},
    {"admin-profile", "ID", "a security profile that nobody may ever be given: a denial of it"},
    {"tools", NULL, "also what 'import', 'export', 'plan' and 'doctor' need besides"},
    {NULL, NULL, NULL},
};

/* Names that the store has pinned make the policy narrower; without a store there are none. */
static void read_pins(const struct invocation *i, struct opened *o)
{
    char *file = mem_dup(o->settings->store_file);
    struct pin *pins = NULL;
    size_t n = 0;
    struct fail fail;

    if (file[0] != '\0' && fs_exists(file) &&
        (store_open(file, STORE_READ, &o->store, &fail) != ERR_NONE ||
         store_pins(o->store, &o->arena, &pins, &n, &fail) != ERR_NONE))
        command_complain(i, "note: names are not looked up in the store: %s", fail.text);
    o->pinned = pinned_names(pins, n);
    free(file);
}

static void print_notes(const struct invocation *i, const struct policy_ask *ask,
                        const struct policy_about *about)
{
    if (span_eq(ask->account, SPAN("*")))
        command_complain(i, "note: the account is not known, so '*' stands for it; give --account, "
                            "or INSTANCE_ID as an ARN");
    if (!about->names_all_profiles && ask->admin_profile.n == 0)
        command_complain(i,
                         "note: not all profiles that the rules give are known by their ids, so "
                         "'*' stands for them; --admin-profile ID sees to it that nobody becomes "
                         "an administrator");
    if (about->size > POLICY_SIZE_MAX)
        command_complain(i,
                         "note: it has %zu characters, and a managed policy may have %d: make two "
                         "of it",
                         about->size, POLICY_SIZE_MAX);
}

static void print(const struct invocation *i, const struct policy_ask *ask)
{
    struct policy_about about;
    struct buf text;

    buf_init(&text, TEXT_LIMIT);
    policy_add(&text, ask, &about);
    (void)fputs(text.p, i->out); /* flushing tells */
    buf_done(&text);
    print_notes(i, ask, &about);
}

static bool is_account(const char *text)
{
    return strlen(text) == ACCOUNT_DIGITS && strspn(text, "0123456789") == ACCOUNT_DIGITS;
}

static enum exit_code run(struct invocation *i)
{
    const char *account = options_value(&i->options, "account");
    const char *admin = options_value(&i->options, "admin-profile");
    struct policy_ask ask = {.has_tools = options_has(&i->options, "tools")};
    struct surroundings around;
    struct opened o = {0};
    struct fail fail;
    enum exit_code code;
    enum err err;

    if (account != NULL && !is_account(account))
        return command_misused(i, "--account is a number of 12 digits, not '%s'", account);
    code = open_settings(i, &o.settings);
    if (code != EXIT_DONE)
        return code;
    err = surroundings_open(o.settings, i->environment, true, &around, &fail);
    if (err == ERR_NONE) {
        read_pins(i, &o);
        ask.settings = o.settings;
        ask.names = &o.pinned.names;
        ask.region = span_of(aws_region(around.aws));
        ask.partition = o.settings->partition.n > 0 ? o.settings->partition
                                                    : span_of(endpoint_partition(ask.region));
        ask.account = o.settings->account.n > 0 ? o.settings->account : SPAN("*");
        if (account != NULL)
            ask.account = span_of(account);
        ask.admin_profile = span_of(admin == NULL ? "" : admin);
        print(i, &ask);
    } else {
        command_complain(i, "%s", fail.text);
        code = err == ERR_INPUT ? EXIT_BAD_CONFIG : EXIT_FAILED;
    }
    surroundings_done(&around);
    open_done(&o);
    return code;
}

const struct command cmd_policy = {
    .name = "policy",
    .help = "prints the least IAM policy that this configuration needs",
    .arguments = "",
    .about =
        "As JSON, for the user or the role whose credentials Roster has: the calls that the rules "
        "and\n"
        "settings lead to, on this instance, and only the profiles that the rules give. Print it "
        "again\n"
        "when those change; keep what is no longer in it until people have been changed.\n"
        "\n"
        "A profile that a rule names is known by its id once a daemon has read the names; until "
        "then,\n"
        "and where a rule takes it from an attribute, '*' stands for it. Nothing is contacted.",
    .options = options,
    .run = run,
};
