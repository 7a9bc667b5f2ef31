#include <string.h>

#include "src/ctl/progress_internal.h"
#include "src/ctl/top/frame_internal.h"
#include "src/ctl/web/front_internal.h"
#include "tests/support/ctl_row.h"
#include "tests/support/runner.h"

/* Jobs as the screens show them that are renewed while one watches: top, and the status page. */

#define NOW_S 1795960270 /* 2026-11-29 13:51:10 UTC */

#define PORTIONS                                                                                   \
    "number", "3", "verb", "flush", "about", "domain", "name", "example.net", "state", "portions", \
        "tried", "1120", "running", "20", "through", "1090", "back", "10", "left", "3000",         \
        "since", "1795960205", "uid", "0"

/* clang-format off */
static const struct {
    const char *words[32];
    const char *top;  /* NULL: not there */
    const char *page; /* part of the item; NULL: not there */
} jobs[] = {
    {{PORTIONS},
     "#3 flush domain example.net  [#####...............] portions  1,100 of 4,120: 1,090 through, "
     "10 back; 20 running, 3,000 left",
     "<li><b>#3 flush domain example.net</b> <span class=\"badge ok\"><i aria-hidden=\"true\">"
     "\u25cf</i>portions</span><div class=\"bar\" role=\"progressbar\" aria-label=\"#3 flush "
     "domain example.net\" aria-valuemin=\"0\" aria-valuenow=\"26\" aria-valuemax=\"100\"><span "
     "style=\"width:26%\"></span></div><div>1,100 of 4,120: 1,090 through, 10 back; 20 running, "
     "3,000 left</div><div class=\"soft\">uid 0, began 1m05s ago</div></li>"},
    {{"number", "4", "verb", "reresolve", "about", "all", "state", "asking", "tried", "812",
      "running", "12", "through", "800", "back", "0", "left", "0", "since", "1795960269", "uid", "7"},
     "#4 reresolve all  [###################.] asking  800 of 812: 800 through; 12 running",
     "uid 7, began 1s ago"},
    /* nothing is known yet: no bar that says how far it is */
    {{"number", "5", "verb", "resume", "about", "rule", "name", "7", "state", "waiting", "tried",
      "0", "left", "0", "since", "1795960270", "uid", "0"},
     "#5 resume rule 7  [....................] waiting  nothing tried yet",
     "waiting</span><div>nothing tried yet</div>"},
    /* the end is seen for a minute, and for an hour on the page */
    {{"number", "6", "verb", "flush", "about", "transport", "name", "smtp", "state", "stopped",
      "tried", "5", "back", "5", "left", "36", "since", "1795960000", "ended", "1795960215", "uid",
      "0", "why", "none came through: 4.7.0 \033[31m<b>"},
     "#6 flush transport smtp  stopped: none came through: 4.7.0 ?[31m<b>  5 of 41: 5 back; 36 left",
     "<div>5 of 41: 5 back; 36 left</div><div>none came through: 4.7.0 ?[31m&lt;b&gt;</div>"
     "<div class=\"soft\">uid 0, began 4m30s ago, ended 55s ago</div>"},
    {{"number", "7", "verb", "flush", "about", "all", "state", "done", "tried", "2", "through", "2",
      "left", "0", "since", "1795956000", "ended", "1795960200", "uid", "0"},
     NULL, "2 of 2: 2 through"},
    {{"number", "8", "verb", "flush", "about", "all", "state", "cancelled", "since", "1795950000",
      "ended", "1795956000", "uid", "0"},
     NULL, NULL},
    /* numbers that nobody can mean */
    {{"number", "9", "verb", "flush", "about", "all", "state", "portions", "tried", "-7", "running",
      "99", "left", "9223372036854775807", "since", "1795960269", "uid", "0"},
     "#9 flush all  [....................] portions  0 of 1,152,921,504,606,846,975; 99 running, "
     "1,152,921,504,606,846,975 left",
     "aria-valuenow=\"0\""},
    {{"number", "10", "verb", "flush", "about", "all", "state", "portions", "tried",
      "9223372036854775807", "left", "0", "since", "1795960269", "uid", "0"},
     "#10 flush all  [####################] portions  1,152,921,504,606,846,975 of "
     "1,152,921,504,606,846,975",
     "aria-valuenow=\"100\""},
};
/* clang-format on */

