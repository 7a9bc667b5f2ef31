/* What an administrator has begun and still goes on, and what ended lately: how far it has come. */

#include "src/ctl/progress_internal.h"
#include "src/ctl/web/front_internal.h"
#include "src/ctl/web/parts_internal.h"

#define ENDED_SHOWN_S 3600

static void put_age(Html *html, const Row *job, const char *before, const char *field,
                    int64_t now_s)
{
    html_put(html, "%s", before);
    part_put_value(html, job, field, now_s);
    html_put(html, " ago");
}

static void put_job_item(Html *html, const Row *job, int64_t now_s)
{
    g_autofree char *title = progress_title(job), *text = progress_text(job);
    const char *reason = row_text(job, "why");

    html_put(html, "<li><b>%s</b> ", title);
    part_put_states(html, job);
    if (progress_is_running(job))
        part_put_progress(html, title, progress_done(job), progress_all(job));
    html_put(html, "<div>%s</div>", text);
    if (reason != NULL)
        html_put(html, "<div>%s</div>", reason);
    html_put(html, "<div class=\"soft\">uid %s, ", row_text(job, "uid") ?: "?");
    put_age(html, job, "began ", "since", now_s);
    if (!progress_is_running(job))
        put_age(html, job, ", ended ", "ended", now_s);
    html_put(html, "</div></li>");
}

static guint count_jobs(const WebAnswer *answer, int64_t now_s)
{
    guint count = 0;

    for (guint i = 0; i < answer->rows->len; i++)
        count += part_is(answer->rows->pdata[i], "job") &&
                 progress_is_recent(answer->rows->pdata[i], now_s, ENDED_SHOWN_S);
    return count;
}

/* The card is there only if it has something to show: most queues have no job for weeks. */
void front_put_jobs(Html *html, const WebAnswer *answer, int64_t now_s)
{
    if (answer->status == SESSION_OK && count_jobs(answer, now_s) == 0)
        return;
    html_put(html, "<section class=\"card full\" id=\"jobs\"><h2>Jobs</h2>");
    if (part_has_answer(html, answer)) {
        html_put(html, "<ul class=\"jobs\">");
        for (guint i = answer->rows->len; i > 0; i--) { /* the newest first */
            const Row *job = answer->rows->pdata[i - 1];

            if (part_is(job, "job") && progress_is_recent(job, now_s, ENDED_SHOWN_S))
                put_job_item(html, job, now_s);
        }
        html_put(html, "</ul>");
    }
    html_put(html, "</section>");
}
