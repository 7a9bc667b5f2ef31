/* What an administrator has suspended or limited: who, why, until when, how much waits for it. */

#include "src/ctl/web/front_internal.h"
#include "src/ctl/web/parts_internal.h"

#define RULE_IS_OLD_S 86400

/* A rule that nobody remembers is the usual reason for mail that waits. */
static void put_warning(Html *html, const Row *rule, int64_t now_s)
{
    bool is_forever = part_number(rule, "forever", 0) != 0;
    bool is_old = now_s - part_number(rule, "since", now_s) > RULE_IS_OLD_S;

    if (is_forever || is_old)
        html_put(html, " <span class=\"badge bad\"><i aria-hidden=\"true\">\u25a0</i>%s</span>",
                 is_forever ? "for ever" : "older than a day");
}

static void put_rule_item(Html *html, const Row *rule, int64_t now_s)
{
    const char *about = row_text(rule, "about"), *name = row_text(rule, "name");
    const char *reason = row_text(rule, "why");

    html_put(html, "<li><b>#%s %s %s</b>", row_text(rule, "number") ?: "?", about ?: "",
             name ?: "");
    put_warning(html, rule, now_s);
    if (row_text(rule, "limit") != NULL) {
        html_put(html, "<br>limit of %s", row_text(rule, "limit"));
    } else {
        html_put(html, "<br>holds ");
        part_put_value(html, rule, "suspended", now_s);
    }
    if (row_text(rule, "until") != NULL) {
        html_put(html, ", ends in ");
        part_put_value(html, rule, "until", now_s);
    }
    html_put(html, "<br>%s <span class=\"soft\">(uid %s, ", reason ?: "",
             row_text(rule, "uid") ?: "?");
    part_put_value(html, rule, "since", now_s);
    html_put(html, " ago)</span></li>");
}

void front_put_rules(Html *html, const WebAnswer *answer, int64_t now_s)
{
    const char *note = row_text(&answer->ends.end, "note");
    guint count = 0;

    html_put(html, "<section class=\"card narrow\" id=\"rules\"><h2>Rules</h2>");
    if (part_has_answer(html, answer)) {
        for (guint i = 0; i < answer->rows->len; i++) {
            if (!part_is(answer->rows->pdata[i], "rule"))
                continue;
            if (count++ == 0)
                html_put(html, "<ul class=\"rules\">");
            put_rule_item(html, answer->rows->pdata[i], now_s);
        }
        if (count > 0)
            html_put(html, "</ul>");
        part_put_rest(html, answer, count);
        if (count == 0)
            html_put(
                html,
                "<p class=\"soft\">None: nothing is suspended or limited by an administrator.</p>");
        if (note != NULL)
            html_put(html, "<p class=\"gone\">%s</p>", note);
    }
    html_put(html, "</section>");
}
