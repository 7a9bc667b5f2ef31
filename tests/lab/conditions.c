#include "tests/lab/conditions.h"

#include <string.h>

#include "tests/lab/manner.h"

static uint64_t number(const char *text)
{
    return text != NULL ? g_ascii_strtoull(text, NULL, 10) : 1;
}

static bool has_deliveries(const Lab *lab, char *const *args)
{
    return agents_request_count(lab->agents) >= number(args[0]);
}

static bool has_replies(const Lab *lab, char *const *args)
{
    return agents_reply_count(lab->agents) >= number(args[0]);
}

static bool has_questions(const Lab *lab, char *const *args)
{
    return resolver_question_count(lab->resolver) >= number(args[0]);
}

static bool has_requests(const Lab *lab, char *const *args)
{
    return services_request_count(lab->services) >= number(args[0]);
}

static bool has_log(const Lab *lab, char *const *args)
{
    return trace_count(lab->core.trace, TRACE_LOG, args[0]) >= number(args[1]);
}

static bool has_note(const Lab *lab, char *const *args)
{
    return trace_count(lab->core.trace, TRACE_NOTES, args[0]) >= number(args[1]);
}

static bool has_file(const Lab *lab, char *const *args)
{
    g_autofree char *path = spool_find(lab->spool, args[0]);

    return g_file_test(path, G_FILE_TEST_EXISTS);
}

static bool is_gone(const Lab *lab, char *const *args)
{
    return !has_file(lab, args);
}

static bool has_waiting(const Lab *lab, char *const *args)
{
    return agents_waiting_count(lab->agents, args[0]) >= number(args[1]);
}

static bool has_running(const Lab *lab, char *const *args)
{
    return agents_running_count(lab->agents, args[0]) >= number(args[1]);
}

static bool has_tokens(const Lab *lab, char *const *args)
{
    return daemon_tokens(lab->daemon) >= 0 &&
           (uint64_t)daemon_tokens(lab->daemon) == number(args[0]);
}

static bool has_ended(const Lab *lab, char *const *args)
{
    (void)args;
    return !daemon_is_running(lab->daemon);
}

static const struct {
    const char *word;
    bool (*holds)(const Lab *lab, char *const *args);
    bool needs_argument;
} conditions[] = {
    {"deliveries", has_deliveries, true },
    {"replies",    has_replies,    true },
    {"questions",  has_questions,  true },
    {"requests",   has_requests,   true },
    {"log",        has_log,        true },
    {"note",       has_note,       true },
    {"file",       has_file,       true },
    {"gone",       is_gone,        true },
    {"waiting",    has_waiting,    true },
    {"running",    has_running,    true },
    {"tokens",     has_tokens,     true },
    {"exit",       has_ended,      false},
};

bool condition_check(const Lab *lab, char *const *words, bool *ret_holds, GError **error)
{
    for (size_t i = 0; words[0] != NULL && i < G_N_ELEMENTS(conditions); i++) {
        if (strcmp(words[0], conditions[i].word) != 0)
            continue;
        if (conditions[i].needs_argument && words[1] == NULL)
            break;
        *ret_holds = conditions[i].holds(lab, words + 1);
        return true;
    }
    g_set_error(error, LAB_ERROR, 0, "no such condition: %s", words[0] ? words[0] : "(none)");
    return false;
}
