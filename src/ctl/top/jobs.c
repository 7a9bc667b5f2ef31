/* Jobs as lines: those that run, and those that ended just now. */

#include "src/ctl/progress_internal.h"
#include "src/ctl/share_internal.h"
#include "src/ctl/text_internal.h"
#include "src/ctl/top/frame_internal.h"

#define JOBS_SHOWN_MAX 3
#define ENDED_SHOWN_S  60
#define BAR_WIDTH      20

/* "[#####...............]" */
static char *bar_text(int64_t done, int64_t all)
{
    int full = (int)(share_percent(done, all) * BAR_WIDTH / 100);
    char bar[BAR_WIDTH + 1] = "";

    for (int i = 0; i < BAR_WIDTH; i++)
        bar[i] = i < full ? '#' : '.';
    return g_strdup_printf("[%s]", bar);
}

static char *job_line(const Row *job)
{
    int64_t done = progress_done(job), all = progress_all(job);
    g_autofree char *title = progress_title(job), *counts = progress_text(job);
    g_autofree char *bar = bar_text(done, all);
    const char *state = row_text(job, "state") ?: "?", *reason = row_text(job, "why");
    g_autofree char *text =
        progress_is_running(job)
            ? g_strdup_printf("%s  %s %s  %s", title, bar, state, counts)
            : g_strdup_printf("%s  %s%s%s  %s", title, state, reason != NULL ? ": " : "",
                              reason != NULL ? reason : "", counts);

    return text_printable(text);
}

void frame_add_jobs(GPtrArray *texts, const Look *look)
{
    guint left_out = 0;

    for (guint i = look->jobs->len; i > 0; i--) { /* the newest first */
        const Row *job = look->jobs->pdata[i - 1];

        if (!progress_is_recent(job, look->now_s, ENDED_SHOWN_S))
            continue;
        if (texts->len < JOBS_SHOWN_MAX)
            g_ptr_array_add(texts, job_line(job));
        else
            left_out++;
    }
    if (left_out > 0)
        g_ptr_array_add(texts, g_strdup_printf("and %u more: eqmgrctl jobs", left_out));
}
