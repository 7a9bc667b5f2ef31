/* What is printed about the command line: the overview, and the help of each verb. */

#include <stdio.h>
#include <string.h>

#include "src/ctl/help_internal.h"

static const CommandOption common_options[] = {
    {"config",  'c', "DIR",     NULL, "the configuration directory of another instance",         false, NULL          },
    {"json",    'j', NULL,      NULL, "lines of JSON, which stay as they are in later versions", false,
     NULL                                                                                                             },
    {"rows",    'n', "N",       NULL, "rows of a listing (default: 20)",                         false, NULL          },
    {"all",     0,   NULL,      NULL, "all rows, in no order",                                   false, NULL          },
    {"timeout", 't', "SECONDS", NULL, "how long an answer may take (default: 30; --all: 600)",
     false,                                                                                             NULL          },
    {"level",   0,   "LEVEL",   NULL, "ask for less than one may",                               false, "summary view"},
    {"dry-run", 0,   NULL,      NULL, "say what a change would do, and do nothing",              false, NULL          },
    {"help",    'h', NULL,      NULL, "this overview; after a verb: help for it",                false, NULL          },
    {"version", 'V', NULL,      NULL, "the version of this program",                             false, NULL          },
    {NULL,      0,   NULL,      NULL, NULL,                                                      false, NULL          },
};

const CommandOption *command_common_options(void)
{
    return common_options;
}

#define CHOICES_INDENT 29 /* below the meaning */
#define CHOICES_WIDTH  50 /* what is left of a line */

static void print_choices(const char *choices)
{
    g_auto(GStrv) words = g_strsplit(choices, " ", -1);
    size_t width = 0;

    for (gchar **word = words; *word != NULL; word++) {
        bool begins = width == 0 || width + 1 + strlen(*word) > CHOICES_WIDTH;

        if (begins)
            (void)printf("%s%*s%s", width > 0 ? "\n" : "", CHOICES_INDENT, "", *word);
        else
            (void)printf(" %s", *word);
        width = (begins ? 0 : width + 1) + strlen(*word);
    }
    (void)putchar('\n');
}

static void print_option(const CommandOption *option)
{
    g_autofree char *left =
        g_strdup_printf("--%s%s%s", option->name, option->operand != NULL ? " " : "",
                        option->operand != NULL ? option->operand : "");

    if (option->letter != 0)
        (void)printf("  -%c, %-22s %s\n", option->letter, left, option->meaning);
    else
        (void)printf("      %-22s %s\n", left, option->meaning);
    if (option->choices != NULL)
        print_choices(option->choices);
}

void command_print_overview(void)
{
    const Command *command;

    (void)puts("eqmgrctl: what the queue manager is doing, and what it is to do\n\n"
               "usage: eqmgrctl [OPTION]... VERB [OPERAND] [OPTION]...\n");
    for (unsigned i = 0; (command = command_at(i)) != NULL; i++)
        (void)printf("  %-13s %s\n", command->name, command->summary);
    (void)putchar('\n');
    for (const CommandOption *option = command_common_options(); option->name != NULL; option++)
        print_option(option);
    (void)puts("\n"
               "Verbs and long options may be abbreviated. \"eqmgrctl help VERB\" tells more.\n"
               "Exit status: 0 done; 1 nothing matched; 64 usage; 69 no daemon; 70 protocol;\n"
               "75 incomplete, busy or timed out; 77 not permitted.");
}

void command_print_help(const Command *command)
{
    (void)printf("eqmgrctl %s: %s\n\nusage: eqmgrctl %s%s%s%s\n", command->name, command->summary,
                 command->name, command->operand != NULL ? " " : "",
                 command->operand != NULL ? command->operand : "",
                 command->options[0].name != NULL ? " [OPTION]..." : "");
    if (*command->level != '\0')
        (void)printf("Needs level %s.\n", command->level);
    if (command->options[0].name != NULL)
        (void)putchar('\n');
    for (unsigned i = 0; i < COMMAND_OPTIONS_MAX && command->options[i].name != NULL; i++)
        print_option(&command->options[i]);
    if (*command->details != '\0')
        (void)printf("\n%s", command->details);
}

int help_run(const Invocation *invocation)
{
    g_autofree char *problem = NULL;
    const Command *command;

    if (invocation->operand == NULL) {
        command_print_overview();
        return 0;
    }
    command = command_find(invocation->operand, &problem);
    if (command == NULL) {
        (void)fprintf(stderr, "eqmgrctl: %s\n", problem);
        return SESSION_USAGE;
    }
    command_print_help(command);
    return 0;
}
