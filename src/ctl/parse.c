/*
 * The command line. getopt_long() knows abbreviations of options; verbs are abbreviated here. What
 * holds for all verbs may come before or after the verb.
 */

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/ctl/command_internal.h"
#include "src/ctl/text_internal.h"

enum { OPTION_ALL = 256, OPTION_DRY_RUN, OPTION_LEVEL, OPTION_OF_VERB };

static const struct option common_options[] = {
    {"config",  required_argument, NULL, 'c'           },
    {"json",    no_argument,       NULL, 'j'           },
    {"rows",    required_argument, NULL, 'n'           },
    {"all",     no_argument,       NULL, OPTION_ALL    },
    {"timeout", required_argument, NULL, 't'           },
    {"level",   required_argument, NULL, OPTION_LEVEL  },
    {"dry-run", no_argument,       NULL, OPTION_DRY_RUN},
    {"help",    no_argument,       NULL, 'h'           },
    {"version", no_argument,       NULL, 'V'           },
};
#define COMMON_COUNT   G_N_ELEMENTS(common_options)
#define COMMON_LETTERS "+:c:jn:t:hV"
#define ABOUT_ONLY     (-1) /* help was printed; exit status 0 */

static int parse_refuse(const Invocation *invocation, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Where the verb's readers expect it. */
static int parse_refuse(const Invocation *invocation, const char *format, ...)
{
    const Command *command = invocation->command;
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (command != NULL && command->usage_prefix != NULL)
        (void)printf("%s%s\n", command->usage_prefix, text);
    else
        (void)fprintf(stderr, "eqmgrctl: %s\n", text);
    return SESSION_USAGE;
}

static int set_row_max(Invocation *invocation, const char *text)
{
    gint64 rows;

    if (!g_ascii_string_to_signed(text, 10, 1, ROWS_MAX, &rows, NULL))
        return parse_refuse(invocation, "-n %s: a number of rows, 1 to %d; --all is all of them",
                            text, ROWS_MAX);
    invocation->row_max = rows;
    return 0;
}

static int set_timeout(Invocation *invocation, const char *text)
{
    gint64 timeout_s;

    if (!g_ascii_string_to_signed(text, 10, 1, 3600, &timeout_s, NULL))
        return parse_refuse(invocation, "-t %s: seconds, 1 to 3600", text);
    invocation->timeout_s = (int)timeout_s;
    return 0;
}

static int set_common(Invocation *invocation, int option, const char *text)
{
    switch (option) {
    case 'c':
        invocation->config_directory = text;
        return 0;
    case 'j':
        invocation->json = true;
        return 0;
    case 'n':
        return set_row_max(invocation, text);
    case OPTION_ALL:
        invocation->all = true;
        return 0;
    case 't':
        return set_timeout(invocation, text);
    case OPTION_LEVEL:
        invocation->level = text;
        return 0;
    case OPTION_DRY_RUN:
        invocation->dry_run = true;
        return 0;
    default:
        break;
    }
    return SESSION_USAGE;
}

static void add_argument(Invocation *invocation, const char *name, const char *value)
{
    g_ptr_array_add(invocation->arguments, g_strdup(name));
    g_ptr_array_add(invocation->arguments, g_strdup(value));
}

static int set_of_verb(Invocation *invocation, const CommandOption *option, const char *text)
{
    g_autofree char *value = g_strdup(text != NULL ? text : "1");
    int64_t duration_s;

    if (option->is_duration) {
        if (!text_parse_duration(text, 1, &duration_s))
            return parse_refuse(invocation, "--%s %s: a time such as 90s, 5m, 1h, 2d", option->name,
                                text);
        g_free(value);
        value = g_strdup_printf("%" PRId64, duration_s);
    }
    if (g_strcmp0(option->wire, "until") == 0) {
        int64_t wall_s;

        if (!text_parse_time(text, g_get_real_time() / G_USEC_PER_SEC, &wall_s))
            return parse_refuse(invocation,
                                "--%s %s: a time such as 18:30 (the next one), 2026-11-30, or "
                                "'2026-11-30 18:30'",
                                option->name, text);
        g_free(value);
        value = g_strdup_printf("%" PRId64, wall_s);
    }
    if (option->wire != NULL)
        add_argument(invocation, option->wire, value);
    else
        (void)g_hash_table_insert(invocation->flags, g_strdup(option->name),
                                  g_strdup(text != NULL ? text : ""));
    return 0;
}

/* NULL after the last one, and at once if there is no verb yet. */
static const CommandOption *option_of_verb(const Command *command, unsigned i)
{
    if (command == NULL || i >= COMMAND_OPTIONS_MAX || command->options[i].name == NULL)
        return NULL;
    return &command->options[i];
}

/* What getopt_long() accepts after this verb, or before any. */
typedef struct Accepted {
    struct option options[COMMON_COUNT + COMMAND_OPTIONS_MAX + 1];
    GString *letters;
} Accepted;

static void accept_options(Accepted *accepted, const Command *command)
{
    const CommandOption *option;

    *accepted = (Accepted){.letters = g_string_new(COMMON_LETTERS)};
    memcpy(accepted->options, common_options, sizeof(common_options));
    for (unsigned i = 0; (option = option_of_verb(command, i)) != NULL; i++) {
        int operand = option->operand != NULL ? required_argument : no_argument;

        accepted->options[COMMON_COUNT + i] =
            (struct option){option->name, operand, NULL, OPTION_OF_VERB + (int)i};
        if (option->letter != 0)
            g_string_append_printf(accepted->letters, "%c%s", option->letter,
                                   operand == required_argument ? ":" : "");
    }
}

/* --help or --version: nothing else is done then. */
static int print_about(const Command *command, int found)
{
    if (found == 'V')
        (void)printf("eqmgrctl %s\n", EQMGR_VERSION);
    else if (command != NULL)
        command_print_help(command);
    else
        command_print_overview();
    return ABOUT_ONLY;
}

static int handle_option(Invocation *invocation, int found)
{
    const Command *command = invocation->command;
    const CommandOption *option;

    if (found == 'h' || found == 'V')
        return print_about(command, found);
    for (unsigned i = 0; (option = option_of_verb(command, i)) != NULL; i++)
        if (found == OPTION_OF_VERB + (int)i || found == option->letter)
            return set_of_verb(invocation, option, optarg);
    return set_common(invocation, found, optarg);
}

/* "status: ", and in help: where to look. */
static char *verb_of(const Invocation *invocation, const char *before, const char *after)
{
    return invocation->command != NULL ? g_strconcat(before, invocation->command->name, after, NULL)
                                       : g_strdup("");
}

/* The options that begin with these letters, if there are several. */
static char *options_like(const Accepted *accepted, const char *word)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *prefix = g_strndup(word, strcspn(word, "="));

    for (const struct option *option = accepted->options; option->name != NULL; option++)
        if (g_str_has_prefix(word, "--") && g_str_has_prefix(option->name, prefix + 2))
            g_ptr_array_add(names, g_strdup(option->name));
    g_ptr_array_add(names, NULL);
    return names->len > 2 ? g_strjoinv(", --", (char **)names->pdata) : NULL;
}

