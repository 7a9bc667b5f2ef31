/*
 * The front page: at one glance what an operator asks first, below it the rest. Each section is a
 * card, and knows which answer it shows.
 */

#include <string.h>

#include "base/readable.h"
#include "src/ctl/text_internal.h"
#include "src/ctl/web/front_internal.h"
#include "src/ctl/web/parts_internal.h"

#define LONG_CONNECTION_S 60
#define DUE_MINUTES       60
#define MINUTE_S          60

static void open_card(Html *html, const char *id, const char *width)
{
    html_put(html, "<section class=\"card %s\" id=\"%s\">", width, id);
}

static void close_card(Html *html)
{
    html_put(html, "</section>");
}

/* Names and values of fields of one row. */
typedef struct Fact {
    const char *field, *name;
} Fact;

static void put_facts(Html *html, const char *class_name, const Row *row, const Fact *facts,
                      size_t count, int64_t now_s)
{
    html_put(html, "<dl class=\"%s\">", class_name);
    for (size_t i = 0; i < count; i++) {
        g_autofree char *value = part_value(row, facts[i].field, now_s);
        const char *tone = g_str_equal(value, "0") ? "zero" : "some";

        html_put(html, "<div><dt>%s</dt><dd class=\"%s\">%s</dd></div>", facts[i].name, tone,
                 value);
    }
    html_put(html, "</dl>");
}

/* ---- at one glance ---- */

static void card_active(Html *html, const Row *status, int64_t now_s)
{
    static const Fact facts[] = {
        {"resolving",     "resolving" },
        {"waiting",       "waiting"   },
        {"delivering",    "delivering"},
        {"finishing",     "finishing" },
        {"stuck",         "stuck"     },
        {"oldest_active", "oldest"    },
    };

    open_card(html, "active", "third");
    html_put(html, "<h2>Active</h2><p class=\"big\">");
    part_put_value(html, status, "active", now_s);
    html_put(html, " <small>of ");
    part_put_value(html, status, "active_limit", now_s);
    html_put(html, " messages</small></p>");
    part_put_bar(html, "active messages", part_number(status, "active", 0),
                 part_number(status, "active_limit", 0));
    html_put(html, "<p class=\"soft\">");
    part_put_value(html, status, "recipients", now_s);
    html_put(html, " of ");
    part_put_value(html, status, "recipients_limit", now_s);
    html_put(html, " recipients</p>");
    part_put_bar(html, "recipients in memory", part_number(status, "recipients", 0),
                 part_number(status, "recipients_limit", 0));
    put_facts(html, "flow", status, facts, G_N_ELEMENTS(facts), now_s);
    close_card(html);
}

static void card_deferred(Html *html, const Row *status, int64_t now_s)
{
    static const Fact facts[] = {
        {"overdue",  "overdue"     },
        {"next_due", "next due in" },
        {"last_run", "last run ago"},
    };

    open_card(html, "deferred", "third");
    html_put(html, "<h2>Deferred</h2>");
    if (part_number(status, "index_complete", 0) != 0) {
        html_put(html, "<p class=\"big\">");
        part_put_value(html, status, "deferred", now_s);
        html_put(html, " <small>messages</small></p>");
        part_put_bar(html, "overdue", part_number(status, "overdue", 0),
                     part_number(status, "deferred", 0));
    } else {
        html_put(html, "<p class=\"big\">?</p><p class=\"soft\">not counted yet: the next queue "
                       "run does that</p>");
    }
    put_facts(html, "flow", status, facts, G_N_ELEMENTS(facts), now_s);
    close_card(html);
}

static void put_rate(Html *html, const Row *status, const char *field, const char *name,
                     int64_t now_s)
{
    g_autofree char *minute = g_strconcat(field, "_minute", NULL);
    g_autofree char *minutes = g_strconcat(field, "_minutes", NULL);
    g_autofree char *hour = g_strconcat(field, "_hour", NULL);

    html_put(html, "<div class=\"rate\"><div>%s<br><b>", name);
    part_put_value(html, status, minute, now_s);
    html_put(html, "</b></div><div>");
    part_put_curve(html, name, row_text(status, minutes));
    html_put(html, "</div><div class=\"hour\">");
    part_put_value(html, status, hour, now_s);
    html_put(html, "<br>last hour</div></div>");
}

