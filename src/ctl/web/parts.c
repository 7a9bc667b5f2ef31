/* The parts of pages. */

#include <string.h>

#include "base/readable.h"
#include "src/ctl/share_internal.h"
#include "src/ctl/text_internal.h"
#include "src/ctl/web/parts_internal.h"

#define WARN_PERCENT 75
#define BAD_PERCENT  90

bool part_is(const Row *row, const char *object)
{
    return g_strcmp0(row_text(row, "object"), object) == 0;
}

const Row *part_find(const WebAnswer *answer, const char *object)
{
    for (guint i = 0; i < answer->rows->len; i++)
        if (part_is(answer->rows->pdata[i], object))
            return answer->rows->pdata[i];
    return NULL;
}

/* ---- values ---- */

int64_t part_number(const Row *row, const char *field, int64_t otherwise)
{
    int64_t number;

    if (row_text(row, field) == NULL)
        return otherwise;
    number = row_number(row, field, otherwise);
    return CLAMP(number, 0, PART_NUMBER_MAX);
}

static const Field *find_field(const Row *row, const char *name)
{
    const View *view = view_find(row_text(row, "object"));

    return view != NULL ? view_field(view, name) : NULL;
}

char *part_value(const Row *row, const char *field, int64_t now_s)
{
    const Field *found = row != NULL ? find_field(row, field) : NULL;

    return found != NULL ? view_format(found, row, now_s) : g_strdup("-");
}

void part_put_value(Html *html, const Row *row, const char *field, int64_t now_s)
{
    g_autofree char *value = part_value(row, field, now_s);

    html_put(html, "%s", value);
}

/* ---- states and names ---- */

static void put_state(Html *html, const char *state)
{
    static const struct {
        const char *state, *tone, *shape;
    } looks[] = {
        {"dead",       "bad",  "\u25a0"},
        {"throttled",  "bad",  "\u25a0"},
        {"stuck",      "bad",  "\u25a0"},
        {"stopped",    "bad",  "\u25a0"},
        {"suspended",  "warn", "\u25b2"},
        {"draining",   "warn", "\u25b2"},
        {"blocked",    "warn", "\u25b2"},
        {"paced",      "warn", "\u25c6"},
        {"slowed",     "warn", "\u25c6"},
        {"full",       "ok",   "\u25cf"},
        {"delivering", "ok",   "\u25cf"},
        {"ready",      "ok",   "\u25cb"},
        {"pilot",      "ok",   "\u25cf"},
        {"portions",   "ok",   "\u25cf"},
        {"asking",     "ok",   "\u25cf"},
        {"done",       "ok",   "\u2714"},
        {"pending",    "idle", "\u25cb"},
        {"idle",       "idle", "\u25cb"},
    };
    const char *tone = "idle", *shape = "\u25cb";

    for (size_t i = 0; i < G_N_ELEMENTS(looks); i++) {
        if (g_str_equal(looks[i].state, state)) {
            tone = looks[i].tone;
            shape = looks[i].shape;
        }
    }
    html_put(html, "<span class=\"badge %s\"><i aria-hidden=\"true\">", tone);
    g_string_append(html->out, shape); /* one of the shapes above */
    html_put(html, "</i>%s</span>", state);
}

void part_put_states(Html *html, const Row *row)
{
    g_auto(GStrv) states = g_strsplit(row_text(row, "state") ?: "", ",", -1);

    for (char **state = states; *state != NULL; state++) {
        html_put(html, "%s", state != states ? " " : "");
        put_state(html, *state);
    }
}

void part_put_link(Html *html, const Row *row)
{
    bool is_transport = part_is(row, "transport");
    const char *transport = row_text(row, "transport") ?: "";
    const char *destination = row_text(row, "destination");

    if (is_transport) {
        html_put(html, "<a href=\"/transport/");
        html_put_segment(html, transport);
        html_put(html, "\">%s</a>", transport);
    } else if (destination == NULL || g_str_has_prefix(destination, "*@")) {
        html_put(html, "%s", destination ?: row_text(row, "site") ?: transport);
    } else {
        html_put(html, "<a href=\"/destination/");
        html_put_segment(html, destination);
        html_put(html, "?transport=");
        html_put_segment(html, transport);
        html_put(html, "\">%s</a>", destination);
    }
}

