#include "tests/kill/verdict.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include <glib.h>

#define ENTRIES_AT_ONCE 512
#define FLAGS_AT_ONCE   4096
#define SHOWN_MAX       8
#define NS_PER_MS       1000000

struct Verdict {
    GArray *entries;     /* LedgerEntry, in their order */
    GByteArray *settled; /* by recipient: whether it is */
    uint32_t settled_count;
    GByteArray *late;  /* by attempt: whether it was */
    GArray *starts_ns; /* of queue managers, by generation */
};

/* What is known of one recipient: its entries. */
typedef struct History {
    const LedgerEntry *const *entries;
    guint count;
} History;

Verdict *verdict_new(void)
{
    Verdict *verdict = g_new0(Verdict, 1);

    verdict->entries = g_array_new(FALSE, FALSE, sizeof(LedgerEntry));
    verdict->settled = g_byte_array_new();
    verdict->late = g_byte_array_new();
    verdict->starts_ns = g_array_new(FALSE, TRUE, sizeof(int64_t));
    return verdict;
}

void verdict_free(Verdict *verdict)
{
    if (verdict == NULL)
        return;
    g_array_free(verdict->entries, TRUE);
    g_array_free(verdict->starts_ns, TRUE);
    g_byte_array_free(verdict->settled, TRUE);
    g_byte_array_free(verdict->late, TRUE);
    g_free(verdict);
}

static bool is_set(const GByteArray *flags, uint32_t at)
{
    return at < flags->len && flags->data[at] != 0;
}

/* False if it was set already. */
static bool set(GByteArray *flags, uint32_t at)
{
    static const guint8 none[FLAGS_AT_ONCE];

    while (flags->len <= at)
        g_byte_array_append(flags, none, sizeof(none));
    if (flags->data[at] != 0)
        return false;
    flags->data[at] = 1;
    return true;
}

/* ---- the ledger ---- */

static void take(Verdict *verdict, const LedgerEntry *entry)
{
    g_array_append_val(verdict->entries, *entry);
    if (entry->kind == LEDGER_DELIVERED || entry->kind == LEDGER_RETURNED)
        verdict->settled_count += set(verdict->settled, entry->recipient);
    if (entry->kind == LEDGER_STARTED) {
        if (verdict->starts_ns->len <= entry->generation)
            g_array_set_size(verdict->starts_ns, entry->generation + 1);
        g_array_index(verdict->starts_ns, int64_t, entry->generation) = entry->at_ns;
    }
}

void verdict_read(Verdict *verdict, const Common *common)
{
    LedgerEntry entries[ENTRIES_AT_ONCE];
    ssize_t got;

    do {
        got = pread(common->ledger_fd, entries, sizeof(entries),
                    (off_t)(verdict->entries->len * sizeof(LedgerEntry)));
        if (got < 0)
            g_error("the ledger: %s", g_strerror(errno));
        for (size_t i = 0; i < (size_t)got / sizeof(LedgerEntry); i++)
            take(verdict, &entries[i]);
    } while (got == (ssize_t)sizeof(entries));
}

uint32_t verdict_settled(const Verdict *verdict)
{
    return verdict->settled_count;
}

/* ---- excuses ---- */

static bool is_late(const Verdict *verdict, const LedgerEntry *locked)
{
    guint next = locked->generation + 1;

    return next < verdict->starts_ns->len &&
           locked->at_ns > g_array_index(verdict->starts_ns, int64_t, next);
}

static void note_late_attempts(const Verdict *verdict)
{
    for (guint i = 0; i < verdict->entries->len; i++) {
        const LedgerEntry *entry = &g_array_index(verdict->entries, LedgerEntry, i);

        if (entry->kind == LEDGER_LOCKED && is_late(verdict, entry))
            (void)set(verdict->late, entry->attempt);
    }
}

static bool was_late(const Verdict *verdict, const LedgerEntry *entry)
{
    return is_set(verdict->late, entry->attempt);
}

static bool was_marked(const History *history, const LedgerEntry *delivery)
{
    for (guint i = 0; i < history->count; i++)
        if (history->entries[i]->kind == LEDGER_MARKED &&
            history->entries[i]->attempt == delivery->attempt)
            return true;
    return false;
}

static bool is_delivery(const LedgerEntry *entry)
{
    return entry->kind == LEDGER_DELIVERED || entry->kind == LEDGER_BOUNCED;
}

/* ---- one recipient ---- */

static const char *kind_str(uint32_t kind)
{
    static const char *const names[] = {"",        "started", "locked",   "delivered",
                                        "bounced", "marked",  "returned", "nonsense"};

    return kind < G_N_ELEMENTS(names) ? names[kind] : "?";
}

