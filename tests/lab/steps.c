#include "tests/lab/steps.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lab/conditions.h"

#define UNTIL_LIMIT_MS (3 * 3600 * 1000LL)
#define NS_PER_S       1000000000LL

static bool fail(GError **error, const char *what)
{
    g_set_error(error, LAB_ERROR, 0, "%s", what);
    return false;
}

static bool step_config(Play *play, char **args, GError **error)
{
    (void)args;
    (void)error;
    for (guint i = 0; i < play->step->raw_lines->len; i++)
        lab_configure(play->lab, g_ptr_array_index(play->step->raw_lines, i));
    return true;
}

/* "message A%@ incoming 1..20" makes twenty blocks of one. */
static bool step_message(Play *play, char **args, GError **error)
{
    if (args[0] == NULL)
        return fail(error, "message needs an ID");
    if (args[1] != NULL && args[2] != NULL && strstr(args[2], "..") != NULL) {
        char *rest;
        long first = strtol(args[2], &rest, 10), last = strtol(rest + 2, NULL, 10);

        for (long i = first; i <= last; i++) {
            g_autofree char *text = g_strdup_printf("%02ld", i);
            GString *id = g_string_new(args[0]);

            (void)g_string_replace(id, "%", text, 0);
            (void)g_hash_table_replace(play->messages, g_string_free(id, FALSE), play->step);
        }
        return true;
    }
    (void)g_hash_table_replace(play->messages, g_strdup(args[0]), play->step);
    return true;
}

/* The number that replaces "%" in the ID replaces "&" in the lines, too. */
static GPtrArray *numbered_lines(const ScenarioStep *block, const char *id)
{
    const char *pattern = block->words[1], *percent = strchr(pattern, '%');
    size_t digits = percent != NULL ? strlen(id) + 1 - strlen(pattern) : 0;
    g_autofree char *number =
        percent != NULL ? g_strndup(id + (percent - pattern), digits) : g_strdup("&");
    GPtrArray *lines = g_ptr_array_new_with_free_func((GDestroyNotify)(void *)g_strfreev);

    for (guint i = 0; i < block->lines->len; i++) {
        char **words = g_strdupv(g_ptr_array_index(block->lines, i));

        for (char **word = words; *word != NULL; word++) {
            GString *text = g_string_new(*word);

            (void)g_string_replace(text, "&", number, 0);
            g_free(*word);
            *word = g_string_free(text, FALSE);
        }
        g_ptr_array_add(lines, words);
    }
    return lines;
}

bool steps_place_message(Play *play, const char *id, const char *queue, GError **error)
{
    const ScenarioStep *block = g_hash_table_lookup(play->messages, id);
    g_autoptr(GPtrArray) lines = NULL;

    if (block == NULL) {
        g_set_error(error, LAB_ERROR, 0, "no such message: %s", id);
        return false;
    }
    if (queue == NULL)
        queue = block->words[2] != NULL ? block->words[2] : "incoming";
    (void)g_hash_table_add(play->placed, g_strdup(id));
    lines = numbered_lines(block, id);
    return spool_put(play->lab->spool, queue, id, lines, lab_now_s(play->lab), error);
}

static bool is_named_later(const Play *play, const char *id)
{
    for (guint i = 0; i < play->scenario->steps->len; i++) {
        const ScenarioStep *step = g_ptr_array_index(play->scenario->steps, i);

        if (strcmp(step->words[0], "put") != 0 && strcmp(step->words[0], "arrive") != 0)
            continue;
        for (char **word = step->words + 1; *word != NULL; word++)
            if (strcmp(*word, id) == 0)
                return true;
    }
    return false;
}

/* Messages that no later step brings in are in the queue from the beginning, in the order of
 * their names. */
static bool place_initial_messages(Play *play, GError **error)
{
    g_autoptr(GList) ids = g_list_sort(g_hash_table_get_keys(play->messages), (GCompareFunc)strcmp);

    for (const GList *id = ids; id != NULL; id = id->next)
        if (!g_hash_table_contains(play->placed, id->data) && !is_named_later(play, id->data) &&
            !steps_place_message(play, id->data, NULL, error))
            return false;
    return true;
}

