#include "cmd/commands.h"
#include "cmd/completion.h"

enum { TEXT_LIMIT = 1024 * 1024 };

static const struct option_row options[] = {{NULL, NULL, NULL}};

static enum exit_code run(struct invocation *i)
{
    const char *name = i->options.arguments[0];
    enum shell shell;
    struct buf text;

    if (!completion_shell(span_of(name), &shell))
        return command_misused(i, "completion is made for bash, zsh and fish, not for '%s'", name);
    buf_init(&text, TEXT_LIMIT);
    completion_add(&text, shell, i->commands);
    (void)fputs(text.p, i->out); /* flushing tells */
    buf_done(&text);
    return EXIT_DONE;
}

const struct command cmd_completion = {
    .name = "completion",
    .help = "prints what a shell needs to complete commands and options",
    .arguments = "bash | zsh | fish",
    .about = "Put what it prints where the shell looks:\n"
             "\n"
             "  roster completion bash > /etc/bash_completion.d/roster\n"
             "  roster completion zsh  > /usr/local/share/zsh/site-functions/_roster\n"
             "  roster completion fish > ~/.config/fish/completions/roster.fish",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
