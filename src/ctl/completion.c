/*
 * Completion of verbs, options and the words that options take. Names of destinations are not
 * completed: asking the daemon at each press of a key may cost more than it helps.
 */

#include <stdio.h>
#include <string.h>

#include "src/ctl/completion_internal.h"
#include "src/ctl/help_internal.h"

#define MADE_BY "completion for eqmgrctl(8), made by \"eqmgrctl completion %s\"\n"

/* Within single quotes; what else is special there gets a backslash. */
static void put_escaped(GString *out, const char *text, const char *special)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            g_string_append(out, "'\\'");
        else if (strchr(special, *text) != NULL)
            g_string_append_c(out, '\\');
        g_string_append_c(out, *text);
    }
}

static char *verbs_in_a_line(void)
{
    GString *out = g_string_new(NULL);
    const Command *command;

    for (unsigned i = 0; (command = command_at(i)) != NULL; i++)
        g_string_append_printf(out, "%s%s", i > 0 ? " " : "", command->name);
    return g_string_free(out, FALSE);
}

/* A new string; "" for anything. */
static char *operand_choices(const Command *command)
{
    if (command->run == help_run)
        return verbs_in_a_line();
    return g_strdup(command->choices != NULL ? command->choices : "");
}

static const CommandOption *option_at(const CommandOption *options, unsigned i)
{
    return i < COMMAND_OPTIONS_MAX && options[i].name != NULL ? &options[i] : NULL;
}

static bool is_directory(const CommandOption *option)
{
    return g_strcmp0(option->operand, "DIR") == 0;
}

/* A pattern of case for an option that takes an operand, and what completes the operand. */
static void put_bash_operand(GString *out, const char *verb, const CommandOption *option)
{
    if (option->operand == NULL)
        return;
    g_string_append_printf(out, "    %s:--%s", verb, option->name);
    if (option->letter != 0)
        g_string_append_printf(out, " | %s:-%c", verb, option->letter);
    if (is_directory(option))
        g_string_append(out, ") mapfile -t COMPREPLY < <(compgen -d -- \"$current\")\n"
                             "        return ;;\n");
    else
        g_string_append_printf(out, ") words='%s' ;;\n",
                               option->choices != NULL ? option->choices : "");
}

static void put_bash_options(GString *out, const CommandOption *options)
{
    const CommandOption *option;

    for (unsigned i = 0; (option = option_at(options, i)) != NULL; i++)
        g_string_append_printf(out, "%s--%s", i > 0 ? " " : "", option->name);
}

static void put_bash_words(GString *out)
{
    const Command *command;

    for (unsigned i = 0; (command = command_at(i)) != NULL; i++) {
        g_autofree char *choices = operand_choices(command);

        g_string_append_printf(out, "        %s) words='%s%s", command->name, choices,
                               *choices != '\0' ? " " : "");
        put_bash_options(out, command->options);
        g_string_append(out, "' ;;\n");
    }
}

static void put_bash(GString *out)
{
    g_autofree char *verbs = verbs_in_a_line();
    const CommandOption *common = command_common_options();
    const Command *command;

    g_string_append_printf(out,
                           "_eqmgrctl() {\n"
                           "    local current=${COMP_WORDS[COMP_CWORD]} verb='' words='' word\n"
                           "    local verbs='%s' common='",
                           verbs);
    put_bash_options(out, common);
    g_string_append(out, "'\n"
                         "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                         "        case \" $verbs \" in *\" $word \"*) verb=$word && break ;; esac\n"
                         "    done\n"
                         "    case $verb:${COMP_WORDS[COMP_CWORD-1]} in\n");
    for (unsigned i = 0; (command = command_at(i)) != NULL; i++)
        for (unsigned j = 0; option_at(command->options, j) != NULL; j++)
            put_bash_operand(out, command->name, &command->options[j]);
    for (; common->name != NULL; common++)
        put_bash_operand(out, "*", common);
    g_string_append(out, "    *)\n        case $verb in\n");
    put_bash_words(out);
    g_string_append(out, "        *) words=$verbs ;;\n"
                         "        esac\n"
                         "        [[ $current != -* ]] || words=\"$words $common\" ;;\n"
                         "    esac\n"
                         "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
                         "}\n"
                         "complete -F _eqmgrctl eqmgrctl\n");
}

static void put_zsh_option(GString *out, const CommandOption *option)
{
    if (option->letter != 0)
        g_string_append_printf(out, "            '(-%c --%s)'{-%c,--%s}'[", option->letter,
                               option->name, option->letter, option->name);
    else
        g_string_append_printf(out, "            '--%s[", option->name);
    put_escaped(out, option->meaning, "[]:\\");
    g_string_append_c(out, ']');
    if (option->operand != NULL && is_directory(option))
        g_string_append_printf(out, ":%s:_files -/", option->operand);
    else if (option->operand != NULL && option->choices != NULL)
        g_string_append_printf(out, ":%s:(%s)", option->operand, option->choices);
    else if (option->operand != NULL)
        g_string_append_printf(out, ":%s: ", option->operand);
    g_string_append(out, "'\n");
}

