/* One look is three questions: status, jobs, and then the destinations or all about one of them. */

#include <inttypes.h>

#include "src/ctl/top/look_internal.h"

LookRequest look_request_copy(const LookRequest *request)
{
    LookRequest copy = *request;

    copy.pattern = g_strdup(request->pattern);
    copy.destination = g_strdup(request->destination);
    copy.transport = g_strdup(request->transport);
    copy.arguments = g_strdupv(request->arguments);
    return copy;
}

void look_request_clear(LookRequest *request)
{
    g_clear_pointer(&request->pattern, g_free);
    g_clear_pointer(&request->destination, g_free);
    g_clear_pointer(&request->transport, g_free);
    g_clear_pointer(&request->arguments, g_strfreev);
}

static Look *look_new(void)
{
    Look *look = g_new0(Look, 1);

    look->header = row_empty();
    look->state = row_empty();
    look->attention = g_ptr_array_new_with_free_func(g_free);
    look->jobs = g_ptr_array_new_with_free_func(row_free);
    look->rows = g_ptr_array_new_with_free_func(row_free);
    return look;
}

void look_free(Look *look)
{
    if (look == NULL)
        return;
    g_free(look->problem);
    g_free(look->told);
    g_hash_table_destroy(look->header.values);
    g_hash_table_destroy(look->state.values);
    g_ptr_array_free(look->attention, TRUE);
    g_ptr_array_free(look->jobs, TRUE);
    g_ptr_array_free(look->rows, TRUE);
    g_free(look);
}

Look *look_failed(SessionStatus status, char *problem)
{
    Look *look = look_new();

    look->status = status;
    look->problem = problem;
    return look;
}

static void look_on_row(const Row *row, void *ctx)
{
    Look *look = ctx;
    const char *object = row_text(row, "object");

    if (g_strcmp0(object, "status") == 0) {
        row_add(&look->state, row);
    } else if (g_strcmp0(object, "attention") == 0) {
        g_ptr_array_add(look->attention, g_strdup(row_text(row, "text")));
    } else {
        g_ptr_array_add(g_strcmp0(object, "job") == 0 ? look->jobs : look->rows, row_copy(row));
    }
}

/* False: *look has the problem. */
static bool look_ask(Look *look, Session *session, const char *verb, const char *const *arguments)
{
    SessionAnswer answer;

    look->status = session_ask(session, verb, arguments, look_on_row, look, &answer);
    if (look->status == SESSION_OK) {
        row_add(&look->header, &answer.header);
        look->now_s = row_number(&answer.header, "time", 0);
        look->matched = row_number(&answer.end, "matched", 0);
    } else {
        look->problem = g_strdup(answer.problem != NULL ? answer.problem : "no answer");
    }
    session_answer_clear(&answer);
    return look->status == SESSION_OK;
}

static bool look_ask_for_rows(Look *look, Session *session, const LookRequest *request)
{
    g_autofree char *row_max = g_strdup_printf("%d", CLAMP(request->row_max, 1, 1000));
    const char *const list[] = {
        "limit",       row_max,          "sort",
        request->sort, "state",          request->throttled_only ? "throttled" : NULL,
        "pattern",     request->pattern, NULL};
    const char *const one[] = {"destination", request->destination, "transport", request->transport,
                               NULL};

    return request->destination == NULL ? look_ask(look, session, "destinations", list)
                                        : look_ask(look, session, "destination", one);
}

Look *look_take(Session *session, const LookRequest *request)
{
    const char *const nothing[] = {NULL};
    Look *look = look_new();

    if (look_ask(look, session, "status", nothing) && look_ask(look, session, "jobs", nothing))
        (void)look_ask_for_rows(look, session, request);
    look->steady_us = g_get_monotonic_time();
    return look;
}

static void note_rule(const Row *row, void *ctx)
{
    int64_t *rule = ctx;

    *rule = row_number(row, "number", 0);
}

char *look_change(Session *session, const LookRequest *request)
{
    int64_t rule = 0;
    SessionAnswer answer;
    SessionStatus status =
        session_ask(session, request->change, (const char *const *)request->arguments, note_rule,
                    &rule, &answer);
    const char *note = row_text(&answer.end, "note");
    char *told = status == SESSION_OK
                     ? g_strdup_printf("done: %s #%" PRId64 ": %s", request->change, rule,
                                       note != NULL ? note : "")
                     : g_strdup_printf("not done: %s: %s", request->change,
                                       answer.problem != NULL ? answer.problem : "no answer");

    session_answer_clear(&answer);
    return told;
}

const Row *look_find(const Look *look, const Row *row)
{
    for (guint i = 0; look != NULL && i < look->rows->len; i++) {
        const Row *other = look->rows->pdata[i];

        if (g_strcmp0(row_text(other, "destination"), row_text(row, "destination")) == 0 &&
            g_strcmp0(row_text(other, "transport"), row_text(row, "transport")) == 0)
            return other;
    }
    return NULL;
}