/* What getopt_long() stopped at: ':' for a value that is missing, '?' for an option that is not. */
static int refuse_option(const Invocation *invocation, const Accepted *accepted, int found,
                         const char *word)
{
    g_autofree char *verb = verb_of(invocation, "", ": "), *help = verb_of(invocation, " ", "");
    g_autofree char *name = !g_str_has_prefix(word, "--") && g_ascii_isprint(optopt)
                                ? g_strdup_printf("-%c", optopt)
                                : g_strdup(word);
    g_autofree char *likes = found == '?' ? options_like(accepted, word) : NULL;

    if (found == ':')
        return parse_refuse(invocation, "%s%s needs a value; see eqmgrctl help%s", verb, name,
                            help);
    if (likes != NULL)
        return parse_refuse(invocation, "%s%s may be --%s", verb, name, likes);
    return parse_refuse(invocation, "%sno such option: %s; see eqmgrctl help%s", verb, name, help);
}

/* Options from optind on, up to the first word that is none. */
static int parse_options(Invocation *invocation, int argc, char **argv)
{
    Accepted accepted;
    int found, status = 0;

    accept_options(&accepted, invocation->command);
    while (status == 0 &&
           (found = getopt_long(argc, argv, accepted.letters->str, accepted.options, NULL)) != -1)
        status = found == '?' || found == ':'
                     ? refuse_option(invocation, &accepted, found, argv[optind - 1])
                     : handle_option(invocation, found);
    (void)g_string_free(accepted.letters, TRUE);
    return status;
}

/* To that of the operand, wherever options are. */
static void append_to_argument(Invocation *invocation, const char *word)
{
    GPtrArray *arguments = invocation->arguments;

    for (guint i = 0; i < arguments->len; i += 2)
        if (g_str_equal(arguments->pdata[i], invocation->command->wire)) {
            char *words = g_strconcat(arguments->pdata[i + 1], " ", word, NULL);

            g_free(arguments->pdata[i + 1]);
            arguments->pdata[i + 1] = words;
        }
}

static bool is_word_of(const char *word, const char *words)
{
    g_auto(GStrv) list = g_strsplit(words, " ", -1);

    return g_strv_contains((const char *const *)list, word);
}

