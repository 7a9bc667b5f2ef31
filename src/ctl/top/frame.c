/* Four lines of status, what wants attention, then a table. What does not fit is cut at the right.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/readable.h"
#include "src/ctl/share_internal.h"
#include "src/ctl/table_internal.h"
#include "src/ctl/text_internal.h"
#include "src/ctl/top/frame_internal.h"
#include "src/ctl/view_internal.h"

#define STATUS_LINES  4
#define ATTENTION_MAX 3
#define OTHER_LINES   4 /* the line of the sort, the heading, the hint, and one that stays empty */
#define SPARK_LEVELS  8
#define MINUTES       60
#define LABEL_FORMAT  "%-9s%7s  %s"

/* Columns of the table; the rates are put into the rows by rates_add(). */
static const Field columns[] = {
    {"transport",     FIELD_TEXT,   "TRANSPORT",   ""},
    {"destination",   FIELD_TEXT,   "DESTINATION", ""},
    {"state",         FIELD_LIST,   "STATE",       ""},
    {"running",       FIELD_COUNT,  "RUN",         ""},
    {"window",        FIELD_COUNT,  "WINDOW",      ""},
    {"waiting",       FIELD_COUNT,  "WAIT",        ""},
    {"deferred",      FIELD_COUNT,  "DEFERRED",    ""},
    {"done_rate",     FIELD_TENTHS, "DONE/S",      ""},
    {"deferred_rate", FIELD_TENTHS, "DEFER/S",     ""},
    {"until",         FIELD_UNTIL,  "UNTIL",       ""},
    {"why",           FIELD_TEXT,   "WHY",         ""},
    {NULL,            FIELD_TEXT,   NULL,          ""},
};
static const View table_view = {"destination", columns};

static const char *const help_lines[] = {
    "Space   stop, go on            1-5  sort by waiting, running, deferred, until, name",
    "< >     sort by the next       /    only names that hold this; * at begin or end for anything",
    "t       only throttled ones    Enter  all about the destination with the cursor",
    "Up, Down, j, k  move it        q    quit",
    "s       suspend the destination with the cursor, after questions: for how long, and why",
    "r       resume: end a rule, by its number",
    "",
    "DONE/S and DEFER/S: deliveries that ended since the last look, a second. The bars on the top",
    "are the last 60 minutes. DEFERRED: deferred messages that are known to wait for it.",
    "",
    "Any key goes back.",
};

static void line_free(gpointer line)
{
    g_free(((Line *)line)->text);
    g_free(line);
}

/* Takes over `text`, and cuts it. */
static void add_line(GPtrArray *lines, LineKind kind, char *text, FrameSize size)
{
    Line *line = g_new(Line, 1);

    *line = (Line){kind, text};
    if (text_width(text) > size.width)
        text[text_fit(text, size.width)] = '\0';
    g_ptr_array_add(lines, line);
}

/* A value of the status row in its usual shape. */
static char *state_value(const Look *look, const char *name)
{
    return view_format(view_field(view_find("status"), name), &look->state, look->now_s);
}

/* ---- sparklines ---- */

/* The counts of 60 minutes; missing ones are 0. Returns the largest. */
static int64_t parse_minutes(const Look *look, const char *name, int64_t ret_counts[MINUTES])
{
    g_auto(GStrv) words = g_strsplit(row_text(&look->state, name) ?: "", ",", -1);
    guint count = g_strv_length(words);
    int64_t most = 0;

    for (guint i = 0; i < MINUTES; i++) {
        guint missing = count < MINUTES ? MINUTES - count : 0;

        ret_counts[i] = i < missing ? 0 : MAX(g_ascii_strtoll(words[i - missing], NULL, 10), 0);
        most = MAX(most, ret_counts[i]);
    }
    return most;
}

/* Whatever is there at all is seen: 0 alone has the lowest level. */
static char *sparkline(const int64_t counts[MINUTES], int64_t most, bool is_utf8)
{
    static const char *const blocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const ascii[] = {" ", ".", ":", "-", "=", "+", "*", "%", "#"};
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < MINUTES; i++) {
        double part = most > 0 ? (double)counts[i] / (double)most : 0;
        int level = counts[i] > 0 ? 1 + (int)(part * (SPARK_LEVELS - 1)) : 0;

        g_string_append(text, (is_utf8 ? blocks : ascii)[CLAMP(level, 0, SPARK_LEVELS)]);
    }
    return g_string_free(text, FALSE);
}

