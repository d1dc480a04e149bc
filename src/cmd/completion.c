#include "cmd/completion.h"

#include <string.h>

#include "cmd/help.h"

bool completion_shell(struct span name, enum shell *out)
{
    static const char *const names[SHELLS] = {
        [SHELL_BASH] = "bash", [SHELL_ZSH] = "zsh", [SHELL_FISH] = "fish"};

    for (int s = 0; s < SHELLS; s++) {
        if (!span_eq(name, span_of(names[s])))
            continue;
        *out = (enum shell)s;
        return true;
    }
    return false;
}

static bool is_lower(struct span word)
{
    for (size_t i = 0; i < word.n; i++)
        if ((word.p[i] < 'a' || word.p[i] > 'z') && word.p[i] != '-')
            return false;
    return word.n > 0 && word.p[0] != '-';
}

bool completion_word(struct span *rest, struct span *word)
{
    while (rest->n > 0) {
        size_t n = strcspn(rest->p, " []|");

        n = n < rest->n ? n : rest->n;
        *word = (struct span){rest->p, n};
        *rest = (struct span){rest->p + n, rest->n - n};
        while (rest->n > 0 && strchr(" []|", rest->p[0]) != NULL)
            *rest = (struct span){rest->p + 1, rest->n - 1};
        if (is_lower(*word))
            return true;
    }
    return false;
}

bool completion_is_file(const char *argument)
{
    return argument != NULL && strstr(argument, "FILE") != NULL;
}

/* ---- bash ---- */

static void add_option_words(struct buf *out, const struct option_row *rows)
{
    for (; rows->name != NULL; rows++)
        buf_printf(out, " --%s", rows->name);
}

/* Options behind which a file stands, or any value: what follows them is not an argument. */
static void add_valued(struct buf *out, const struct option_row *rows, bool files)
{
    for (; rows->name != NULL; rows++)
        if (rows->argument != NULL && completion_is_file(rows->argument) == files)
            buf_printf(out, "|--%s", rows->name);
}

static void add_all_valued(struct buf *out, const struct command *const *commands, bool files)
{
    add_valued(out, help_common_options, files);
    for (size_t i = 0; commands[i] != NULL; i++)
        add_valued(out, commands[i]->options, files);
}

static void add_command_names(struct buf *out, const struct command *const *commands)
{
    for (size_t i = 0; commands[i] != NULL; i++)
        buf_printf(out, "%s ", commands[i]->name);
    buf_add_str(out, "help");
}

static void add_bash_command(struct buf *out, const struct command *c)
{
    struct span rest = span_of(c->arguments), word;

    buf_printf(out, "    %s)\n        words=\"", c->name);
    for (bool is_first = true; completion_word(&rest, &word); is_first = false)
        buf_printf(out, "%s%.*s", is_first ? "" : " ", SPAN_ARG(word));
    buf_add_str(out, "\"\n        options=\"$common");
    add_option_words(out, c->options);
    buf_add_str(out, "\"\n");
    if (completion_is_file(c->arguments))
        buf_add_str(out, "        files=yes\n");
    buf_add_str(out, "        ;;\n");
}

/* The first word that is neither an option nor an option's value is the command, the next one its
 * argument. */
static void add_bash(struct buf *out, const struct command *const *commands)
{
    buf_add_str(out,
                "# bash completion for roster, made by 'roster completion bash'\n"
                "_roster() {\n"
                "    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}"
                "\n"
                "    local command= argument= words= options= files= i\n"
                "    local common=\"");
    add_option_words(out, help_common_options);
    buf_add_str(out, "\"\n    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                     "        case ${COMP_WORDS[i]} in\n        =");
    add_all_valued(out, commands, true);
    add_all_valued(out, commands, false);
    buf_add_str(out, ") ((i++)) ;;\n        -*) ;;\n"
                     "        *) if [[ -z $command ]]; then command=${COMP_WORDS[i]}; "
                     "else argument=${COMP_WORDS[i]}; fi ;;\n"
                     "        esac\n    done\n    case $before in\n    =");
    add_all_valued(out, commands, true);
    buf_add_str(out, ")\n        compopt -o filenames\n"
                     "        mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
                     "        return ;;\n    =");
    add_all_valued(out, commands, false);
    buf_add_str(out, ")\n        COMPREPLY=()\n        return ;;\n    esac\n"
                     "    case $command in\n    \"\")\n        words=\"");
    add_command_names(out, commands);
    buf_add_str(out, "\"\n        options=\"$common");
    add_option_words(out, help_program_options);
    buf_add_str(out, "\"\n        ;;\n    help)\n        words=\"");
    add_command_names(out, commands);
    buf_add_str(out, "\"\n        ;;\n");
    for (size_t i = 0; commands[i] != NULL; i++)
        add_bash_command(out, commands[i]);
    buf_add_str(out, "    esac\n"
                     "    if [[ $current == -* ]]; then\n"
                     "        mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$current\")\n"
                     "    elif [[ -n $words && -z $argument ]]; then\n"
                     "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
                     "    elif [[ -n $files && -z $argument ]]; then\n"
                     "        compopt -o filenames\n"
                     "        mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
                     "    fi\n"
                     "}\n"
                     "complete -F _roster roster\n");
}

/* ---- zsh ---- */

/* Within single quotes of a specification of _arguments: ' ends the quotes, \ [ ] : mean something.
 */
static void add_zsh_text(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            buf_add_str(out, "'\\''");
        else if (strchr("\\[]:", *text) != NULL)
            buf_printf(out, "\\%c", *text);
        else
            buf_add_char(out, *text);
    }
}

