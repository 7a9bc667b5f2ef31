/*
 * The loop of top: look each interval, take keys in between, paint. It ends by a key or by a
 * signal, and the terminal is as it was.
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/ctl/show_internal.h"
#include "src/ctl/text_internal.h"
#include "src/ctl/top/screen_internal.h"
#include "src/ctl/top/top_internal.h"
#include "src/ctl/top/watcher_internal.h"

#define KEY_WAIT_MS       50
#define INTERVAL_MAX_S    3600
#define HEADING_EACH_ROWS 20

static volatile sig_atomic_t got_signal;

typedef struct Top {
    Watcher *watcher;
    Wish wish;
    Look *look, *before;           /* the last two whole ones; NULL: none yet */
    char *problem;                 /* of the last look; NULL: it was whole */
    char *destination, *transport; /* whose details are shown */
    int64_t interval_us, next_us;  /* steady */
} Top;

static void on_signal(int number)
{
    got_signal = number;
}

static void catch_signals(void)
{
    const struct sigaction action = {.sa_handler = on_signal};
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        (void)sigaction(numbers[i], &action, NULL);
}

/* The end by a signal looks as without a handler. */
static void end_by_signal(void)
{
    if (got_signal == 0)
        return;
    (void)signal(got_signal, SIG_DFL);
    (void)raise(got_signal);
}

static int parse_number(const Invocation *invocation, const char *option, int otherwise, int most,
                        int *ret_number)
{
    const char *text = g_hash_table_lookup(invocation->flags, option);
    gint64 number = otherwise;

    if (text != NULL && !g_ascii_string_to_signed(text, 10, 1, most, &number, NULL)) {
        (void)fprintf(stderr, "eqmgrctl: top: --%s %s: a number from 1 to %d\n", option, text,
                      most);
        return SESSION_USAGE;
    }
    *ret_number = (int)number;
    return 0;
}

/* Rates are between looks at the same thing only if both are whole. */
static void take_look(Top *top, Look *look)
{
    g_clear_pointer(&top->problem, g_free);
    if (look->told != NULL)
        wish_tell(&top->wish, look->told);
    if (look->problem != NULL) {
        top->problem = text_printable(look->problem);
        look_free(look);
        return;
    }
    look_free(top->before);
    top->before = top->look;
    top->look = look;
}

/* ---- batch ---- */

static Look *wait_for_look(Top *top, const LookRequest *request)
{
    Look *look = NULL;

    (void)watcher_ask(top->watcher, request);
    while (look == NULL && got_signal == 0)
        look = watcher_pop(top->watcher, KEY_WAIT_MS * 1000);
    return look;
}

static void wait_until(int64_t until_us)
{
    int64_t left_us;

    while (got_signal == 0 && (left_us = until_us - g_get_monotonic_time()) > 0)
        g_usleep((gulong)MIN(left_us, KEY_WAIT_MS * 1000));
}

static void print_heading(void)
{
    g_autofree char *heading = frame_batch_heading();

    (void)puts(heading);
}

static int run_batch(Top *top, int count)
{
    const LookRequest request = {.sort = wish_sort_str(WISH_WAITING), .row_max = 1};
    int status = 0;

    for (int row = 0; (count == 0 || row < count) && got_signal == 0 && !ferror(stdout); row++) {
        Look *look;

        top->next_us = g_get_monotonic_time() + top->interval_us;
        look = wait_for_look(top, &request);
        if (look == NULL)
            break;
        status = (int)look->status;
        if (row % HEADING_EACH_ROWS == 0)
            print_heading();
        take_look(top, look);
        if (top->problem != NULL) {
            (void)fprintf(stderr, "eqmgrctl: top: %s\n", top->problem);
        } else {
            g_autofree char *line = frame_batch_line(top->look, top->before);

            (void)puts(line);
        }
        (void)fflush(stdout);
        if (row + 1 != count)
            wait_until(top->next_us);
    }
    return status;
}

/* ---- on a terminal ---- */

static LookRequest request_of(const Top *top)
{
    const Errand *errand = &top->wish.errand;
    bool is_ready = errand->step == ERRAND_READY;

    return (LookRequest){.sort = wish_sort_str(top->wish.sort),
                         .throttled_only = top->wish.throttled_only,
                         .pattern = wish_pattern(&top->wish),
                         .destination = top->wish.shows_details ? g_strdup(top->destination) : NULL,
                         .transport = top->wish.shows_details ? g_strdup(top->transport) : NULL,
                         .row_max = frame_row_max(screen_size()),
                         .change = is_ready ? errand_verb(errand) : NULL,
                         .arguments = is_ready ? errand_arguments(errand) : NULL};
}

