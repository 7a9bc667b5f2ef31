#include "base/readable.h"
#include "src/ctl/progress_internal.h"
#include "src/ctl/text_internal.h"

#define COUNT_MAX (INT64_MAX / 8)

static int64_t job_count(const Row *job, const char *name)
{
    return CLAMP(row_number(job, name, 0), 0, COUNT_MAX);
}

bool progress_is_running(const Row *job)
{
    return row_number(job, "ended", 0) == 0;
}

bool progress_is_recent(const Row *job, int64_t now_s, int64_t ended_s)
{
    int64_t end_s = row_number(job, "ended", 0);

    return end_s == 0 || (end_s > 0 && end_s >= now_s - ended_s);
}

int64_t progress_done(const Row *job)
{
    int64_t tried = job_count(job, "tried");

    return tried - MIN(job_count(job, "running"), tried);
}

int64_t progress_all(const Row *job)
{
    return job_count(job, "tried") + job_count(job, "left");
}

char *progress_title(const Row *job)
{
    const char *parts[] = {row_text(job, "verb"), row_text(job, "about"), row_text(job, "name")};
    GString *title = g_string_new(NULL);

    g_string_append_printf(title, "#%s", row_text(job, "number") ?: "?");
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        if (parts[i] != NULL && *parts[i] != '\0')
            g_string_append_printf(title, " %s", parts[i]);
    return g_string_free(title, FALSE);
}

static void add_part(GString *text, const char *before, const Row *job, const char *name)
{
    int64_t count = job_count(job, name);
    g_autofree char *shown = readable_count(count);

    if (count > 0)
        g_string_append_printf(text, "%s%s %s", before, shown, name);
}

char *progress_text(const Row *job)
{
    g_autofree char *done = readable_count(progress_done(job)),
                    *all = readable_count(progress_all(job));
    GString *text = g_string_new(NULL);

    if (progress_all(job) == 0)
        g_string_append(text, progress_is_running(job) ? "nothing tried yet" : "nothing was tried");
    else
        g_string_append_printf(text, "%s of %s", done, all);
    add_part(text, ": ", job, "through");
    add_part(text, job_count(job, "through") > 0 ? ", " : ": ", job, "back");
    add_part(text, "; ", job, "running");
    add_part(text, job_count(job, "running") > 0 ? ", " : "; ", job, "left");
    return g_string_free(text, FALSE);
}