/* "limit transport concurrency concurrency 5": the first one is a name. */
static bool is_measure(const Invocation *invocation, const char *word)
{
    const char *measures = invocation->command->measures;

    return measures != NULL && invocation->measure == NULL && invocation->operand != NULL &&
           (invocation->second != NULL ||
            !is_word_of(invocation->operand, "domain destination transport")) &&
           is_word_of(word, measures);
}

static int check_measure(const Invocation *invocation)
{
    const Command *command = invocation->command;
    g_auto(GStrv) measures = g_strsplit(command->measures, " ", -1);
    g_autofree char *wanted = g_strjoinv(" or ", measures);

    if (invocation->measure == NULL)
        return parse_refuse(invocation, "%s: %s is missing; see eqmgrctl help %s", command->name,
                            wanted, command->name);
    if (!invocation->is_measured)
        return parse_refuse(invocation, "%s: %s: how much?", command->name, invocation->measure);
    return 0;
}

/* The next word that is not an option: the verb, then its operand. */
static int parse_word(Invocation *invocation, const char *word)
{
    const Command *command = invocation->command;
    g_autofree char *problem = NULL;

    if (command == NULL) {
        invocation->command = command_find(word, &problem);
        return invocation->command != NULL ? 0 : parse_refuse(invocation, "%s", problem);
    }
    if (invocation->measure != NULL && !invocation->is_measured) {
        invocation->is_measured = true;
        add_argument(invocation, invocation->measure, word);
        return 0;
    }
    if (is_measure(invocation, word)) {
        invocation->measure = word;
        return 0;
    }
    if (invocation->operand != NULL && invocation->measure == NULL &&
        command->second_wire != NULL && invocation->second == NULL) {
        invocation->second = word;
        add_argument(invocation, command->second_wire, word);
        return 0;
    }
    if (command->has_more_operands && invocation->operand != NULL) {
        append_to_argument(invocation, word);
        return 0;
    }
    if (invocation->second != NULL && command->third_wire != NULL && invocation->third == NULL) {
        invocation->third = word;
        add_argument(invocation, command->third_wire, word);
        return 0;
    }
    if (command->operand == NULL || invocation->operand != NULL)
        return parse_refuse(invocation, "%s: '%s' is one word too many; see eqmgrctl help %s",
                            command->name, word, command->name);
    invocation->operand = word;
    if (command->wire != NULL)
        add_argument(invocation, command->wire, word);
    return 0;
}

/*
 * Where "--" is, or argc. getopt_long() would take it for the end of all words, because it does not
 * expect to be called again after the verb.
 */
static int end_of_options(int argc, char **argv)
{
    int i = 1;

    while (i < argc && strcmp(argv[i], "--") != 0)
        i++;
    return MIN(i, argc);
}

static int parse_line(Invocation *invocation, int argc, char **argv)
{
    const Command *command;
    int status, end = end_of_options(argc, argv);

    optind = 1;
    opterr = 0; /* we say it */
    while ((status = parse_options(invocation, end, argv)) == 0 && optind < end)
        if ((status = parse_word(invocation, argv[optind++])) != 0)
            break;
    for (int i = end + 1; status == 0 && i < argc; i++)
        status = parse_word(invocation, argv[i]);
    command = invocation->command;
    if (status != 0)
        return status;
    if (command == NULL) {
        command_print_overview();
        return SESSION_USAGE;
    }
    if (invocation->operand == NULL && command->operand_required)
        return parse_refuse(invocation, "%s: %s is missing; see eqmgrctl help %s", command->name,
                            command->operand, command->name);
    return command->measures != NULL ? check_measure(invocation) : 0;
}

Invocation *command_parse(int argc, char **argv, int *ret_status)
{
    Invocation *invocation = g_new0(Invocation, 1);
    int status;

    invocation->row_max = ROWS_DEFAULT;
    invocation->arguments = g_ptr_array_new_with_free_func(g_free);
    invocation->flags = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    status = parse_line(invocation, argc, argv);
    if (status == SESSION_USAGE && invocation->command != NULL &&
        invocation->command->usage_status != 0)
        status = invocation->command->usage_status;
    if (invocation->timeout_s == 0)
        invocation->timeout_s = invocation->all ? TIMEOUT_ALL_S : TIMEOUT_DEFAULT_S;
    if (status == 0) {
        if (invocation->dry_run && g_str_equal(invocation->command->level, "control"))
            add_argument(invocation, "dry_run", "1");
        add_argument(invocation, "level", invocation->level);
        g_ptr_array_add(invocation->arguments, NULL);
        return invocation;
    }
    *ret_status = MAX(status, 0);
    command_free(invocation);
    return NULL;
}

void command_free(Invocation *invocation)
{
    if (invocation == NULL)
        return;
    g_ptr_array_free(invocation->arguments, TRUE);
    g_hash_table_destroy(invocation->flags);
    g_free(invocation);
}
