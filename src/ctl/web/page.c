/* The frame of all pages, and the pages of single objects. */

#include <string.h>

#include "src/ctl/text_internal.h"
#include "src/ctl/web/front_internal.h"
#include "src/ctl/web/html_internal.h"
#include "src/ctl/web/page_internal.h"
#include "src/ctl/web/parts_internal.h"

/* ---- one destination, one transport ---- */

typedef struct Label {
    const char *field, *before, *after; /* text before the value, and behind it */
} Label;

static const Label destination_labels[] = {
    {"state",        "State",              ""          },
    {"why",          "What bounds it",     ""          },
    {"status",       "Status code",        ""          },
    {"since",        "Dead for",           ""          },
    {"until",        "Tried again in",     ""          },
    {"running",      "Deliveries running", ""          },
    {"waiting",      "Requests waiting",   ""          },
    {"deferred",     "Deferred messages",  " are known"},
    {"window",       "Window by feedback", ""          },
    {"limit",        "Concurrency limit",  ""          },
    {"last_success", "Last success",       " ago"      },
    {"transport",    "Transport",          ""          },
    {NULL,           NULL,                 NULL        },
};

static const Label transport_labels[] = {
    {"state",        "State",                ""  },
    {"why",          "Why",                  ""  },
    {"status",       "Status code",          ""  },
    {"since",        "Dead for",             ""  },
    {"until",        "Tried again in",       ""  },
    {"running",      "Deliveries running",   ""  },
    {"pending",      "Connections pending",  ""  },
    {"waiting",      "Requests waiting",     ""  },
    {"destinations", "Destinations",         ""  },
    {"done",         "Done since the start", ""  },
    {"deferred",     "Deferred",             ""  },
    {"lost",         "Lost",                 ""  },
    {NULL,           NULL,                   NULL},
};

static void put_transport_link(Html *html, const char *transport)
{
    html_put(html, "<a href=\"/transport/");
    html_put_segment(html, transport);
    html_put(html, "\">%s</a>", transport);
}

static void put_labelled_field(Html *html, const Row *row, const Label *label, int64_t now_s)
{
    html_put(html, "<dt>%s</dt><dd>", label->before);
    if (g_str_equal(label->field, "state"))
        part_put_states(html, row);
    else if (g_str_equal(label->field, "transport"))
        put_transport_link(html, row_text(row, label->field));
    else
        part_put_value(html, row, label->field, now_s);
    html_put(html, "%s</dd>", label->after);
}

static void put_all_fields(Html *html, const Row *row, const Label *labels, int64_t now_s)
{
    html_put(html, "<section class=\"card half\"><h2>Now</h2><dl class=\"facts\">");
    for (const Label *label = labels; label->field != NULL; label++) {
        const char *text = row_text(row, label->field);

        if (text != NULL && *text != '\0')
            put_labelled_field(html, row, label, now_s);
    }
    html_put(html, "</dl></section>");
}

static bool is_trouble(const Row *row, int64_t now_s)
{
    (void)now_s;
    return part_is(row, "trouble");
}

static bool is_setting(const Row *row, int64_t now_s)
{
    (void)now_s;
    return part_is(row, "setting");
}

static void put_object(Html *html, const Route *route, const WebAnswer *answer, int64_t now_s)
{
    static const PartTable troubles = {
        .caption = "Its last errors",
        .nothing = "None that is remembered.",
        .columns = {{"time", "Time", PART_TIME},
                    {"status", "Status", PART_TIME},
                    {"reason", "What was said", PART_WHY}},
        .shows = is_trouble,
    };
    static const PartTable settings = {
        .caption = "Settings in force",
        .nothing = "None.",
        .columns = {{"name", "Parameter", PART_HEAD},
                    {"value", "Value", PART_TIME},
                    {"from", "Set by", PART_WHY}},
        .shows = is_setting,
    };
    const Row *row = part_find(answer, route->view == WEB_TRANSPORT ? "transport" : "destination");

    html_put(html, "<div class=\"grid\">");
    if (row != NULL)
        put_all_fields(html, row,
                       route->view == WEB_TRANSPORT ? transport_labels : destination_labels, now_s);
    html_put(html, "<section class=\"card half\">");
    part_put_table(html, route->view == WEB_TRANSPORT ? &settings : &troubles, answer, now_s);
    html_put(html, "</section></div>");
}

/* ---- the frame ---- */

