/*
 * What most verbs do: ask, and show what comes. JSON goes out line by line as it arrives; a table
 * has to wait for its last row, so its rows are kept.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/readable.h"
#include "src/ctl/postconf_internal.h"
#include "src/ctl/show_internal.h"
#include "src/ctl/table_internal.h"
#include "src/ctl/text_internal.h"
#include "src/ctl/view_internal.h"

/* Without a terminal nothing is cut: what reads it may want all of it. */
static int terminal_width(void)
{
    struct winsize size;

    return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int show_problem(const Invocation *invocation, SessionStatus status, const char *problem)
{
    g_autofree char *printable = text_printable(problem);

    (void)fprintf(stderr, "eqmgrctl: %s: %s\n", invocation->command->name, printable);
    return (int)status;
}

/* The command line names a directory without a main.cf, which the text says. */
static bool is_no_instance(const char *config_directory)
{
    g_autofree char *main_cf =
        config_directory != NULL ? g_build_filename(config_directory, "main.cf", NULL) : NULL;

    if (main_cf == NULL || access(main_cf, R_OK) == 0)
        return false;
    (void)fprintf(stderr, "eqmgrctl: -c %s: cannot read %s: %s\n", config_directory, main_cf,
                  g_strerror(errno));
    return true;
}

char *show_queue_directory(const Invocation *invocation, int *ret_status)
{
    const char *const names[] = {"queue_directory", NULL};
    g_autofree char *problem = NULL;
    g_auto(GStrv) values = NULL;

    *ret_status = SESSION_USAGE;
    if (is_no_instance(invocation->config_directory))
        return NULL;
    *ret_status = SESSION_NO_DAEMON;
    values = postconf_values(invocation->config_directory, names, &problem);
    if (values != NULL && *values[0] != '\0')
        return g_strdup(values[0]);
    (void)fprintf(stderr, "eqmgrctl: %s\n", problem != NULL ? problem : "queue_directory is empty");
    return NULL;
}

/* Who has the queue instead, as master.cf says: a program of Postfix, or ours, wherever it is. */
static char *why_nobody_listens(const Invocation *invocation, const char *problem)
{
    static const char *const of_postfix[] = {"qmgr", "oqmgr", "nqmgr", NULL};
    g_autofree char *program = postconf_queue_manager(invocation->config_directory);

    if (program == NULL)
        return g_strdup(problem);
    if (g_strv_contains(of_postfix, program))
        return g_strdup_printf("%s: master.cf names %s as the queue manager; eqmgr-switch on "
                               "changes that",
                               problem, program);
    return g_strdup_printf("%s, though master.cf names %s: does Postfix run? See eqmgr-switch "
                           "status",
                           problem, program);
}

int show_connect(const Invocation *invocation, Session **ret_session)
{
    g_autofree char *problem = NULL, *text = NULL;
    int no_directory;
    g_autofree char *directory = show_queue_directory(invocation, &no_directory);
    SessionStatus status;

    if (directory == NULL)
        return no_directory;
    status = session_open(directory, invocation->timeout_s, ret_session, &problem);
    if (status == SESSION_OK)
        return 0;
    text =
        status == SESSION_NO_DAEMON ? why_nobody_listens(invocation, problem) : g_strdup(problem);
    return show_problem(invocation, status, text);
}

bool show_as_json(const Invocation *invocation, const View *view, const Row *row)
{
    g_autofree char *line = invocation->json ? view_json(view, row) : NULL;

    if (line != NULL)
        (void)puts(line);
    return line != NULL;
}

/* A listing while it arrives. */
typedef struct Shown {
    const Invocation *invocation;
    const View *view; /* of the table that is being filled */
    Table *table;
    int64_t now_s;
    uint64_t row_count;
    const View *counted; /* the object of the last rows, and how many of it came */
    uint64_t object_count;
} Shown;

static void print_table(Shown *listing)
{
    if (listing->table == NULL)
        return;
    table_print(listing->table, stdout, terminal_width());
    table_free(listing->table);
    listing->table = NULL;
}

static void show_in_table(Shown *listing, const View *view, const Row *row)
{
    if (view != listing->view) {
        bool is_first = listing->view == NULL;

        print_table(listing);
        if (!is_first)
            (void)putchar('\n');
        listing->view = view;
        listing->table = table_new(view, listing->now_s);
    }
    table_add(listing->table, row);
}

static void show_on_row(const Row *row, void *ctx)
{
    Shown *listing = ctx;
    const View *view = view_find(row_text(row, "object"));

    if (view == NULL) /* of a younger daemon */
        return;
    listing->row_count++;
    listing->object_count = view == listing->counted ? listing->object_count + 1 : 1;
    listing->counted = view;
    if (!show_as_json(listing->invocation, view, row))
        show_in_table(listing, view, row);
}

/* How much is known of deferred mail by destination; NULL: the answer is not about that. */
static char *coverage_text(const Row *end)
{
    g_autofree char *known = NULL, *all = NULL;

    if (row_text(end, "deferred_known") == NULL)
        return NULL;
    if (row_number(end, "index_complete", 0) == 0)
        return g_strdup("deferred mail is not counted yet: the index is built by the next queue "
                        "run");
    known = readable_count(row_number(end, "deferred_known", 0));
    all = readable_count(row_number(end, "deferred", 0));
    return g_strdup_printf("deferred known for %s of %s", known, all);
}

static char *truncation_text(const Shown *listing, const Row *end)
{
    g_autofree char *shown = readable_count((int64_t)listing->object_count);
    g_autofree char *matched = readable_count(row_number(end, "matched", 0));

    if (row_number(end, "truncated", 0) == 0)
        return NULL;
    return g_strdup_printf("%s of %s", shown, matched);
}

/* How much of what there is was shown, and how much is known. */
static void print_end_for_people(const Row *end, const char *truncation)
{
    g_autofree char *coverage = coverage_text(end);
    const char *parts[] = {truncation, coverage, row_text(end, "note")};
    const char *before = "-- ";

    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *printable = parts[i] != NULL ? text_printable(parts[i]) : NULL;

        if (printable == NULL)
            continue;
        (void)printf("%s%s", before, printable);
        before = "; ";
    }
    if (before[0] == ';')
        (void)putchar('\n');
}

