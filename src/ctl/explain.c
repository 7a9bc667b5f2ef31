/*
 * The answer about one message: first the sentence that says what it waits for, then the facts
 * behind it, then for each destination what bounds it, then recipients, and at the end what would
 * help.
 */

#include <stdio.h>

#include "base/readable.h"
#include "src/ctl/explain_internal.h"
#include "src/ctl/show_internal.h"
#include "src/ctl/table_internal.h"
#include "src/ctl/text_internal.h"
#include "src/ctl/view_internal.h"

/* A message before it with so many recipients is named. */
#define LIST_MIN 20

typedef struct Explanation {
    const Invocation *invocation;
    Table *waits, *recipients;
    GString *lines; /* of destinations: its place in each */
    unsigned wait_count, recipient_count;
    char *advice; /* or NULL */
    int64_t now_s;
    bool is_nowhere;
} Explanation;

/* A line "label value", left out where there is no value. */
static void print_fact(const Row *row, const char *label, const char *name, int64_t now_s)
{
    int64_t time_s = row_number(row, name, 0);
    g_autofree char *clock = NULL, *distance = NULL;

    if (row_text(row, name) == NULL)
        return;
    clock = text_clock(time_s, now_s);
    distance = readable_duration(time_s > now_s ? time_s - now_s : now_s - time_s);
    (void)printf("  %-14s %s, %s%s%s\n", label, clock, time_s > now_s ? "in " : "", distance,
                 time_s > now_s ? "" : " ago");
}

static void print_message(Explanation *explanation, const Row *row)
{
    g_autofree char *id = text_printable(row_text(row, "queue_id") ?: "");
    g_autofree char *place = text_printable(row_text(row, "place") ?: "");
    g_autofree char *state = text_printable(row_text(row, "state") ?: "");
    g_autofree char *text = text_printable(row_text(row, "text") ?: "");
    g_autofree char *sender = text_printable(row_text(row, "sender") ?: "");
    int64_t now_s = explanation->now_s;

    if (row_text(row, "advice") != NULL)
        explanation->advice = text_printable(row_text(row, "advice"));
    (void)printf("%s: %s%s%s\n%s\n", id, place, *state != '\0' ? ", " : "", state, text);
    if (row_text(row, "sender") != NULL)
        (void)printf(g_str_equal(sender, "<>") ? "  %-14s %s, a notice\n" : "  %-14s <%s>\n",
                     "from", sender);
    print_fact(row, "arrived", "arrival", now_s);
    print_fact(row, "so since", "since", now_s);
    print_fact(row, "last attempt", "last_attempt", now_s);
    print_fact(row, "tried again", "due", now_s);
    print_fact(row, "delay warning", "warns_at", now_s);
    print_fact(row, "returned", "returns_at", now_s);
    if (row_number(row, "unread", 0) > 0) {
        g_autofree char *unread =
            readable_counted(row_number(row, "unread", 0), "recipient has", "recipients have");

        (void)printf("  %-14s %s not been read from the file yet\n", "list", unread);
    }
}

/* "and then  suspension #7 of 2 recipients until 15:20:00: ticket 4711" */
static void print_then(const Row *row, int64_t now_s)
{
    g_autofree char *bound = text_printable(row_text(row, "bound_by") ?: "");
    g_autofree char *why = text_printable(row_text(row, "why") ?: "");
    g_autofree char *recipients =
        readable_counted(row_number(row, "recipients", 0), "recipient", "recipients");
    g_autofree char *until = text_clock(row_number(row, "until", 0), now_s);

    (void)printf("  %-14s %s", "and then", bound);
    if (row_text(row, "recipients") != NULL)
        (void)printf(" of %s", recipients);
    if (row_text(row, "until") != NULL)
        (void)printf(" until %s", until);
    (void)printf("%s%s\n", *why != '\0' ? ": " : "", why);
}