static void tell(const Verdict *verdict, const History *history, uint32_t recipient,
                 const char *what)
{
    int64_t start_ns = g_array_index(verdict->entries, LedgerEntry, 0).at_ns;

    g_printerr("recipient %" PRIu32 ": %s\n", recipient, what);
    for (guint i = 0; i < history->count; i++) {
        const LedgerEntry *entry = history->entries[i];

        g_printerr("    %8.3f ms %s: attempt %" PRIu32 "%s, for queue manager %" PRIu32 "\n",
                   (double)(entry->at_ns - start_ns) / NS_PER_MS, kind_str(entry->kind),
                   entry->attempt, was_late(verdict, entry) ? " (late lock)" : "",
                   entry->generation);
    }
}

/* Whether there is an excuse for a delivery after another one. */
static void judge_repetition(const Verdict *verdict, const History *history, guint at,
                             Judgement *judgement)
{
    bool all_unmarked = true, excused = true;

    for (guint i = 0; i < at; i++) {
        const LedgerEntry *earlier = history->entries[i];
        bool is_marked = is_delivery(earlier) && was_marked(history, earlier);

        all_unmarked = all_unmarked && !is_marked;
        excused = excused && (!is_marked || was_late(verdict, earlier));
    }
    if (all_unmarked)
        judgement->unmarked++;
    else if (excused || was_late(verdict, history->entries[at]))
        judgement->late++;
    else
        judgement->twice++;
}

static Judgement judge_one(const Verdict *verdict, const History *history, int64_t due_ns)
{
    Judgement judgement = {0};
    unsigned deliveries = 0;
    bool is_settled = false;

    for (guint i = 0; i < history->count; i++) {
        const LedgerEntry *entry = history->entries[i];

        judgement.nonsense += entry->kind == LEDGER_NONSENSE;
        is_settled |= entry->kind == LEDGER_DELIVERED || entry->kind == LEDGER_RETURNED;
        if (!is_delivery(entry))
            continue;
        judgement.early += entry->at_ns < due_ns;
        if (deliveries++ > 0)
            judge_repetition(verdict, history, i, &judgement);
    }
    judgement.lost = !is_settled;
    return judgement;
}

/* ---- all ---- */

static int compare(const void *a, const void *b)
{
    const LedgerEntry *left = *(const LedgerEntry *const *)a;
    const LedgerEntry *right = *(const LedgerEntry *const *)b;

    if (left->recipient != right->recipient)
        return left->recipient < right->recipient ? -1 : 1;
    return left < right ? -1 : left > right; /* where they stand in the ledger */
}

/* Sorts entries by recipient. */
static GPtrArray *sort_by_recipient(const Verdict *verdict)
{
    GPtrArray *sorted = g_ptr_array_new();

    for (guint i = 0; i < verdict->entries->len; i++) {
        LedgerEntry *entry = &g_array_index(verdict->entries, LedgerEntry, i);

        if (entry->kind != LEDGER_STARTED && entry->kind != LEDGER_LOCKED)
            g_ptr_array_add(sorted, entry);
    }
    qsort(sorted->pdata, sorted->len, sizeof(gpointer), compare);
    return sorted;
}

static void add(Judgement *sum, const Judgement *one)
{
    sum->lost += one->lost;
    sum->twice += one->twice;
    sum->early += one->early;
    sum->nonsense += one->nonsense;
    sum->unmarked += one->unmarked;
    sum->late += one->late;
}

static const char *fault_of(const Judgement *one)
{
    return one->lost > 0       ? "lost"
           : one->twice > 0    ? "delivered twice"
           : one->early > 0    ? "delivered before it was due"
           : one->nonsense > 0 ? "not where the request says"
                               : NULL;
}

Judgement verdict_judge(const Verdict *verdict, uint32_t count, const NotDue *not_due)
{
    g_autoptr(GPtrArray) sorted = sort_by_recipient(verdict);
    const LedgerEntry *const *entries = (const LedgerEntry *const *)(void *)sorted->pdata;
    Judgement sum = {0};
    unsigned shown = 0;
    guint at = 0;

    note_late_attempts(verdict);
    for (uint32_t recipient = 0; recipient < count; recipient++) {
        bool is_not_due = recipient >= not_due->from && recipient < not_due->to;
        History history = {.entries = entries + at};
        Judgement one;

        while (at < sorted->len && entries[at]->recipient == recipient)
            at++;
        history.count = (guint)(entries + at - history.entries);
        one = judge_one(verdict, &history, is_not_due ? not_due->at_ns : 0);
        add(&sum, &one);
        if (fault_of(&one) != NULL && shown++ < SHOWN_MAX)
            tell(verdict, &history, recipient, fault_of(&one));
    }
    if (at < sorted->len)
        g_error("the ledger tells of recipient %" PRIu32 ", who is nobody", entries[at]->recipient);
    return sum;
}