static bool step_start(Play *play, char **args, GError **error)
{
    Lab *lab = play->lab;

    if (daemon_is_running(lab->daemon)) { /* it should have ended: a difference, not our fault */
        trace_add(lab->core.trace, TRACE_NOTES, NULL, "still runs");
        daemon_signal(lab->daemon, SIGKILL);
        lab_settle(lab);
    }
    if (!place_initial_messages(play, error))
        return false;
    g_strfreev(lab->arguments);
    lab->arguments = g_strdupv(args);
    lab_start(lab);
    lab_settle(lab);
    return true;
}

static bool step_put(Play *play, char **args, GError **error)
{
    for (; *args != NULL; args++)
        if (!steps_place_message(play, *args, NULL, error))
            return false;
    return true;
}

static bool step_arrive(Play *play, char **args, GError **error)
{
    for (; *args != NULL; args++) {
        if (!steps_place_message(play, *args, NULL, error))
            return false;
        daemon_trigger(play->lab->daemon, "W", 1, true);
        lab_settle(play->lab);
    }
    return true;
}

static bool step_trigger(Play *play, char **args, GError **error)
{
    if (args[0] == NULL)
        return fail(error, "trigger needs bytes");
    daemon_trigger(play->lab->daemon, args[0], strlen(args[0]), args[1] == NULL);
    lab_settle(play->lab);
    return true;
}

/* Without a number: until nobody has anything to do. With one: until so many more replies. */
static bool step_run(Play *play, char **args, GError **error)
{
    Lab *lab = play->lab;
    uint64_t goal;

    (void)error;
    lab_settle(lab);
    if (args[0] == NULL) {
        lab_run(lab);
        return true;
    }
    goal = agents_reply_count(lab->agents) + g_ascii_strtoull(args[0], NULL, 10);
    while (agents_reply_count(lab->agents) < goal && lab_act(lab))
        ;
    return true;
}

static bool step_settle(Play *play, char **args, GError **error)
{
    (void)args;
    (void)error;
    lab_settle(play->lab);
    return true;
}

static bool step_advance(Play *play, char **args, GError **error)
{
    int64_t duration_ms;

    if (args[0] == NULL || !manner_parse_duration_ms(args[0], &duration_ms))
        return fail(error, "advance needs a duration");
    lab_advance(play->lab, duration_ms);
    return true;
}

static bool step_wait_real(Play *play, char **args, GError **error)
{
    int64_t duration_ms;

    if (args[0] == NULL || !manner_parse_duration_ms(args[0], &duration_ms))
        return fail(error, "wait-real needs a duration");
    lab_wait_real(play->lab, duration_ms);
    return true;
}

static bool step_clock(Play *play, char **args, GError **error)
{
    int64_t step_ms;

    if (args[0] == NULL || !manner_parse_duration_ms(args[0], &step_ms))
        return fail(error, "clock needs a duration");
    vclock_step_wall(play->lab->clock, step_ms * 1000000);
    return true;
}

/* Performs one action at a time, so that it stops at the very moment. */
static bool step_until(Play *play, char **args, GError **error)
{
    Lab *lab = play->lab;
    int64_t end_ns = vclock_since_start_ns(lab->clock) + UNTIL_LIMIT_MS * 1000000;
    bool holds;

    lab_settle(lab);
    for (;;) {
        int64_t left_ns = end_ns - vclock_since_start_ns(lab->clock);

        if (!condition_check(lab, args, &holds, error))
            return false;
        if (holds)
            return true;
        if (!lab_act(lab) && (left_ns <= 0 || !lab_jump(lab, left_ns / 1000000))) {
            g_autofree char *text = g_strjoinv(" ", args);

            trace_add(lab->core.trace, TRACE_NOTES, NULL, "never came true: %s", text);
            return true;
        }
    }
}

static bool step_expect(Play *play, char **args, GError **error)
{
    g_autofree char *text = g_strjoinv(" ", args);
    bool holds;

    if (!condition_check(play->lab, args, &holds, error))
        return false;
    trace_add(play->lab->core.trace, TRACE_NOTES, NULL, "%s: %s",
              holds ? "as expected" : "NOT TRUE", text);
    return true;
}

static bool step_records(Play *play, char **args, GError **error)
{
    if (g_strv_length(args) != 1 || strcmp(args[0], "whole") != 0)
        return fail(error, "records: say whole");
    play->lab->core.whole_records = true;
    return true;
}

static bool step_order(Play *play, char **args, GError **error)
{
    TraceStream stream;

    for (; *args != NULL; args++) {
        if (!trace_stream_parse(*args, &stream))
            return fail(error, "order: no such stream");
        trace_set_strict(play->lab->core.trace, stream);
    }
    return true;
}