static void put_zsh_verb(GString *out, const Command *command)
{
    g_autofree char *choices = operand_choices(command);
    const CommandOption *option;

    g_string_append_printf(out, "        %s)\n            own=(\n", command->name);
    for (unsigned i = 0; (option = option_at(command->options, i)) != NULL; i++)
        put_zsh_option(out, option);
    if (command->operand != NULL && *choices != '\0')
        g_string_append_printf(out, "            '1:operand:(%s)'\n", choices);
    else if (command->operand != NULL)
        g_string_append(out, "            '1:operand: '\n");
    g_string_append(out, "            ) ;;\n");
}

static void put_zsh(GString *out)
{
    const CommandOption *common = command_common_options();
    const Command *command;

    g_string_append(out, "_eqmgrctl() {\n"
                         "    local curcontext=$curcontext state line\n"
                         "    local -a common verbs own\n"
                         "    common=(\n");
    for (; common->name != NULL; common++)
        put_zsh_option(out, common);
    g_string_append(out, "    )\n    verbs=(\n");
    for (unsigned i = 0; (command = command_at(i)) != NULL; i++) {
        g_string_append_printf(out, "            '%s:", command->name);
        put_escaped(out, command->summary, ":\\");
        g_string_append(out, "'\n");
    }
    g_string_append(out, "    )\n"
                         "    _arguments -C $common '1: :->verb' '*:: :->rest'\n"
                         "    case $state in\n"
                         "    verb) _describe verb verbs ;;\n"
                         "    rest)\n"
                         "        case $words[1] in\n");
    for (unsigned i = 0; (command = command_at(i)) != NULL; i++)
        put_zsh_verb(out, command);
    g_string_append(out, "        esac\n"
                         "        _arguments $common $own ;;\n"
                         "    esac\n"
                         "}\n"
                         "if [[ $funcstack[1] == _eqmgrctl ]]; then\n"
                         "    _eqmgrctl \"$@\"\n"
                         "else\n"
                         "    compdef _eqmgrctl eqmgrctl\n"
                         "fi\n");
}

/* verb: whose option it is; NULL for those of all. */
static void put_fish_option(GString *out, const char *verb, const CommandOption *option)
{
    g_string_append(out, "complete -c eqmgrctl");
    if (verb != NULL)
        g_string_append_printf(out, " -n '__fish_seen_subcommand_from %s'", verb);
    if (option->letter != 0)
        g_string_append_printf(out, " -s %c", option->letter);
    g_string_append_printf(out, " -l %s", option->name);
    if (option->operand != NULL)
        g_string_append(out, " -x");
    if (option->operand != NULL && is_directory(option))
        g_string_append(out, " -a '(__fish_complete_directories)'");
    else if (option->choices != NULL)
        g_string_append_printf(out, " -a '%s'", option->choices);
    g_string_append(out, " -d '");
    for (const char *c = option->meaning; *c != '\0'; c++) {
        if (*c == '\'' || *c == '\\')
            g_string_append_c(out, '\\');
        g_string_append_c(out, *c);
    }
    g_string_append(out, "'\n");
}

static void put_fish(GString *out)
{
    const CommandOption *common = command_common_options();
    const CommandOption *option;
    const Command *command;

    g_string_append(out, "complete -c eqmgrctl -f\n");
    for (; common->name != NULL; common++)
        put_fish_option(out, NULL, common);
    for (unsigned i = 0; (command = command_at(i)) != NULL; i++) {
        g_autofree char *choices = operand_choices(command);

        g_string_append_printf(out, "complete -c eqmgrctl -n __fish_use_subcommand -a %s -d '%s'\n",
                               command->name, command->summary);
        if (*choices != '\0')
            g_string_append_printf(
                out, "complete -c eqmgrctl -n '__fish_seen_subcommand_from %s' -a '%s'\n",
                command->name, choices);
        for (unsigned j = 0; (option = option_at(command->options, j)) != NULL; j++)
            put_fish_option(out, command->name, option);
    }
}

char *completion_text(const char *shell)
{
    static const struct {
        const char *shell, *begin;
        void (*put)(GString *out);
    } shells[] = {
        {"bash", "# ",                    put_bash},
        {"zsh",  "#compdef eqmgrctl\n# ", put_zsh },
        {"fish", "# ",                    put_fish},
    };
    GString *out;

    for (size_t i = 0; i < G_N_ELEMENTS(shells); i++) {
        if (!g_str_equal(shells[i].shell, shell))
            continue;
        out = g_string_new(shells[i].begin);
        g_string_append_printf(out, MADE_BY, shell);
        shells[i].put(out);
        return g_string_free(out, FALSE);
    }
    return NULL;
}

int completion_run(const Invocation *invocation)
{
    g_autofree char *text = completion_text(invocation->operand);

    if (text == NULL) {
        (void)fprintf(stderr, "eqmgrctl: completion: for bash, zsh or fish, not '%s'\n",
                      invocation->operand);
        return SESSION_USAGE;
    }
    (void)fputs(text, stdout);
    return 0;
}