static void card_flow(Html *html, const Row *status, int64_t now_s)
{
    open_card(html, "flow", "third");
    html_put(html, "<h2>Messages a minute</h2>");
    put_rate(html, status, "in", "in", now_s);
    put_rate(html, status, "done", "done", now_s);
    put_rate(html, status, "deferred", "deferred", now_s);
    close_card(html);
}

/* Rules have a card of their own. */
static bool is_place(const Row *row, int64_t now_s)
{
    (void)now_s;
    return !part_is(row, "rule");
}

static void card_standstill(Html *html, const WebAnswer *answer, int64_t now_s)
{
    static const PartTable table = {
        .caption = "What stands still",
        .nothing =
            "Nothing: no transport is dead, nothing is throttled, paced, slowed or suspended.",
        .columns = {{"destination", "What", PART_LINK},
                    {"state", "State", PART_STATES},
                    {"since", "Since", PART_VALUE},
                    {"until", "Again in", PART_VALUE},
                    {"deferred", "Deferred", PART_VALUE, "destination"},
                    {"why", "Why", PART_WHY}},
        .shows = is_place,
    };

    open_card(html, "stands-still", "wide");
    part_put_table(html, &table, answer, now_s);
    close_card(html);
}

static bool has_work(const Row *row, int64_t now_s)
{
    (void)now_s;
    return part_number(row, "running", 0) + part_number(row, "waiting", 0) > 0;
}

static void card_busiest(Html *html, const WebAnswer *answer, int64_t now_s)
{
    static const PartTable table = {
        .caption = "Busiest destinations",
        .nothing = "No destination has mail in the active queue.",
        .columns = {{"destination", "Destination", PART_LINK},
                    {"state", "State", PART_STATES},
                    {"running", "Running", PART_VALUE},
                    {"window", "Window", PART_VALUE},
                    {"limit", "Limit", PART_VALUE},
                    {"waiting", "Waiting", PART_VALUE},
                    {"deferred", "Deferred", PART_VALUE},
                    {"last_success", "Last success", PART_VALUE},
                    {"why", "What bounds it", PART_WHY}},
        .shows = has_work,
    };

    open_card(html, "destinations", "full");
    part_put_table(html, &table, answer, now_s);
    close_card(html);
}

/* ---- below ---- */

static void card_transports(Html *html, const WebAnswer *answer, int64_t now_s)
{
    static const PartTable table = {
        .caption = "Transports",
        .nothing = "No transport has been used since the start.",
        .columns = {{"transport", "Transport", PART_LINK},
                    {"state", "State", PART_STATES},
                    {"running", "Running", PART_VALUE},
                    {"pending", "Pending", PART_VALUE},
                    {"waiting", "Waiting", PART_VALUE},
                    {"done", "Done", PART_VALUE},
                    {"deferred", "Deferred", PART_VALUE},
                    {"lost", "Lost", PART_VALUE}},
    };

    open_card(html, "transports", "half");
    part_put_table(html, &table, answer, now_s);
    close_card(html);
}

/* Messages that become due in each of the next minutes, from the rows. */
static void count_due(const WebAnswer *answer, int64_t begin_s, int64_t counts[DUE_MINUTES])
{
    memset(counts, 0, DUE_MINUTES * sizeof(counts[0]));
    for (guint i = 0; i < answer->rows->len; i++) {
        int64_t time_s = part_number(answer->rows->pdata[i], "time", 0);
        int64_t minute = time_s >= begin_s ? (time_s - begin_s) / MINUTE_S : -1;

        if (minute >= 0 && minute < DUE_MINUTES)
            counts[minute] = MIN(counts[minute] + part_number(answer->rows->pdata[i], "count", 0),
                                 PART_NUMBER_MAX);
    }
}

static int64_t most_of(const int64_t counts[DUE_MINUTES])
{
    int64_t most = 0;

    for (unsigned i = 0; i < DUE_MINUTES; i++)
        most = MAX(most, counts[i]);
    return most;
}