static void add_sparklines(GPtrArray *lines, const Look *look, FrameSize size)
{
    static const char *const names[][3] = {
        {"in/min",    "in_minute",       "in_minutes"      },
        {"done/min",  "done_minute",     "done_minutes"    },
        {"defer/min", "deferred_minute", "deferred_minutes"}
    };
    int64_t counts[G_N_ELEMENTS(names)][MINUTES], most = 0;

    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        most = MAX(most, parse_minutes(look, names[i][2], counts[i]));
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *now = state_value(look, names[i][1]);
        g_autofree char *spark = sparkline(counts[i], most, size.is_utf8);

        add_line(lines, LINE_PLAIN, g_strdup_printf(LABEL_FORMAT, names[i][0], now, spark), size);
    }
}

static void add_status(GPtrArray *lines, const Look *look, FrameSize size)
{
    g_autofree char *active = state_value(look, "active");
    g_autofree char *limit = state_value(look, "active_limit");
    g_autofree char *deferred = state_value(look, "deferred");
    g_autofree char *overdue = state_value(look, "overdue");
    g_autofree char *delivering = state_value(look, "delivering");
    g_autofree char *up = state_value(look, "started");
    g_autofree char *clock = text_clock(look->now_s, look->now_s);

    add_line(lines, LINE_PLAIN,
             g_strdup_printf("%s  up %s  active %s of %s, delivering %s  deferred %s, overdue %s",
                             clock, up, active, limit, delivering, deferred, overdue),
             size);
    add_sparklines(lines, look, size);
}

/* ---- tables ---- */

static void set_rate(Row *row, const char *name, const Row *earlier, const char *counter,
                     int64_t span_us)
{
    double rate =
        share_per_second(row_number(earlier, counter, 0), row_number(row, counter, 0), span_us);

    (void)g_hash_table_insert(row->values, g_strdup(name), g_strdup_printf("%.0f", rate * 10));
}

/* A destination that the last look did not show has no rates yet: what it did before is not known.
 */
static void rates_add(const Look *look, const Look *before)
{
    int64_t span_us = before != NULL ? look->steady_us - before->steady_us : 0;

    for (guint i = 0; span_us > 0 && i < look->rows->len; i++) {
        Row *row = look->rows->pdata[i];
        const Row *earlier = look_find(before, row);

        if (earlier == NULL)
            continue;
        set_rate(row, "done_rate", earlier, "deliveries_done", span_us);
        set_rate(row, "deferred_rate", earlier, "deliveries_deferred", span_us);
    }
}

/* The lines of a table; heading first. */
static char **table_lines(const View *view, const Look *look, int width)
{
    Table *table = table_new(view, look->now_s);
    char *text = NULL, **lines;
    size_t size_bytes;
    FILE *out;

    for (guint i = 0; i < look->rows->len; i++)
        if (g_strcmp0(row_text(look->rows->pdata[i], "object"), view->object) == 0)
            table_add(table, look->rows->pdata[i]);
    out = open_memstream(&text, &size_bytes);
    g_assert(out != NULL);
    table_print(table, out, width);
    (void)fclose(out);
    table_free(table);
    lines = g_strsplit(text, "\n", -1);
    free(text);
    return lines;
}

static void add_table(GPtrArray *lines, const View *view, const Look *look, int chosen,
                      FrameSize size)
{
    g_auto(GStrv) rows = table_lines(view, look, size.width);

    for (int i = 0; rows[i] != NULL && rows[i][0] != '\0'; i++)
        add_line(lines,
                 i == 0            ? LINE_HEADING
                 : i - 1 == chosen ? LINE_CHOSEN
                                   : LINE_PLAIN,
                 g_strdup(rows[i]), size);
}

static void add_destinations(GPtrArray *lines, const Look *look, const Wish *wish, FrameSize size)
{
    g_autofree char *matched =
        wish->throttled_only ? readable_counted(look->matched, "destination that is throttled",
                                                "destinations that are throttled")
                             : readable_counted(look->matched, "destination", "destinations");

    add_line(lines, LINE_PLAIN,
             g_strdup_printf("%u of %s by %s%s%s%s", look->rows->len, matched,
                             wish_sort_str(wish->sort),
                             wish->filter[0] != '\0' ? ", names like " : "", wish->filter,
                             wish->is_paused ? "   PAUSED" : ""),
             size);
    add_table(lines, &table_view, look, (int)wish->chosen, size);
}

static bool has_rows_of(const Look *look, const char *object)
{
    for (guint i = 0; i < look->rows->len; i++)
        if (g_strcmp0(row_text(look->rows->pdata[i], "object"), object) == 0)
            return true;
    return false;
}

/* All about one: each kind of row that came has a table of its own. */
static void add_details(GPtrArray *lines, const Look *look, FrameSize size)
{
    const View *view;

    for (unsigned i = 0; (view = view_at(i)) != NULL; i++) {
        if (!has_rows_of(look, view->object))
            continue;
        add_line(lines, LINE_PLAIN, g_strdup(""), size);
        add_table(lines, view, look, -1, size);
    }
}