static bool note_count(Play *play, char **args)
{
    const Lab *lab = play->lab;

    if (strcmp(args[0], "tokens") == 0)
        trace_add(lab->core.trace, TRACE_NOTES, NULL, "tokens: %d", daemon_tokens(lab->daemon));
    else if (strcmp(args[0], "agents") == 0 && args[1] != NULL)
        trace_add(lab->core.trace, TRACE_NOTES, NULL, "%s: %u waiting, %u announced", args[1],
                  agents_waiting_count(lab->agents, args[1]),
                  agents_running_count(lab->agents, args[1]));
    else if (strcmp(args[0], "triggers") == 0)
        trace_add(lab->core.trace, TRACE_NOTES, NULL, "triggers not closed: %u",
                  daemon_open_triggers(lab->daemon));
    else
        return false;
    return true;
}

static bool step_note(Play *play, char **args, GError **error)
{
    g_autofree char *text = NULL;

    if (args[0] == NULL)
        return fail(error, "note what?");
    if (strcmp(args[0], "spool") == 0 && args[1] == NULL) {
        spool_describe(play->lab->spool, true);
        return true;
    }
    if (note_count(play, args))
        return true;
    text = g_strjoinv(" ", args);
    trace_add(play->lab->core.trace, TRACE_NOTES, NULL, "-- %s", text);
    return true;
}

static bool step_kill(Play *play, char **args, GError **error)
{
    int signal = args[0] != NULL && strcmp(args[0], "term") == 0 ? SIGTERM : SIGKILL;

    (void)error;
    daemon_signal(play->lab->daemon, signal);
    lab_settle(play->lab);
    return true;
}

static bool step_abandon(Play *play, char **args, GError **error)
{
    (void)args;
    (void)error;
    daemon_abandon(play->lab->daemon);
    lab_settle(play->lab);
    return true;
}

/* The caller decides which programs a scenario is for, and what may differ. */
static bool step_remark(Play *play, char **args, GError **error)
{
    (void)play;
    (void)args;
    (void)error;
    return true;
}

static const struct {
    const char *word;
    StepFn *perform;
} course[] = {
    {"config",    step_config   },
    {"message",   step_message  },
    {"start",     step_start    },
    {"put",       step_put      },
    {"arrive",    step_arrive   },
    {"trigger",   step_trigger  },
    {"run",       step_run      },
    {"settle",    step_settle   },
    {"advance",   step_advance  },
    {"until",     step_until    },
    {"expect",    step_expect   },
    {"order",     step_order    },
    {"records",   step_records  },
    {"note",      step_note     },
    {"kill",      step_kill     },
    {"abandon",   step_abandon  },
    {"clock",     step_clock    },
    {"program",   step_remark   },
    {"differs",   step_remark   },
    {"wait-real", step_wait_real},
};

static StepFn *find_step(const char *word)
{
    for (size_t i = 0; i < G_N_ELEMENTS(course); i++)
        if (strcmp(word, course[i].word) == 0)
            return course[i].perform;
    return steps_find_world(word);
}

bool steps_perform(Play *play, ScenarioStep *step, GError **error)
{
    StepFn *function = find_step(step->words[0]);
    bool ok;

    play->step = step;
    if (function == NULL)
        ok = fail(error, "no such step");
    else
        ok = function(play, step->words + 1, error);
    if (!ok)
        g_prefix_error(error, "line %u: %s: ", step->line_number, step->words[0]);
    return ok;
}

static bool perform_all(Play *play, GError **error)
{
    for (guint i = 0; i < play->scenario->steps->len && !play->lab->stuck; i++)
        if (!steps_perform(play, g_ptr_array_index(play->scenario->steps, i), error))
            return false;
    lab_run(play->lab);
    spool_describe(play->lab->spool, false);
    return true;
}

void steps_begin(Play *play, Lab *lab, const Scenario *scenario)
{
    *play = (Play){
        .lab = lab,
        .scenario = scenario,
        .messages = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .placed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .locks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
    };
}

void steps_end(Play *play)
{
    g_hash_table_destroy(play->messages);
    g_hash_table_destroy(play->placed);
    g_hash_table_destroy(play->locks);
}

bool steps_play(Lab *lab, const Scenario *scenario, GError **error)
{
    Play play;
    bool ok;

    steps_begin(&play, lab, scenario);
    ok = perform_all(&play, error);
    steps_end(&play);
    return ok;
}