/* ---- bars and curves ---- */

/* 1 at least if there is something. */
static int percent_of(int64_t value, int64_t limit)
{
    if (value <= 0 || limit <= 0)
        return 0;
    return (int)CLAMP(share_percent(value, limit), 1, 100);
}

static const char *tone_of(int percent)
{
    if (percent >= BAD_PERCENT)
        return " bad";
    return percent >= WARN_PERCENT ? " warn" : "";
}

void part_put_bar(Html *html, const char *name, int64_t value, int64_t limit)
{
    int percent = percent_of(value, limit);
    g_autofree char *now = g_strdup_printf("%" G_GINT64_FORMAT, MIN(value, limit));
    g_autofree char *most = g_strdup_printf("%" G_GINT64_FORMAT, limit);

    html_put(html,
             "<div class=\"bar%s\" role=\"meter\" aria-label=\"%s\" aria-valuemin=\"0\" "
             "aria-valuenow=\"%s\" aria-valuemax=\"%s\"><span style=\"width:%d%%\"></span></div>",
             tone_of(percent), name, now, most, percent);
}

void part_put_progress(Html *html, const char *name, int64_t done, int64_t all)
{
    if (all > 0)
        html_put(html,
                 "<div class=\"bar\" role=\"progressbar\" aria-label=\"%s\" "
                 "aria-valuemin=\"0\" aria-valuenow=\"%d\" aria-valuemax=\"100\">"
                 "<span style=\"width:%d%%\"></span></div>",
                 name, percent_of(done, all), percent_of(done, all));
}

static GArray *parse_numbers(const char *text)
{
    g_auto(GStrv) words = g_strsplit(text != NULL ? text : "", ",", -1);
    GArray *numbers = g_array_new(FALSE, FALSE, sizeof(gint64));

    for (char **word = words; *word != NULL; word++) {
        gint64 number;

        if (g_ascii_string_to_signed(*word, 10, 0, INT32_MAX, &number, NULL))
            g_array_append_val(numbers, number);
    }
    return numbers;
}

static gint64 largest(const GArray *numbers)
{
    gint64 most = 0;

    for (guint i = 0; i < numbers->len; i++)
        most = MAX(most, g_array_index(numbers, gint64, i));
    return most;
}

/* One step to the right each; 100 is the lower edge. */
static void put_points(Html *html, const GArray *numbers, gint64 most)
{
    for (guint i = 0; i < numbers->len; i++) {
        gint64 y = 100 - g_array_index(numbers, gint64, i) * 100 / MAX(most, 1);

        html_put(html, "%d,%d ", (int)i, (int)y);
    }
}

void part_put_curve(Html *html, const char *name, const char *numbers)
{
    g_autoptr(GArray) points = parse_numbers(numbers);
    gint64 most = largest(points);
    g_autofree char *shown = readable_count(most);

    if (points->len < 2)
        return;
    html_put(html,
             "<svg class=\"spark\" viewBox=\"0 0 %d 100\" preserveAspectRatio=\"none\" "
             "role=\"img\" aria-label=\"%s, the last 60 minutes, at most %s a minute\">"
             "<polygon class=\"area\" points=\"0,100 ",
             (int)points->len - 1, name, shown);
    put_points(html, points, most);
    html_put(html, "%d,100\"/><polyline class=\"line\" points=\"", (int)points->len - 1);
    put_points(html, points, most);
    html_put(html, "\"/></svg>");
}

/* ---- tables ---- */

bool part_has_answer(Html *html, const WebAnswer *answer)
{
    if (answer->status == SESSION_OK)
        return true;
    html_put(html, "<p class=\"gone\">no answer: %s</p>", answer->problem);
    return false;
}