static char *top_of(const char *const *words)
{
    Look *look = look_failed(SESSION_OK, NULL);
    Row *job = g_new(Row, 1);
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);

    look->now_s = NOW_S;
    *job = row_of(words);
    g_ptr_array_add(look->jobs, job);
    frame_add_jobs(texts, look);
    look_free(look);
    ck_assert_uint_le(texts->len, 1);
    return texts->len > 0 ? g_strdup(texts->pdata[0]) : NULL;
}

static char *page_of(const char *const *words)
{
    WebAnswer *answer = web_answer_new();
    Row job = row_of(words);
    Html html;

    (void)g_hash_table_insert(job.values, g_strdup("object"), g_strdup("job"));
    web_answer_add(&job, answer);
    g_hash_table_destroy(job.values);
    html_init(&html);
    front_put_jobs(&html, answer, NOW_S);
    web_answer_unref(answer);
    return html_take(&html);
}

START_TEST(a_job_is_shown_with_its_progress)
{
    g_autofree char *top = top_of(jobs[_i].words), *page = page_of(jobs[_i].words);

    ck_assert_pstr_eq(top, jobs[_i].top);
    if (jobs[_i].page == NULL)
        ck_assert_str_eq(page, "");
    else
        ck_assert_msg(strstr(page, jobs[_i].page) != NULL, "no %s in\n%s", jobs[_i].page, page);
}
END_TEST

/* top has room for a few: the newest are shown, and how many are not. */
START_TEST(the_newest_jobs_are_shown_first)
{
    Look *look = look_failed(SESSION_OK, NULL);
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);

    look->now_s = NOW_S;
    for (int i = 1; i <= 5; i++) {
        g_autofree char *number = g_strdup_printf("%d", i);
        Row *job = g_new(Row, 1);

        *job = ROW("number", number, "verb", "flush", "state", "pilot");
        g_ptr_array_add(look->jobs, job);
    }
    frame_add_jobs(texts, look);
    ck_assert_uint_eq(texts->len, 4);
    ck_assert_msg(g_str_has_prefix(texts->pdata[0], "#5 flush "), "%s", (char *)texts->pdata[0]);
    ck_assert_str_eq(texts->pdata[3], "and 2 more: eqmgrctl jobs");
    look_free(look);
}
END_TEST

/* They stand between what asks for attention and the table. */
START_TEST(a_frame_has_its_jobs)
{
    const Wish wish = {.sort = WISH_WAITING};
    Look *look = look_failed(SESSION_OK, NULL);
    Row *job = g_new(Row, 1);
    g_autoptr(GPtrArray) lines = NULL;

    look->now_s = NOW_S;
    *job = ROW(PORTIONS);
    g_ptr_array_add(look->jobs, job);
    g_ptr_array_add(look->attention, g_strdup("active is full"));
    lines = frame_lines(look, NULL, &wish, NULL, (FrameSize){.width = 60, .height = 24});
    ck_assert_str_eq(((Line *)lines->pdata[4])->text, "! active is full");
    ck_assert_str_eq(((Line *)lines->pdata[5])->text,
                     "#3 flush domain example.net  [#####...............] portions");
    ck_assert_ptr_nonnull(strstr(((Line *)lines->pdata[6])->text, "destinations by waiting"));
    look_free(look);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("jobs");

    tcase_add_loop_test(tcase, a_job_is_shown_with_its_progress, 0, G_N_ELEMENTS(jobs));
    tcase_add_test(tcase, the_newest_jobs_are_shown_first);
    tcase_add_test(tcase, a_frame_has_its_jobs);
    return run_suite("ctl/jobs", tcase, NULL);
}
