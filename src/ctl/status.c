/*
 * The status row as a screen of text. Each line answers one question; what wants attention is said
 * by the daemon in rows of its own.
 */

#include <stdio.h>

#include "src/ctl/show_internal.h"
#include "src/ctl/status_internal.h"
#include "src/ctl/text_internal.h"
#include "src/ctl/view_internal.h"

typedef struct Screen {
    const Row *row, *header;
    int64_t now_s;
} Screen;

/* A value in its usual shape; a new string. */
static char *value(const Screen *screen, const char *name)
{
    return view_format(view_field(view_find("status"), name), screen->row, screen->now_s);
}

/* Prints the words between names in braces as they are, and the values of the names. */
static void print_part(const Screen *screen, const char *format)
{
    g_auto(GStrv) parts = g_strsplit_set(format, "{}", -1);

    for (unsigned i = 0; parts[i] != NULL; i++) {
        g_autofree char *text = i % 2 == 1 ? value(screen, parts[i]) : g_strdup(parts[i]);

        (void)fputs(text, stdout);
    }
}

/* The same, if the daemon sent this value and it is not 0. */
static void print_part_if(const Screen *screen, const char *name, const char *format)
{
    const char *text = row_text(screen->row, name);

    if (text != NULL && !g_str_equal(text, "0"))
        print_part(screen, format);
}

static void print_head(const Screen *screen)
{
    g_autofree char *release = text_printable(row_text(screen->header, "release") ?: "?");
    g_autofree char *version = text_printable(row_text(screen->header, "version") ?: "?");
    g_autofree char *queue = text_printable(row_text(screen->header, "queue") ?: "?");

    (void)printf("eqmgr %s ", version);
    print_part(screen, "pid {pid} up {started}, ");
    (void)printf("Postfix %s, ", release);
    print_part(screen, "{strategy}");
    (void)printf("        queue %s\n", queue);
}

static void print_queues(const Screen *screen)
{
    bool is_counted = row_number(screen->row, "index_complete", 0) != 0;

    print_part(screen, "active     {active} of {active_limit}   recipients {recipients} of "
                       "{recipients_limit}   resolving {resolving}   delivering {delivering}   "
                       "waiting {waiting}   ");
    print_part_if(screen, "finishing", "finishing {finishing}   ");
    print_part(screen, "stuck {stuck}\ndeferred   ");
    print_part(screen, is_counted ? "{deferred} (index complete)   overdue {overdue}   next in "
                                    "{next_due}   "
                                  : "not counted yet (index incomplete)   ");
    print_part(screen, "oldest in active {oldest_active}   ");
    print_part(screen, row_text(screen->row, "last_run") != NULL ? "last run {last_run} ago\n"
                                                                 : "no queue run yet\n");
}

static void print_screen(const Screen *screen)
{
    print_head(screen);
    print_queues(screen);
    print_part(screen,
               "last minute: in {in_minute}  done {done_minute}  deferred {deferred_minute}    "
               "last hour: in {in_hour}  done {done_hour}  deferred {deferred_hour}\n");
    print_part(screen, "transports: {transports_dead} of {transports} dead");
    print_part_if(screen, "dead_transports", " ({dead_transports})");
    print_part(screen, "   destinations: {destinations} known, {destinations_full} full, "
                       "{destinations_throttled} throttled, {destinations_paced} paced");
    print_part_if(screen, "destinations_suspended", ", {destinations_suspended} suspended");
    (void)putchar('\n');
}

typedef struct Status {
    const Invocation *invocation;
    GPtrArray *attention; /* texts */
    Row row;              /* a copy of the status row */
} Status;

static void status_on_row(const Row *row, void *ctx)
{
    Status *status = ctx;
    const View *view = view_find(row_text(row, "object"));

    if (view == NULL)
        return;
    if (show_as_json(status->invocation, view, row))
        return;
    if (g_str_equal(view->object, "attention"))
        g_ptr_array_add(status->attention, text_printable(row_text(row, "text") ?: ""));
    else
        row_add(&status->row, row);
}

int status_run(const Invocation *invocation)
{
    Status status = {.invocation = invocation,
                     .attention = g_ptr_array_new_with_free_func(g_free),
                     .row = row_empty()};
    SessionAnswer answer = {.problem = NULL};
    Session *session = NULL;
    SessionStatus outcome;
    int result = show_connect(invocation, &session);

    if (result == 0) {
        outcome = session_ask(session, "status", (const char *const *)invocation->arguments->pdata,
                              status_on_row, &status, &answer);
        if (outcome != SESSION_OK)
            result = show_problem(invocation, outcome, answer.problem);
        else if (!invocation->json)
            print_screen(
                &(Screen){&status.row, &answer.header, row_number(&answer.header, "time", 0)});
    }
    for (guint i = 0; i < status.attention->len; i++)
        (void)printf("! %s\n", (const char *)status.attention->pdata[i]);
    g_ptr_array_free(status.attention, TRUE);
    g_hash_table_destroy(status.row.values);
    session_answer_clear(&answer);
    session_close(session);
    return result;
}