static void ask_for_look(Top *top)
{
    LookRequest request = request_of(top);

    if (watcher_ask(top->watcher, &request)) {
        top->next_us = g_get_monotonic_time() + top->interval_us;
        if (request.change != NULL)
            top->wish.errand.step = ERRAND_NONE;
    }
    look_request_clear(&request);
}

static void paint(const Top *top)
{
    g_autoptr(GPtrArray) lines =
        frame_lines(top->look, top->before, &top->wish, top->problem, screen_size());

    screen_paint(lines);
}

static unsigned row_count(const Top *top)
{
    return top->look != NULL ? top->look->rows->len : 0;
}

/* Remembers whose details are wanted, as rows move while one reads. */
static void choose(Top *top)
{
    const Row *row;

    if (top->wish.chosen >= row_count(top))
        return;
    row = top->look->rows->pdata[top->wish.chosen];
    g_free(top->destination);
    g_free(top->transport);
    top->destination = g_strdup(row_text(row, "destination"));
    top->transport = g_strdup(row_text(row, "transport"));
}

/* In the list the row with the cursor, in details the one that they are about. */
static const Row *chosen_row(const Top *top)
{
    guint place = top->wish.shows_details ? 0 : top->wish.chosen;
    const Row *row = place < row_count(top) ? top->look->rows->pdata[place] : NULL;

    return row != NULL && g_strcmp0(row_text(row, "object"), "destination") == 0 ? row : NULL;
}

static void take_key(Top *top, int key)
{
    bool showed_details = top->wish.shows_details;

    if (wish_take_key(&top->wish, key, row_count(top)))
        top->next_us = 0;
    if (top->wish.begins != WISH_NO_ERRAND)
        wish_begin_errand(&top->wish, chosen_row(top),
                          top->look != NULL ? row_text(&top->look->header, "level") : NULL);
    if (top->wish.shows_details && !showed_details)
        choose(top);
    /* Rows of another kind come next: until then there is nothing to show. */
    if (top->wish.shows_details != showed_details && top->look != NULL)
        g_ptr_array_set_size(top->look->rows, 0);
}

static void turn(Top *top)
{
    Look *look = watcher_pop(top->watcher, 0);
    int key;

    if (look != NULL)
        take_look(top, look);
    if (top->next_us == 0 || (!top->wish.is_paused && g_get_monotonic_time() >= top->next_us))
        ask_for_look(top);
    paint(top);
    key = screen_key(KEY_WAIT_MS);
    if (key != SCREEN_NO_KEY)
        take_key(top, key);
}

static int run_screen(Top *top)
{
    const char *problem = NULL;

    if (!screen_open(&problem)) {
        (void)fprintf(stderr, "eqmgrctl: top: %s\n", problem);
        return SESSION_USAGE;
    }
    while (!top->wish.is_over && got_signal == 0)
        turn(top);
    screen_close();
    return 0;
}

int top_run(const Invocation *invocation)
{
    g_autofree char *directory = NULL;
    bool in_batch = g_hash_table_contains(invocation->flags, "batch") || !isatty(STDOUT_FILENO) ||
                    !isatty(STDIN_FILENO);
    int interval_s, count, status;
    Top top = {.look = NULL};

    if (parse_number(invocation, "delay", TOP_DEFAULT_INTERVAL_S, INTERVAL_MAX_S, &interval_s) !=
            0 ||
        parse_number(invocation, "count", 0, INT32_MAX, &count) != 0)
        return SESSION_USAGE;
    directory = show_queue_directory(invocation, &status);
    if (directory == NULL)
        return status;
    top.interval_us = interval_s * (int64_t)G_USEC_PER_SEC;
    top.watcher = watcher_new(directory, invocation->timeout_s);
    catch_signals();
    status = in_batch ? run_batch(&top, count) : run_screen(&top);
    end_by_signal();
    look_free(top.look);
    look_free(top.before);
    g_free(top.problem);
    g_free(top.destination);
    g_free(top.transport);
    return status;
}