/* A minute with any mail is seen. */
static void put_due_bar(Html *html, unsigned minute, int64_t count, int64_t most)
{
    int height = (int)MAX(count * 100 / MAX(most, 1), 3);

    if (count > 0)
        html_put(html, "<rect x=\"%d\" y=\"%d\" width=\"8\" height=\"%d\"/>", (int)minute * 10 + 1,
                 100 - height, height);
}

static void put_due_bars(Html *html, const int64_t counts[DUE_MINUTES])
{
    int64_t most = most_of(counts);
    g_autofree char *shown = readable_count(most);

    html_put(html,
             "<svg class=\"bars\" viewBox=\"0 0 600 100\" preserveAspectRatio=\"none\" "
             "role=\"img\" aria-label=\"messages due in each of the next 60 minutes, at most "
             "%s\">",
             shown);
    for (unsigned i = 0; i < DUE_MINUTES; i++)
        put_due_bar(html, i, counts[i], most);
    html_put(html,
             "</svg><div class=\"axis\"><span>now</span><span>at most %s in a minute</span>"
             "<span>in an hour</span></div>",
             shown);
}

static void card_due(Html *html, const WebAnswer *answer, int64_t now_s)
{
    int64_t counts[DUE_MINUTES];
    const Row *first = part_find(answer, "due");
    const char *note = row_text(&answer->ends.end, "note");

    open_card(html, "due", "half");
    html_put(html, "<h2>Deferred mail that becomes due</h2>");
    if (part_has_answer(html, answer)) {
        count_due(answer, part_number(&answer->ends.header, "time", now_s), counts);
        if (first != NULL && part_number(first, "time", -1) == 0) {
            html_put(html, "<p>");
            part_put_value(html, first, "count", now_s);
            html_put(html, " overdue: %s</p>", row_text(first, "why") ?: "");
        }
        put_due_bars(html, counts);
        if (note != NULL)
            html_put(html, "<p class=\"soft\">%s</p>", note);
    }
    close_card(html);
}

static bool is_long(const Row *row, int64_t now_s)
{
    return now_s - part_number(row, "since", now_s) >= LONG_CONNECTION_S;
}

static void card_connections(Html *html, const WebAnswer *answer, int64_t now_s)
{
    static const PartTable table = {
        .caption = "Deliveries that take longer than a minute",
        .nothing = "None.",
        .columns = {{"destination", "Destination", PART_LINK},
                    {"state", "State", PART_STATES},
                    {"since", "For", PART_VALUE},
                    {"slow", "Slow", PART_VALUE},
                    {"recipients", "Recipients", PART_VALUE}},
        .shows = is_long,
    };

    open_card(html, "connections", "full");
    part_put_table(html, &table, answer, now_s);
    close_card(html);
}

static void card_events(Html *html, const WebAnswer *answer, int64_t now_s)
{
    static const PartTable table = {
        .caption = "Last events",
        .nothing = "None since the start.",
        .columns = {{"time", "Time", PART_TIME},
                    {"kind", "Event", PART_TIME},
                    {"transport", "Transport", PART_TIME},
                    {"destination", "Destination", PART_VALUE},
                    {"reason", "Why", PART_WHY}},
        .is_newest_first = true,
    };

    open_card(html, "events", "full");
    part_put_table(html, &table, answer, now_s);
    close_card(html);
}

void front_put(Html *html, WebAnswer *const *answers, int64_t now_s)
{
    static const Row nothing = {NULL}; /* of a daemon that is none */
    const Row *status = part_find(answers[FRONT_STATUS], "status") ?: &nothing;

    front_put_verdict(html, answers);
    html_put(html, "<div class=\"grid\">");
    card_active(html, status, now_s);
    card_deferred(html, status, now_s);
    card_flow(html, status, now_s);
    card_standstill(html, answers[FRONT_STANDSTILL], now_s);
    front_put_rules(html, answers[FRONT_RULES], now_s);
    front_put_jobs(html, answers[FRONT_JOBS], now_s);
    card_busiest(html, answers[FRONT_DESTINATIONS], now_s);
    card_transports(html, answers[FRONT_TRANSPORTS], now_s);
    card_due(html, answers[FRONT_DUE], now_s);
    card_connections(html, answers[FRONT_CONNECTIONS], now_s);
    card_events(html, answers[FRONT_EVENTS], now_s);
    html_put(html, "</div>");
}