/* ---- the whole ---- */

static char *hint_text(const Wish *wish)
{
    if (errand_is_asking(&wish->errand))
        return errand_question(&wish->errand);
    if (wish->notice[0] != '\0')
        return text_printable(wish->notice);
    if (wish->is_editing)
        return g_strdup_printf("names like: %s_   Enter: take it   Esc: leave it", wish->edited);
    if (wish->shows_details)
        return g_strdup("Enter, Esc: back   s: suspend   r: resume");
    return g_strdup("?: help  space: stop  1-5: sort  /: filter  t: throttled  s: suspend  "
                    "r: resume  Enter: details  q: quit");
}

static void add_trouble(GPtrArray *lines, const char *text, FrameSize size)
{
    g_autofree char *printable = text_printable(text);

    add_line(lines, LINE_TROUBLE, g_strdup_printf("! %s", printable), size);
}

static void add_problem(GPtrArray *lines, const Look *look, const char *problem, FrameSize size)
{
    g_autofree char *since = look != NULL ? text_clock(look->now_s, look->now_s) : NULL;
    g_autofree char *text = since != NULL
                                ? g_strdup_printf("no answer since %s: %s", since, problem)
                                : g_strdup_printf("no answer: %s", problem);

    add_trouble(lines, text, size);
}

static void add_jobs(GPtrArray *lines, const Look *look, FrameSize size)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);

    frame_add_jobs(texts, look);
    for (guint i = 0; i < texts->len; i++)
        add_line(lines, LINE_PLAIN, g_strdup(texts->pdata[i]), size);
}

static void add_body(GPtrArray *lines, const Look *look, const Wish *wish, FrameSize size)
{
    for (guint i = 0; wish->shows_help && i < G_N_ELEMENTS(help_lines); i++)
        add_line(lines, LINE_PLAIN, g_strdup(help_lines[i]), size);
    if (wish->shows_help || look == NULL)
        return;
    if (wish->shows_details && !has_rows_of(look, "destination"))
        add_line(lines, LINE_PLAIN, g_strdup("It is not known any more: it has no mail."), size);
    else if (wish->shows_details)
        add_details(lines, look, size);
    else
        add_destinations(lines, look, wish, size);
}

GPtrArray *frame_lines(const Look *look, const Look *before, const Wish *wish, const char *problem,
                       FrameSize size)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(line_free);

    if (problem != NULL)
        add_problem(lines, look, problem, size);
    if (look != NULL) {
        rates_add(look, before);
        add_status(lines, look, size);
        for (guint i = 0; i < look->attention->len && i < ATTENTION_MAX; i++)
            add_trouble(lines, look->attention->pdata[i], size);
        add_jobs(lines, look, size);
    }
    add_body(lines, look, wish, size);
    if (lines->len >= (guint)MAX(size.height, 1))
        g_ptr_array_set_size(lines, MAX(size.height, 1) - 1);
    add_line(lines, LINE_HINT, hint_text(wish), size);
    return lines;
}

int frame_row_max(FrameSize size)
{
    return MAX(size.height - STATUS_LINES - OTHER_LINES, 1);
}

/* ---- batch ---- */

char *frame_batch_heading(void)
{
    return g_strdup("    time   active resolv  waiting deliver  deferred  overdue     in/s   "
                    "done/s  defer/s dead");
}

/* Since the last look, a second; the counts since the start make that independent of the interval.
 */
static char *batch_rate(const Look *look, const Look *before, const char *counter)
{
    int64_t span_us = before != NULL ? look->steady_us - before->steady_us : 0;

    if (span_us <= 0)
        return g_strdup("-");
    return g_strdup_printf("%.1f", share_per_second(row_number(&before->state, counter, 0),
                                                    row_number(&look->state, counter, 0), span_us));
}

char *frame_batch_line(const Look *look, const Look *before)
{
    g_autofree char *clock = text_clock(look->now_s, look->now_s);
    g_autofree char *in = batch_rate(look, before, "taken_total");
    g_autofree char *done = batch_rate(look, before, "removed_total");
    g_autofree char *deferred = batch_rate(look, before, "deferred_total");

    return g_strdup_printf(
        "%s %8" PRId64 " %6" PRId64 " %8" PRId64 " %7" PRId64 " %9" PRId64 " %8" PRId64
        " %8s %8s %8s %4" PRId64,
        clock, row_number(&look->state, "active", 0), row_number(&look->state, "resolving", 0),
        row_number(&look->state, "waiting", 0), row_number(&look->state, "delivering", 0),
        row_number(&look->state, "deferred", 0), row_number(&look->state, "overdue", 0), in, done,
        deferred, row_number(&look->state, "transports_dead", 0));
}