static void add_zsh_options(struct buf *out, const struct option_row *rows, const char *indent)
{
    for (; rows->name != NULL; rows++) {
        buf_printf(out, "%s'--%s[", indent, rows->name);
        add_zsh_text(out, rows->help);
        buf_add_char(out, ']');
        if (rows->argument != NULL) {
            buf_add_char(out, ':');
            add_zsh_text(out, rows->argument);
            buf_add_str(out, completion_is_file(rows->argument) ? ":_files" : ": ");
        }
        buf_add_str(out, "' \\\n");
    }
}

static void add_zsh_command(struct buf *out, const struct command *c)
{
    struct span rest = span_of(c->arguments), word;
    bool is_first = true;

    buf_printf(out, "    %s)\n        _arguments $common \\\n", c->name);
    add_zsh_options(out, c->options, "            ");
    while (completion_word(&rest, &word)) {
        buf_printf(out, "%s%.*s", is_first ? "            '1:what:(" : " ", SPAN_ARG(word));
        is_first = false;
    }
    if (!is_first)
        buf_add_str(out, ")'\n        ;;\n");
    else if (completion_is_file(c->arguments))
        buf_add_str(out, "            '1:file:_files'\n        ;;\n");
    else
        buf_add_str(out, "            '*: : '\n        ;;\n");
}

static void add_zsh(struct buf *out, const struct command *const *commands)
{
    buf_add_str(out, "#compdef roster\n"
                     "# zsh completion for roster, made by 'roster completion zsh'\n"
                     "_roster() {\n"
                     "    local -a commands common\n"
                     "    local context state state_descr line\n"
                     "    typeset -A opt_args\n"
                     "    commands=(\n");
    for (size_t i = 0; commands[i] != NULL; i++) {
        buf_printf(out, "        '%s:", commands[i]->name);
        add_zsh_text(out, commands[i]->help);
        buf_add_str(out, "'\n");
    }
    buf_add_str(out, "        'help:shows the help'\n    )\n    common=(\n");
    for (const struct option_row *row = help_common_options; row->name != NULL; row++) {
        struct option_row one[] = {*row, {NULL, NULL, NULL}};

        add_zsh_options(out, one, "        ");
        buf_cut(out, out->n - 3); /* an array needs no line to go on */
        buf_add_char(out, '\n');
    }
    buf_add_str(out, "    )\n"
                     "    _arguments -C $common '--version[shows the version and ends]' \\\n"
                     "        '1:command:->command' '*::argument:->argument'\n"
                     "    case $state in\n"
                     "    command) _describe command commands; return ;;\n"
                     "    esac\n"
                     "    case $line[1] in\n"
                     "    help) _describe command commands ;;\n");
    for (size_t i = 0; commands[i] != NULL; i++)
        add_zsh_command(out, commands[i]);
    buf_add_str(out, "    esac\n}\n"
                     "if [[ $funcstack[1] == _roster ]]; then _roster \"$@\"; "
                     "else compdef _roster roster; fi\n");
}

/* ---- fish ---- */

/* Within single quotes ' and \ are escaped:
 * https://fishshell.com/docs/current/language.html#quotes */
static void add_fish_text(struct buf *out, const char *text)
{
    buf_add_char(out, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'' || *text == '\\')
            buf_add_char(out, '\\');
        buf_add_char(out, *text);
    }
    buf_add_char(out, '\'');
}

static void add_fish_options(struct buf *out, const struct option_row *rows, const char *command)
{
    for (; rows->name != NULL; rows++) {
        buf_add_str(out, "complete -c roster");
        if (command != NULL)
            buf_printf(out, " -n '__fish_seen_subcommand_from %s'", command);
        buf_printf(out, " -l %s%s -d ", rows->name,
                   rows->argument == NULL               ? ""
                   : completion_is_file(rows->argument) ? " -r -F"
                                                        : " -x");
        add_fish_text(out, rows->help);
        buf_add_char(out, '\n');
    }
}

static void add_fish_command(struct buf *out, const struct command *c)
{
    struct span rest = span_of(c->arguments), word;

    buf_printf(out, "complete -c roster -n __fish_use_subcommand -a %s -d ", c->name);
    add_fish_text(out, c->help);
    buf_add_char(out, '\n');
    while (completion_word(&rest, &word))
        buf_printf(out, "complete -c roster -n '__fish_seen_subcommand_from %s' -a %.*s\n", c->name,
                   SPAN_ARG(word));
    if (completion_is_file(c->arguments))
        buf_printf(out, "complete -c roster -n '__fish_seen_subcommand_from %s' -F\n", c->name);
    add_fish_options(out, c->options, c->name);
}

static void add_fish(struct buf *out, const struct command *const *commands)
{
    buf_add_str(out, "# fish completion for roster, made by 'roster completion fish'\n"
                     "complete -c roster -f\n");
    add_fish_options(out, help_common_options, NULL);
    buf_add_str(out, "complete -c roster -n __fish_use_subcommand -l version -d 'shows the version "
                     "and ends'\n"
                     "complete -c roster -n __fish_use_subcommand -a help -d 'shows the help'\n"
                     "complete -c roster -n '__fish_seen_subcommand_from help' -a '");
    add_command_names(out, commands);
    buf_add_str(out, "'\n");
    for (size_t i = 0; commands[i] != NULL; i++)
        add_fish_command(out, commands[i]);
}

void completion_add(struct buf *out, enum shell shell, const struct command *const *commands)
{
    if (shell == SHELL_BASH)
        add_bash(out, commands);
    else if (shell == SHELL_ZSH)
        add_zsh(out, commands);
    else
        add_fish(out, commands);
}