/* Nothing, if it is in no line there. */
static void explain_add_line(GString *lines, const Row *row)
{
    g_autofree char *transport = text_printable(row_text(row, "transport") ?: "");
    g_autofree char *destination = text_printable(row_text(row, "destination") ?: "");
    g_autofree char *estimate = text_printable(row_text(row, "estimate") ?: "");
    g_autofree char *longest = text_printable(row_text(row, "longest") ?: "");
    g_autofree char *deliveries =
        readable_counted(row_number(row, "ahead", 0), "delivery", "deliveries");
    g_autofree char *recipients =
        readable_counted(row_number(row, "ahead_recipients", 0), "recipient", "recipients");
    g_autofree char *messages =
        readable_counted(row_number(row, "ahead_messages", 0), "message", "messages");
    g_autofree char *of_longest =
        readable_counted(row_number(row, "longest_recipients", 0), "of them is", "of them are");
    g_autofree char *of_transport = readable_count(row_number(row, "ahead_of_transport", 0));

    if (row_text(row, "estimate") == NULL)
        return;
    if (row_number(row, "ahead", 0) == 0)
        g_string_append_printf(lines, "\n%s/%s: it is the first in line", transport, destination);
    else
        g_string_append_printf(lines, "\n%s/%s: %s%s before it, %s of %s", transport, destination,
                               row_number(row, "ahead_cut", 0) != 0 ? "at least " : "", deliveries,
                               recipients, messages);
    if (row_number(row, "longest_recipients", 0) >= LIST_MIN)
        g_string_append_printf(lines, "; %s of %s", of_longest, longest);
    if (row_number(row, "ahead_of_transport", 0) > row_number(row, "ahead", 0))
        g_string_append_printf(lines, "; in all of %s %s%s", transport,
                               row_number(row, "ahead_of_transport_cut", 0) != 0 ? "at least " : "",
                               of_transport);
    g_string_append_printf(lines, "\n  %-14s %s\n", "estimate", estimate);
}

static void explain_on_row(const Row *row, void *ctx)
{
    Explanation *explanation = ctx;
    const View *view = view_find(row_text(row, "object"));

    if (view == NULL)
        return;
    explanation->is_nowhere |= g_strcmp0(row_text(row, "place"), "nowhere") == 0;
    if (show_as_json(explanation->invocation, view, row))
        return;
    if (g_str_equal(view->object, "explain")) {
        print_message(explanation, row);
    } else if (g_str_equal(view->object, "then")) {
        print_then(row, explanation->now_s);
    } else if (g_str_equal(view->object, "wait")) {
        table_add(explanation->waits, row);
        explanation->wait_count++;
        explain_add_line(explanation->lines, row);
    } else if (g_str_equal(view->object, "recipient")) {
        table_add(explanation->recipients, row);
        explanation->recipient_count++;
    }
}

static void print_rest(const Explanation *explanation)
{
    if (explanation->wait_count > 0) {
        (void)putchar('\n');
        table_print(explanation->waits, stdout, 0);
        (void)fputs(explanation->lines->str, stdout);
    }
    if (explanation->recipient_count > 0) {
        (void)putchar('\n');
        table_print(explanation->recipients, stdout, 0);
    }
    if (explanation->advice != NULL)
        (void)printf("\n=> %s\n", explanation->advice);
}

int explain_run(const Invocation *invocation)
{
    int64_t now_s = g_get_real_time() / G_USEC_PER_SEC;
    Explanation explanation = {.invocation = invocation,
                               .waits = table_new(view_find("wait"), now_s),
                               .recipients = table_new(view_find("recipient"), now_s),
                               .lines = g_string_new(NULL),
                               .now_s = now_s};
    SessionAnswer answer = {.problem = NULL};
    Session *session = NULL;
    int result = show_connect(invocation, &session);

    if (result == 0) {
        SessionStatus status =
            session_ask(session, "explain", (const char *const *)invocation->arguments->pdata,
                        explain_on_row, &explanation, &answer);

        if (status != SESSION_OK)
            result = show_problem(invocation, status, answer.problem);
        else if (!invocation->json)
            print_rest(&explanation);
        if (result == 0 && explanation.is_nowhere)
            result = SESSION_NOT_FOUND;
    }
    table_free(explanation.waits);
    table_free(explanation.recipients);
    (void)g_string_free(explanation.lines, TRUE);
    g_free(explanation.advice);
    session_answer_clear(&answer);
    session_close(session);
    return result;
}