/* Scripts take each line of destinations for one; how much is known is in status for them. */
static void print_end(const Shown *listing, const SessionAnswer *answer)
{
    g_autofree char *truncation = truncation_text(listing, &answer->end);

    if (!listing->invocation->json) {
        print_end_for_people(&answer->end, truncation);
        return;
    }
    if (g_str_equal(listing->invocation->command->name, "deferred"))
        (void)show_as_json(listing->invocation, view_find("coverage"), &answer->end);
    if (truncation != NULL)
        (void)fprintf(stderr, "-- %s\n", truncation);
}

/* One question on an open session: its rows are shown, its end is told. */
static int show_answer(Session *session, const Invocation *invocation, const char *const *arguments,
                       Shown *listing, SessionAnswer *ret_answer)
{
    SessionStatus status = session_ask(session, invocation->command->name, arguments, show_on_row,
                                       listing, ret_answer);

    print_table(listing);
    return status == SESSION_OK ? 0 : show_problem(invocation, status, ret_answer->problem);
}

/* Rows say of some objects that nothing was done. */
static bool has_undone(const Shown *listing, const Row *end)
{
    return listing->invocation->command->has_done_rows &&
           row_number(end, "matched", 0) < (int64_t)listing->row_count;
}

int show_listing(const Invocation *invocation)
{
    Shown listing = {.invocation = invocation, .now_s = g_get_real_time() / G_USEC_PER_SEC};
    g_autofree char *rows = g_strdup_printf("%" PRId64, invocation->row_max);
    g_autoptr(GPtrArray) arguments = g_ptr_array_new_with_free_func(g_free);
    SessionAnswer answer = {.problem = NULL};
    Session *session = NULL;
    int result = show_connect(invocation, &session);

    g_ptr_array_add(arguments, g_strdup("limit"));
    g_ptr_array_add(arguments, g_strdup(invocation->all ? "0" : rows));
    for (guint i = 0; i < invocation->arguments->len; i++)
        g_ptr_array_add(arguments, g_strdup(invocation->arguments->pdata[i]));
    if (result == 0)
        result = show_answer(session, invocation, (const char *const *)arguments->pdata, &listing,
                             &answer);
    if (result == 0 && listing.row_count == 0 && !invocation->json)
        (void)puts("-- nothing");
    if (result == 0)
        print_end(&listing, &answer);
    if (result == 0 && (listing.row_count == 0 || has_undone(&listing, &answer.end)))
        result = SESSION_NOT_FOUND;
    session_answer_clear(&answer);
    session_close(session);
    return result;
}

int show_events(const Invocation *invocation)
{
    bool follows = g_hash_table_contains(invocation->flags, "follow");
    g_autofree char *rows = g_strdup_printf("%" PRId64, invocation->row_max), *after = NULL;
    Session *session = NULL;
    int result = show_connect(invocation, &session);

    while (result == 0) {
        Shown listing = {.invocation = invocation, .now_s = g_get_real_time() / G_USEC_PER_SEC};
        const char *arguments[] = {"after", after, "limit", after == NULL ? rows : "0", NULL};
        SessionAnswer answer;

        result = show_answer(session, invocation, arguments, &listing, &answer);
        if (result == 0 && !follows)
            print_end(&listing, &answer);
        g_free(after);
        after = g_strdup(row_text(&answer.end, "cursor"));
        session_answer_clear(&answer);
        if (!follows)
            break;
        (void)fflush(stdout);
        g_usleep(G_USEC_PER_SEC);
    }
    session_close(session);
    return result;
}
