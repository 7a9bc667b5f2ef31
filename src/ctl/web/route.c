/*
 * Addresses. The verbs of the API and what they take are those of the command line, from the same
 * table.
 */

#include <string.h>

#include "src/ctl/command_internal.h"
#include "src/ctl/show_internal.h"
#include "src/ctl/status_internal.h"
#include "src/ctl/text_internal.h"
#include "src/ctl/web/route_internal.h"

#define API_PREFIX         "/api/1/"
#define DESTINATION_PREFIX "/destination/"
#define TRANSPORT_PREFIX   "/transport/"
#define ROWS_DEFAULT_TEXT  "20"

static void refuse(Route *route, int status, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void refuse(Route *route, int status, const char *format, ...)
{
    va_list arguments;

    if (route->status != 200)
        return; /* the first reason */
    va_start(arguments, format);
    route->problem = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    route->status = status;
}

static WebQuestion *add_question(Route *route, const char *verb)
{
    WebQuestion *question = &route->questions[route->question_count++];

    g_assert(route->question_count <= ROUTE_QUESTIONS_MAX);
    web_question_init(question, verb);
    return question;
}

static void ask_some(Route *route, const char *verb, const char *limit)
{
    web_question_add(add_question(route, verb), "limit", limit);
}

/* ---- the query ---- */

/* "name=value", which is changed; false if it cannot be decoded, or there was one of this name. */
static bool add_pair(GHashTable *values, char *pair)
{
    char *equals = strchr(pair, '=');
    g_autofree char *name = NULL, *value = NULL;

    if (equals != NULL)
        *equals = '\0';
    name = g_uri_unescape_string(g_strdelimit(pair, "+", ' '), NULL);
    value = g_uri_unescape_string(equals != NULL ? g_strdelimit(equals + 1, "+", ' ') : "", NULL);
    if (name == NULL || value == NULL)
        return false;
    return g_hash_table_insert(values, g_steal_pointer(&name), g_steal_pointer(&value));
}

/* Names and values, decoded; NULL if they cannot be. */
static GHashTable *parse_query(const char *query)
{
    g_autoptr(GHashTable) values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_auto(GStrv) pairs = g_strsplit(query != NULL ? query : "", "&", -1);

    for (char **pair = pairs; *pair != NULL; pair++) {
        if (**pair != '\0' && !add_pair(values, *pair))
            return NULL;
    }
    return g_steal_pointer(&values);
}

/* ---- the API ---- */

/* Verbs whose answer is rows, and nothing else. */
static bool is_listing(const Command *command)
{
    return command->run == show_listing || command->run == show_events ||
           command->run == status_run;
}

static const Command *find_listing(const char *name)
{
    const Command *command;

    for (unsigned i = 0; (command = command_at(i)) != NULL; i++)
        if (g_str_equal(command->name, name) && is_listing(command))
            return command;
    return NULL;
}

static const CommandOption *find_option(const Command *command, const char *name)
{
    for (unsigned i = 0; i < COMMAND_OPTIONS_MAX && command->options[i].name != NULL; i++)
        if (g_str_equal(command->options[i].name, name) && command->options[i].wire != NULL)
            return &command->options[i];
    return NULL;
}

static void add_option(Route *route, const CommandOption *option, const char *text)
{
    g_autofree char *value = g_strdup(text);
    int64_t duration_s;

    if (option->is_duration) {
        if (!text_parse_duration(text, 1, &duration_s)) {
            refuse(route, 400, "%s: a time such as 90s, 5m, 1h, 2d", option->name);
            return;
        }
        g_free(value);
        value = g_strdup_printf("%" G_GINT64_FORMAT, duration_s);
    }
    web_question_add(&route->questions[0], option->wire, value);
}

static void add_limit(Route *route, const char *text)
{
    gint64 limit;

    if (text != NULL && !g_ascii_string_to_signed(text, 10, 1, ROWS_MAX, &limit, NULL))
        refuse(route, 400, "limit: 1 to %d", ROWS_MAX);
    else
        web_question_add(&route->questions[0], "limit", text != NULL ? text : ROWS_DEFAULT_TEXT);
}

static gint compare_words(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In the order of their names, so that the same question is the same. */
static void add_options(Route *route, const Command *command, GHashTable *values)
{
    guint count;
    g_autofree gpointer *names = g_hash_table_get_keys_as_array(values, &count);

    if (command->run != status_run)
        add_limit(route, g_hash_table_lookup(values, "limit"));
    qsort(names, count, sizeof(*names), compare_words);
    for (guint i = 0; i < count; i++) {
        const CommandOption *option = find_option(command, names[i]);

        if (option != NULL)
            add_option(route, option, g_hash_table_lookup(values, names[i]));
        else if (!g_str_equal(names[i], "limit") || command->run == status_run)
            refuse(route, 400, "%s does not take \"%s\"", command->name, (const char *)names[i]);
    }
}

static char *names_of_listings(void)
{
    GString *names = g_string_new(NULL);
    const Command *command;

    for (unsigned i = 0; (command = command_at(i)) != NULL; i++)
        if (is_listing(command) && g_str_equal(command->level, "summary"))
            g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", command->name);
    return g_string_free(names, FALSE);
}

/* "VERB" or "VERB/OPERAND", decoded after it was split. */
static void parse_api(Route *route, const char *rest, GHashTable *values)
{
    const char *slash = strchr(rest, '/');
    g_autofree char *verb = slash != NULL ? g_strndup(rest, (gsize)(slash - rest)) : g_strdup(rest);
    g_autofree char *operand = slash != NULL ? g_uri_unescape_string(slash + 1, NULL) : NULL;
    const Command *command = find_listing(verb);

    route->view = WEB_ROWS;
    if (command == NULL) {
        g_autofree char *names = names_of_listings();

        refuse(route, 404, "no such verb; there are: %s", names);
    } else if (!g_str_equal(command->level, "summary")) {
        refuse(route, 403, "%s needs level view, and what this server shows is of level summary",
               command->name);
    } else if (slash != NULL && (operand == NULL || *operand == '\0')) {
        refuse(route, 400, "there is no name behind the last /");
    } else if (operand != NULL && command->wire == NULL) {
        refuse(route, 404, "%s takes no name", command->name);
    } else if (operand == NULL && command->operand_required) {
        refuse(route, 400, "%s: %s is missing", command->name, command->operand);
    } else {
        WebQuestion *question = add_question(route, command->name);

        if (operand != NULL)
            web_question_add(question, command->wire, operand);
        add_options(route, command, values);
    }
}

/* ---- pages ---- */

static void parse_front(Route *route)
{
    route->view = WEB_FRONT;
    (void)add_question(route, "status");
    ask_some(route, "throttled", "50");
    ask_some(route, "destinations", "10");
    (void)add_question(route, "transports");
    (void)add_question(route, "due");
    ask_some(route, "connections", "10");
    ask_some(route, "events", "20");
    ask_some(route, "rules", "20");
    (void)add_question(route, "jobs");
    g_assert(route->question_count == FRONT_COUNT);
}

static void parse_object(Route *route, WebView view, const char *segment, GHashTable *values)
{
    const char *transport = g_hash_table_lookup(values, "transport");
    WebQuestion *question;

    route->view = view;
    route->name = g_uri_unescape_segment(segment, NULL, NULL);
    if (route->name == NULL || *route->name == '\0' || strchr(segment, '/') != NULL) {
        refuse(route, 404, "there is no such page");
        return;
    }
    question = add_question(route, view == WEB_TRANSPORT ? "transports" : "destination");
    web_question_add(question, view == WEB_TRANSPORT ? "transport" : "destination", route->name);
    if (view == WEB_DESTINATION && transport != NULL) {
        route->transport = g_strdup(transport);
        web_question_add(question, "transport", transport);
    }
}

static void parse_path(Route *route, const char *path, GHashTable *values)
{
    if (g_str_equal(path, "/")) {
        parse_front(route);
    } else if (g_str_has_prefix(path, DESTINATION_PREFIX)) {
        parse_object(route, WEB_DESTINATION, path + strlen(DESTINATION_PREFIX), values);
    } else if (g_str_has_prefix(path, TRANSPORT_PREFIX)) {
        parse_object(route, WEB_TRANSPORT, path + strlen(TRANSPORT_PREFIX), values);
    } else if (g_str_has_prefix(path, API_PREFIX)) {
        parse_api(route, path + strlen(API_PREFIX), values);
    } else if (g_str_equal(path, "/metrics")) {
        route->view = WEB_METRICS;
        (void)add_question(route, "metrics");
    } else if (g_str_equal(path, "/ready")) {
        route->view = WEB_READY;
        (void)add_question(route, "status");
    } else if (g_str_equal(path, "/healthy")) {
        route->view = WEB_HEALTHY;
    } else {
        refuse(route, 404, "there is no such page");
    }
}

void route_parse(const char *path, const char *query, Route *ret_route)
{
    g_autoptr(GHashTable) values = parse_query(query);
    const char *refresh;

    *ret_route = (Route){.status = 200};
    if (values == NULL) {
        refuse(ret_route, 400, "the query is not one");
        return;
    }
    refresh = g_hash_table_lookup(values, "refresh");
    ret_route->is_still = refresh != NULL && g_str_equal(refresh, "off");
    parse_path(ret_route, path, values);
}

void route_clear(Route *route)
{
    for (unsigned i = 0; i < route->question_count; i++)
        web_question_clear(&route->questions[i]);
    g_clear_pointer(&route->name, g_free);
    g_clear_pointer(&route->transport, g_free);
    g_clear_pointer(&route->problem, g_free);
}
