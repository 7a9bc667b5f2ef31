/* Four questions to the daemon, one call of postconf(1). */

#include <string.h>

#include "src/ctl/doctor/facts_internal.h"
#include "src/ctl/postconf_internal.h"
#include "src/ctl/text_internal.h"

#define DAY_S  86400
#define ROWS_S G_STRINGIFY(FACTS_ROWS)

void facts_init(Facts *facts)
{
    *facts = (Facts){
        .status = row_empty(),
        .transports = g_ptr_array_new_with_free_func(row_free),
        .waiting = g_ptr_array_new_with_free_func(row_free),
        .deferred = g_ptr_array_new_with_free_func(row_free),
        .connections = g_ptr_array_new_with_free_func(row_free),
        .settings = {-1, -1, -1, -1, -1}
    };
}

void facts_clear(Facts *facts)
{
    g_hash_table_destroy(facts->status.values);
    g_ptr_array_free(facts->transports, TRUE);
    g_ptr_array_free(facts->waiting, TRUE);
    g_ptr_array_free(facts->deferred, TRUE);
    g_ptr_array_free(facts->connections, TRUE);
}

static void facts_on_row(const Row *row, void *rows)
{
    g_ptr_array_add(rows, row_copy(row));
}

static SessionStatus facts_ask(Facts *facts, Session *session, const char *verb,
                               const char *const *arguments, GPtrArray *rows, char **ret_problem)
{
    SessionAnswer answer;
    SessionStatus status = session_ask(session, verb, arguments, facts_on_row, rows, &answer);

    if (status == SESSION_OK)
        facts->now_s = row_number(&answer.header, "time", 0);
    else
        *ret_problem = g_strdup(answer.problem != NULL ? answer.problem : "no answer");
    session_answer_clear(&answer);
    return status;
}

static void take_status(Facts *facts, const GPtrArray *rows)
{
    for (guint i = 0; i < rows->len; i++)
        if (g_strcmp0(row_text(rows->pdata[i], "object"), "status") == 0)
            row_add(&facts->status, rows->pdata[i]);
}

SessionStatus facts_take(Facts *facts, Session *session, char **ret_problem)
{
    g_autoptr(GPtrArray) status_rows = g_ptr_array_new_with_free_func(row_free);
    const struct {
        const char *verb;
        GPtrArray *rows;
        const char *arguments[5];
    } questions[] = {
        {"status",       status_rows,        {NULL}                                           },
        {"transports",   facts->transports,  {"limit", ROWS_S, NULL}                          },
        {"destinations", facts->waiting,     {"limit", ROWS_S, "sort", "waiting", NULL}       },
        {"deferred",     facts->deferred,    {"limit", ROWS_S, "by", "destination", NULL}     },
        {"connections",  facts->connections, {"limit", ROWS_S, "older", FACTS_PENDING_S, NULL}},
    };
    SessionStatus status = SESSION_OK;

    for (size_t i = 0; i < G_N_ELEMENTS(questions) && status == SESSION_OK; i++)
        status = facts_ask(facts, session, questions[i].verb, questions[i].arguments,
                           questions[i].rows, ret_problem);
    take_status(facts, status_rows);
    return status;
}

int64_t facts_parse_time(const char *text, int64_t default_unit_s)
{
    g_autofree char *lower = g_ascii_strdown(text, -1); /* main.cf takes units of either case */
    int64_t time_s;

    return text_parse_duration(lower, default_unit_s, &time_s) ? time_s : -1;
}

void facts_read_settings(Facts *facts, const char *config_directory)
{
    static const char *const names[] = {"queue_run_delay",       "minimal_backoff_time",
                                        "maximal_backoff_time",  "maximal_queue_lifetime",
                                        "bounce_queue_lifetime", NULL};
    FactsSettings *settings = &facts->settings;
    g_autofree char *problem = NULL;
    g_auto(GStrv) values = postconf_values(config_directory, names, &problem);

    if (values == NULL)
        return;
    *settings = (FactsSettings){.queue_run_delay_s = facts_parse_time(values[0], 1),
                                .minimal_backoff_s = facts_parse_time(values[1], 1),
                                .maximal_backoff_s = facts_parse_time(values[2], 1),
                                .queue_lifetime_s = facts_parse_time(values[3], DAY_S),
                                .bounce_lifetime_s = facts_parse_time(values[4], DAY_S)};
}