static bool belongs(const PartTable *table, const Row *row, int64_t now_s)
{
    return view_find(row_text(row, "object")) != NULL &&
           (table->shows == NULL || table->shows(row, now_s));
}

static guint count_rows(const PartTable *table, const WebAnswer *answer, int64_t now_s)
{
    guint count = 0;

    for (guint i = 0; i < answer->rows->len; i++)
        count += belongs(table, answer->rows->pdata[i], now_s) ? 1 : 0;
    return count;
}

static const char *class_of(const PartColumn *column, const Row *row)
{
    const Field *field;

    if (column->kind == PART_WHY)
        return "why";
    if (column->kind == PART_STATES)
        return "state";
    if (column->kind == PART_TIME)
        return "time";
    field = row != NULL ? find_field(row, column->field) : NULL;
    return field != NULL && view_is_number(field) ? "number" : "text";
}

/* A table may show both kinds of objects. */
static void put_row_head(Html *html, const PartColumn *column, const Row *row)
{
    bool is_other = row_text(row, column->field) == NULL && row_text(row, "site") == NULL;

    html_put(html, "<th scope=\"row\"><span>");
    part_put_link(html, row);
    html_put(html, "%s</span></th>", is_other ? " (transport)" : "");
}

/* NULL: the cell is empty. */
static const char *text_of_cell(const PartColumn *column, const Row *row)
{
    if (column->only != NULL && !part_is(row, column->only))
        return NULL;
    return row_text(row, column->field);
}

static void put_cell(Html *html, const PartColumn *column, const Row *row, int64_t now_s)
{
    const char *text = text_of_cell(column, row);

    if (column->kind == PART_LINK) {
        put_row_head(html, column, row);
        return;
    }
    if (column->kind == PART_HEAD) {
        html_put(html, "<th scope=\"row\">");
        part_put_value(html, row, column->field, now_s);
        html_put(html, "</th>");
        return;
    }
    html_put(html, "<td class=\"%s%s\" data-label=\"%s\">", class_of(column, row),
             text == NULL || *text == '\0' ? " empty" : "", column->heading);
    if (column->kind == PART_STATES)
        part_put_states(html, row);
    else if (text != NULL)
        part_put_value(html, row, column->field, now_s);
    html_put(html, "</td>");
}

static void put_head(Html *html, const PartTable *table, const Row *row)
{
    html_put(html, "<table><caption>%s</caption><thead><tr>", table->caption);
    for (const PartColumn *column = table->columns; column->kind != PART_END; column++)
        html_put(html, "<th scope=\"col\" class=\"%s\">%s</th>", class_of(column, row),
                 column->heading);
    html_put(html, "</tr></thead><tbody>");
}

void part_put_rest(Html *html, const WebAnswer *answer, guint shown)
{
    g_autofree char *matched = readable_count(part_number(&answer->ends.end, "matched", 0));

    if (row_number(&answer->ends.end, "truncated", 0) != 0)
        html_put(html, "<p class=\"soft\">%d of %s</p>", (int)shown, matched);
}

void part_put_table(Html *html, const PartTable *table, const WebAnswer *answer, int64_t now_s)
{
    guint count = count_rows(table, answer, now_s);
    bool is_first = true;

    if (answer->status != SESSION_OK || count == 0)
        html_put(html, "<h2>%s</h2>", table->caption);
    if (!part_has_answer(html, answer))
        return;
    if (count == 0) {
        html_put(html, "<p class=\"soft\">%s</p>", table->nothing);
        return;
    }
    for (guint i = 0; i < answer->rows->len; i++) {
        const Row *row =
            answer->rows->pdata[table->is_newest_first ? answer->rows->len - 1 - i : i];

        if (!belongs(table, row, now_s))
            continue;
        if (is_first)
            put_head(html, table, row);
        is_first = false;
        html_put(html, "<tr>");
        for (const PartColumn *column = table->columns; column->kind != PART_END; column++)
            put_cell(html, column, row, now_s);
        html_put(html, "</tr>");
    }
    html_put(html, "</tbody></table>");
    part_put_rest(html, answer, count);
}
