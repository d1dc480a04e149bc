#include "cmd/commands.h"
#include "cmd/doctor.h"

static const struct option_row options[] = {
    {"json", NULL, "one JSON object a line"},
    {NULL, NULL, NULL},
};

static enum exit_code run(struct invocation *i)
{
    struct doctor d = {
        .i = i, .to = i->out, .style = i->style, .is_json = options_has(&i->options, "json")};
    enum exit_code code = open_settings(i, &d.o.settings);

    if (code != EXIT_DONE) {
        doctor_tell(&d, DOCTOR_WRONG, "configuration",
                    "mend the mistakes above; nothing else was looked at");
        return code;
    }
    d.o.rules = &d.o.settings->rules;
    d.o.pinned = pinned_names(NULL, 0);
    doctor_tell(&d, DOCTOR_GOOD, "configuration", "%.*s; 'roster check' shows how it is understood",
                SPAN_ARG(d.o.settings->origin));
    doctor_look_here(&d);
    doctor_look_at_aws(&d);
    doctor_look_at_okta(&d);
    if (!d.is_json && d.n_wrong == 0)
        (void)fputs("\nnothing is wrong\n", i->out);
    else if (!d.is_json)
        (void)fprintf(i->out, "\n%zu %s wrong\n", d.n_wrong,
                      d.n_wrong == 1 ? "thing is" : "things are");
    connect_line_done(&d.line);
    open_done(&d.o);
    return d.n_wrong > 0 ? EXIT_FAILED : EXIT_DONE;
}

const struct command cmd_doctor = {
    .name = "doctor",
    .help = "tries everything that Roster needs, and says what is wrong and what to do",
    .arguments = "",
    .about =
        "Looks at configuration, secrets, store, audit log and TLS; at the credentials, the "
        "instance, the\n"
        "clock, each right that the configuration needs, the names in the rules and the quota of "
        "users;\n"
        "and at Okta's API, its scopes, the applications and groups by name, and the event hook. "
        "One line\n"
        "each, a wrong one with what to do; exit code 1 then.\n"
        "\n"
        "Nothing is changed. A right is tried on an agent that does not exist, or with a user name "
        "that no\n"
        "user can have.",
    .options = options,
    .run = run,
};
