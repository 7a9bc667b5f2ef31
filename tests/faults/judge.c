#include "tests/faults/judge.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

/* Of the message set: held, being written, damaged, found damaged by an agent. */
static const struct {
    const char *queue, *id; /* or what the ID begins with */
} stay[] = {
    {"hold",     "AJ01"},
    {"incoming", "AJ03"},
    {"corrupt",  "AJ02"},
    {"corrupt",  "AG02"}
};
static const char *const queues[] = {"incoming", "active", "deferred", "hold",
                                     "corrupt",  "bounce", "defer",    "trace"};

#define QUEUES_TO_DRAIN 3 /* the first ones */
#define LIMIT_S         (3 * 3600)
#define RESTART_S       65  /* by a throttling master */
#define BACK_OFF_S      610 /* maximal_backoff_time of the set, and a queue run */
#define NAMES_SHOWN     5U

G_GNUC_PRINTF(2, 3) static void complain(GPtrArray *complaints, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_ptr_array_add(complaints, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

typedef void FileFn(const char *queue, const char *id, void *ctx);

/* Files lie at most one level of hash directories deep in the laboratory. */
static void walk_directory(const char *queue, const char *path, FileFn *visit, void *ctx)
{
    GDir *directory = g_dir_open(path, 0, NULL);
    const char *name;

    while (directory != NULL && (name = g_dir_read_name(directory)) != NULL) {
        g_autofree char *full = g_strdup_printf("%s/%s", path, name);

        if (g_file_test(full, G_FILE_TEST_IS_DIR))
            walk_directory(queue, full, visit, ctx);
        else
            visit(queue, name, ctx);
    }
    if (directory != NULL)
        g_dir_close(directory);
}

static bool may_stay(const char *queue, const char *id)
{
    for (size_t i = 0; i < G_N_ELEMENTS(stay); i++)
        if (strcmp(stay[i].queue, queue) == 0 && g_str_has_prefix(id, stay[i].id))
            return true;
    return false;
}

static void count_if_waiting(const char *queue, const char *id, void *ctx)
{
    unsigned *count = ctx;

    if (!may_stay(queue, id))
        (*count)++;
}

bool judge_is_drained(void)
{
    unsigned count = 0;

    for (size_t i = 0; i < QUEUES_TO_DRAIN; i++)
        walk_directory(queues[i], queues[i], count_if_waiting, &count);
    return count == 0;
}

static bool is_moment(int error)
{
    return error == EINTR || error == EAGAIN || error == FAULT_SHORT;
}

/* A moment delays nothing; unless it ends the daemon, as at its start, which master puts right. An
 * error may cost an attempt, and so a back-off. */
static int64_t delay_max_s(const Fault *fault)
{
    if (fault->mode == FAULT_FAIL && is_moment(fault->error))
        return RESTART_S;
    return RESTART_S + BACK_OFF_S + fault->lasts_s;
}

void judge_delay(const Fault *fault, int64_t delay_s, GPtrArray *complaints)
{
    if (delay_s > delay_max_s(fault))
        complain(complaints, "a recipient ended %d s later than usual, more than %d s",
                 (int)delay_s, (int)delay_max_s(fault));
}

int64_t judge_limit_s(const Fault *fault)
{
    return LIMIT_S + fault->lasts_s;
}

static void add_name(const char *queue, const char *id, void *ctx)
{
    if (!may_stay(queue, id))
        g_ptr_array_add(ctx, g_strdup_printf("%s/%s", queue, id));
}

/* One line, however much it is. */
static void complain_of_waiting(int64_t drained_s, GPtrArray *complaints)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *text = NULL;
    guint count;

    for (size_t i = 0; i < QUEUES_TO_DRAIN; i++)
        walk_directory(queues[i], queues[i], add_name, names);
    count = names->len;
    g_ptr_array_set_size(names, (int)MIN(count, NAMES_SHOWN));
    g_ptr_array_add(names, NULL);
    text = g_strjoinv(" ", (char **)names->pdata);
    complain(complaints, "not through after %d s: %u messages, %s", (int)drained_s, count, text);
    g_ptr_array_free(names, TRUE);
}

void judge_first_life(const Lab *lab, int64_t drained_s, GPtrArray *complaints)
{
    if (lab->stuck)
        complain(complaints, "does not come to rest");
    if (!judge_is_drained())
        complain_of_waiting(drained_s, complaints);
}

static bool is_kept(const char *id)
{
    for (size_t i = 0; i < G_N_ELEMENTS(stay); i++) {
        g_autofree char *path = g_strdup_printf("%s/%s", stay[i].queue, id);

        if (g_str_has_prefix(id, stay[i].id) && g_file_test(path, G_FILE_TEST_EXISTS))
            return true;
    }
    return false;
}

/* The logs of a message that stays may stay, too. */
static void complain_of_rest(const char *queue, const char *id, void *ctx)
{
    bool is_log =
        strcmp(queue, "bounce") == 0 || strcmp(queue, "defer") == 0 || strcmp(queue, "trace") == 0;

    if (!may_stay(queue, id) && !(is_log && is_kept(id)))
        complain(ctx, "%s/%s is left in the end", queue, id);
}

/* Whether the message is still queued, which has been complained of already. */
static bool is_queued(const Lab *lab, const char *id)
{
    for (size_t i = 0; i < QUEUES_TO_DRAIN; i++) {
        g_autofree char *path = core_queue_path(&lab->core, queues[i], id);

        if (g_file_test(path, G_FILE_TEST_EXISTS))
            return true;
    }
    return is_kept(id);
}

/* An agent that dies between a delivery and its mark repeats it. Of the recipients of a redirected
 * list agents mark the first only, so it is repeated if the queue manager ends before its removal.
 */
static bool may_be_twice(const Fault *fault, const Account *account)
{
    if (account->is_silent && account->delivered == 0)
        return true;
    if (fault->mode != FAULT_KILL)
        return false;
    return account->is_redirected ||
           (g_str_has_prefix(fault->site, "agent:") && g_str_has_suffix(fault->site, "/mark"));
}

/* An agent marks who has got the mail before it says so; only a redirected message has no mark. */
static bool ended_too_often(const Account *account)
{
    unsigned ends = account->delivered + account->returned;

    if (account->is_probe || ends <= 1)
        return false;
    return !account->in_doubt || (account->delivered > 1 && !account->is_redirected);
}

/* A report that could not be sent, about a message older than twice its lifetime. */
static bool is_given_up(const Lab *lab, const char *id)
{
    g_autofree char *text = g_strdup_printf("%s: gave up sending its ", id);

    return trace_count(lab->core.trace, TRACE_LOG, text) > 0;
}

/* Neither a message that is still there, nor a probe that is made again, nor what is told. */
static bool is_lost(const Lab *lab, const Account *account)
{
    return !is_queued(lab, account->id) && !(account->is_probe && account->in_doubt) &&
           !is_given_up(lab, account->id);
}

static void judge_account(const Lab *lab, const Fault *fault, const Account *account,
                          GPtrArray *complaints)
{
    unsigned ends = account->is_probe ? account->probed : account->delivered + account->returned;

    if (ends == 0 && is_lost(lab, account))
        complain(complaints, "%s %s is lost", account->id, account->recipient);
    if (ended_too_often(account) && !may_be_twice(fault, account))
        complain(complaints, "%s %s was delivered %u times and returned %u times", account->id,
                 account->recipient, account->delivered, account->returned);
    if (ends > 0 && is_kept(account->id))
        complain(complaints, "%s %s has ended, but its message stays", account->id,
                 account->recipient);
}

/* A daemon that ended by itself: by our kill, at the clean restart, or with a fatal line. */
static void judge_life(const Lab *lab, const Fault *fault, GPtrArray *complaints)
{
    const Trace *trace = lab->core.trace;
    unsigned kills = trace_count(trace, TRACE_NOTES, "killed by signal 9");
    unsigned signals = trace_count(trace, TRACE_NOTES, "killed by signal");
    unsigned terms = trace_count(trace, TRACE_NOTES, "killed by signal 15");
    unsigned exits = trace_count(trace, TRACE_NOTES, "exit status");

    if (signals > kills + terms || (kills > 0 && fault->mode != FAULT_KILL))
        complain(complaints, "was killed by a signal");
    if (exits - trace_count(trace, TRACE_NOTES, "exit status 0") >
        trace_count(trace, TRACE_LOG, "fatal: "))
        complain(complaints, "ended without a fatal line");
    if (trace_count(trace, TRACE_LOG, "panic: ") > 0)
        complain(complaints, "panic");
}

/* A recipient that could not be recorded is missing in the log of the notice. */
static unsigned failed_records(const Lab *lab)
{
    return trace_count(lab->core.trace, TRACE_LOG, " service failure");
}

void judge_mail(const Lab *lab, const Ledger *ledger, const Fault *fault, GPtrArray *complaints)
{
    const GPtrArray *accounts = ledger_accounts(ledger);

    for (size_t i = 0; i < G_N_ELEMENTS(queues); i++)
        walk_directory(queues[i], queues[i], complain_of_rest, complaints);
    for (guint i = 0; i < accounts->len; i++)
        judge_account(lab, fault, g_ptr_array_index(accounts, i), complaints);
    if (ledger_empty_notices(ledger) > failed_records(lab))
        complain(complaints, "%u notices about nothing", ledger_empty_notices(ledger));
}

void judge_end(const Lab *lab, const Ledger *ledger, const Fault *fault, GPtrArray *complaints)
{
    judge_mail(lab, ledger, fault, complaints);
    judge_life(lab, fault, complaints);
}

static void remove_file(const char *queue, const char *id, void *ctx)
{
    g_autofree char *path = core_queue_path(ctx, queue, id);

    (void)unlink(path);
}

void judge_remove_rest(const Lab *lab)
{
    Core core = lab->core;

    for (size_t i = 0; i < G_N_ELEMENTS(queues); i++)
        walk_directory(queues[i], queues[i], remove_file, &core);
}
