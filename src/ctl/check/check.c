/*
 * One line on standard output, whatever happens. A queue manager that does not answer is what such
 * a check is for: critical. Unknown is what is wrong with the check itself.
 */

#include <stdio.h>

#include "src/ctl/check/check_internal.h"
#include "src/ctl/check/rating_internal.h"
#include "src/ctl/show_internal.h"
#include "src/ctl/text_internal.h"

static int check_failed(Rating rating, const char *text)
{
    g_autofree char *printable = text_printable(text);

    (void)printf("EQMGR %s - %s\n", rating_str(rating), printable);
    return (int)rating;
}

static int check_problem(SessionStatus status, const char *problem)
{
    return check_failed(status == SESSION_DENIED || status == SESSION_USAGE ? RATING_UNKNOWN
                                                                            : RATING_CRITICAL,
                        problem != NULL ? problem : "no answer");
}

/* *ret_problem is the option that is not understood, as text. */
static bool take_limits(const Invocation *invocation, RatingLimits *ret_limits, char **ret_problem)
{
    *ret_limits = rating_default_limits();
    for (RatedValue value = 0; value < RATED_COUNT; value++) {
        const char *option = rating_option(value);
        const char *text = g_hash_table_lookup(invocation->flags, option);

        if (text == NULL || rating_parse_limit(value, text, &ret_limits->of[value]))
            continue;
        *ret_problem = g_strdup_printf("--%s %s: WARNING,CRITICAL, the second not below the first; "
                                       "\"-\" for neither",
                                       option, text);
        return false;
    }
    return true;
}

static void check_on_row(const Row *row, void *status)
{
    if (g_strcmp0(row_text(row, "object"), "status") == 0)
        row_add(status, row);
}

static int check_answer(Session *session, const RatingLimits *limits)
{
    const char *const nothing[] = {NULL};
    g_autofree char *text = NULL;
    SessionAnswer answer;
    Row row = row_empty();
    SessionStatus status = session_ask(session, "status", nothing, check_on_row, &row, &answer);
    int result;

    if (status != SESSION_OK) {
        result = check_problem(status, answer.problem);
    } else {
        result = (int)rating_of(&row, row_number(&answer.header, "time", 0), limits, &text);
        (void)puts(text);
    }
    session_answer_clear(&answer);
    g_hash_table_destroy(row.values);
    return result;
}

int check_run(const Invocation *invocation)
{
    g_autofree char *directory = NULL, *problem = NULL;
    Session *session = NULL;
    RatingLimits limits;
    SessionStatus status;
    int result, no_directory;

    if (!take_limits(invocation, &limits, &problem))
        return check_failed(RATING_UNKNOWN, problem);
    directory = show_queue_directory(invocation, &no_directory);
    if (directory == NULL)
        return check_failed(RATING_UNKNOWN, no_directory == SESSION_USAGE
                                                ? "there is no main.cf in the directory of -c"
                                                : "postconf(1) does not tell queue_directory");
    status = session_open(directory, invocation->timeout_s, &session, &problem);
    if (status != SESSION_OK)
        return check_problem(status, problem);
    result = check_answer(session, &limits);
    session_close(session);
    return result;
}
