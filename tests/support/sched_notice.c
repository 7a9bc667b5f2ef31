#include "tests/support/sched_notice.h"

char *notice_to_text(SchedNotice *notice)
{
    static const char *const kinds[] = {[SCHED_CLOGGED] = "clogged",
                                        [SCHED_FEEDBACK_TYPE] = "type",
                                        [SCHED_FEEDBACK] = "feedback",
                                        [SCHED_WINDOW] = "window"};
    GString *text = g_string_new(kinds[notice->kind]);

    g_string_append_printf(text, "%s", notice->is_negative ? " down" : "");
    if (notice->transport != NULL)
        g_string_append_printf(text, " %s", notice->transport);
    if (notice->destination != NULL)
        g_string_append_printf(text, " %s", notice->destination);
    if (notice->parameter != NULL)
        g_string_append_printf(text, " %s", notice->parameter);
    if (notice->kind == SCHED_CLOGGED)
        g_string_append_printf(text, " limit %d window %d entries %d running %d of %u/%u among %u",
                               notice->limit, notice->window, notice->entry_count,
                               notice->running_count, notice->message_count,
                               (unsigned)notice->active_limit, notice->destination_count);
    if (notice->kind == SCHED_FEEDBACK_TYPE)
        g_string_append_printf(text, " %d at %d: %g", notice->type, notice->window,
                               notice->feedback);
    if (notice->kind == SCHED_FEEDBACK)
        g_string_append_printf(text, " %g", notice->feedback);
    if (notice->kind == SCHED_WINDOW)
        g_string_append_printf(text, " limit %d window %d success %g failure %g cohorts %g",
                               notice->limit, notice->window, notice->success, notice->failure,
                               notice->cohorts);
    sched_notice_clear(notice);
    return g_string_free(text, FALSE);
}