static void put_title(Html *html, const Route *route, WebAnswer *const *answers)
{
    const char *host = row_text(&answers[0]->ends.header, "host");

    if (answers[0]->status != SESSION_OK)
        html_put(html, "%s", route->name != NULL ? route->name : "no answer from eqmgr");
    else if (route->view == WEB_FRONT)
        html_put(html, "%s: mail queue of %s", front_verdict_str(front_verdict(answers)),
                 host != NULL ? host : "?");
    else
        html_put(html, "%s: mail queue of %s", route->name, host != NULL ? host : "?");
}

static void put_heading(Html *html, const Route *route, const WebAnswer *answer)
{
    const char *host = row_text(&answer->ends.header, "host");

    html_put(html, "<h1>");
    if (route->view == WEB_FRONT)
        html_put(html, "Mail queue%s%s", host != NULL ? " of " : "", host != NULL ? host : "");
    else
        html_put(html, "%s %s", route->view == WEB_TRANSPORT ? "Transport" : "Destination",
                 route->name);
    html_put(html, "</h1>");
    if (route->view != WEB_FRONT)
        html_put(html, "<p><a href=\"/\">the whole queue</a></p>");
}

/* The same page, with or without refresh. */
static void put_refresh(Html *html, const Route *route)
{
    const char *transport = route->transport;

    html_put(html, "<p class=\"refresh\">%s. <a href=\"?",
             route->is_still ? "This page stays as it is" : "Renewed every 10 s");
    if (transport != NULL) {
        html_put(html, "transport=");
        html_put_segment(html, transport);
        html_put(html, "%s", route->is_still ? "" : "&");
    }
    html_put(html, "%s\">%s</a></p>", route->is_still ? "" : "refresh=off",
             route->is_still ? "Renew it" : "Stop that");
}

static void put_time(Html *html, const Row *status, int64_t now_s)
{
    g_autofree char *clock = text_clock(now_s, now_s);
    g_autofree char *up = status != NULL ? part_value(status, "started", now_s) : NULL;

    html_put(html, "<p>%s", clock);
    if (up != NULL)
        html_put(html, ", up %s", up);
    html_put(html, "</p>");
}

static void put_no_answer(Html *html, const WebAnswer *answer, const WebMoment *moment)
{
    g_autofree char *since = text_clock(moment->last_heard_s, moment->now_s);

    html_put(html, "<section class=\"verdict trouble\" aria-label=\"Verdict\">");
    if (answer->status == SESSION_NOT_FOUND || answer->status == SESSION_USAGE)
        html_put(html, "<p>%s</p>", answer->problem);
    else
        html_put(html,
                 "<p class=\"gone huge\">no answer from eqmgr since %s</p>"
                 "<p>%s. \"postfix status\" tells whether Postfix runs, the mail log what "
                 "happened.</p>",
                 since, answer->problem);
    html_put(html, "</section>");
}

static void put_footer(Html *html, const WebAnswer *answer, const Row *status)
{
    const char *release = row_text(&answer->ends.header, "release");
    const char *version = row_text(&answer->ends.header, "version");
    const char *queue = row_text(&answer->ends.header, "queue");

    html_put(html, "<footer><p>");
    if (version != NULL)
        html_put(html, "eqmgr %s for Postfix %s", version, release != NULL ? release : "?");
    if (status != NULL)
        html_put(html, ", %s, process %s", row_text(status, "strategy") ?: "?",
                 row_text(status, "pid") ?: "?");
    if (queue != NULL)
        html_put(html, ", queue %s", queue);
    html_put(html,
             "</p><p>This page: eqmgrctl %s. <a href=\"/metrics\">Metrics</a>, "
             "<a href=\"/api/1/status\">status as JSON</a>. More: eqmgrctl(8).</p></footer>",
             EQMGR_VERSION);
}

char *page_html(const Route *route, WebAnswer *const *answers, const WebMoment *moment)
{
    const WebAnswer *first = answers[0];
    const Row *status = part_find(first, "status");
    Html html;

    html_init(&html);
    html_put(&html, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                    "<title>");
    put_title(&html, route, answers);
    html_put(&html, "</title><style>");
    g_string_append(html.out, page_style);
    html_put(&html, "</style></head><body><header>");
    put_heading(&html, route, first);
    put_time(&html, status, moment->now_s);
    put_refresh(&html, route);
    html_put(&html, "</header><main>");
    if (first->status != SESSION_OK)
        put_no_answer(&html, first, moment);
    else if (route->view == WEB_FRONT)
        front_put(&html, answers, moment->now_s);
    else
        put_object(&html, route, first, moment->now_s);
    html_put(&html, "</main>");
    put_footer(&html, first, status);
    html_put(&html, "</body></html>\n");
    return html_take(&html);
}
