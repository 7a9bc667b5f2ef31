#include "tests/faults/ledger.h"

#include <string.h>

#include "tests/lab/stage.h"

/* Request numbers of the bounce family (ipc.md 5.1). */
enum { REQUEST_FLUSH = 1, REQUEST_VERP = 3 };

#define PROBE_FLAGS    (256 | 512)
#define NOTIFY_FAILURE 4
#define NS_PER_S       1000000000LL

struct Ledger {
    Core *core;
    Witness witness;
    LedgerStepFn *on_step;
    void *ctx;
    GPtrArray *accounts; /* of Account */
    GHashTable *by_name; /* "ID recipient" -> Account */
    GHashTable *logs;    /* "log/ID" -> GPtrArray of char *: recipients */
    GPtrArray *recent;   /* of Account: what was done has not been answered yet */
    unsigned empty_notices;
};

typedef struct Enrolment {
    GPtrArray *recipients;
    GHashTable *silent; /* those of them that want no notice */
    int64_t notify;     /* of the next one */
    bool is_probe, is_redirected;
} Enrolment;

static void account_free(void *data)
{
    Account *account = data;

    g_free(account->id);
    g_free(account->recipient);
    g_free(account);
}

static Account *find(const Ledger *ledger, const char *id, const char *recipient)
{
    g_autofree char *name = g_strdup_printf("%s %s", id, recipient);

    return g_hash_table_lookup(ledger->by_name, name);
}

static void open_account(Ledger *ledger, const char *id, const char *recipient,
                         const Enrolment *enrolment)
{
    Account *account;

    if (find(ledger, id, recipient) != NULL)
        return;
    account = g_new0(Account, 1);
    account->id = g_strdup(id);
    account->recipient = g_strdup(recipient);
    account->is_probe = enrolment->is_probe;
    account->is_redirected = enrolment->is_redirected;
    account->is_silent = g_hash_table_contains(enrolment->silent, recipient);
    g_ptr_array_add(ledger->accounts, account);
    (void)g_hash_table_insert(ledger->by_name, g_strdup_printf("%s %s", id, recipient), account);
}

static void count_end(const Ledger *ledger, Account *account, unsigned *counter)
{
    if (account->delivered + account->returned + account->probed == 0)
        account->ended_s = stage_time_ns(ledger->core->stage) / NS_PER_S;
    (*counter)++;
}

static bool on_step(void *ctx, const char *transport, const char *step)
{
    Ledger *ledger = ctx;

    return ledger->on_step == NULL || ledger->on_step(ledger->ctx, transport, step);
}

static void on_delivered(void *ctx, const char *id, const char *recipient)
{
    const Ledger *ledger = ctx;
    Account *account = find(ledger, id, recipient);

    g_assert(account != NULL);
    count_end(ctx, account, &account->delivered);
    g_ptr_array_add(ledger->recent, account);
}

/* An update of the verify service does not tell the message. */
static void on_verified(void *ctx, const char *recipient)
{
    const Ledger *ledger = ctx;

    for (guint i = 0; i < ledger->accounts->len; i++) {
        Account *account = g_ptr_array_index(ledger->accounts, i);

        if (account->is_probe && strcmp(account->recipient, recipient) == 0)
            count_end(ledger, account, &account->probed);
    }
}

/* A log that is gone from the disk has lost its entries, whoever removed it. What is recorded about
 * a probe is its result. */
static void on_recorded(void *ctx, const char *log, const char *id, const char *recipient)
{
    Ledger *ledger = ctx;
    g_autofree char *path = core_queue_path(ledger->core, log, id);
    Account *account = find(ledger, id, recipient);

    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        (void)g_hash_table_remove(ledger->logs, path);
    ledger_note_entry(ledger, log, id, recipient);
    if (account != NULL)
        g_ptr_array_add(ledger->recent, account);
    if (account != NULL && account->is_probe)
        count_end(ledger, account, &account->probed);
}

void ledger_note_entry(Ledger *ledger, const char *log, const char *id, const char *recipient)
{
    g_autofree char *path = core_queue_path(ledger->core, log, id);
    GPtrArray *entries = g_hash_table_lookup(ledger->logs, path);

    if (entries == NULL) {
        entries = g_ptr_array_new_with_free_func(g_free);
        (void)g_hash_table_insert(ledger->logs, g_strdup(path), entries);
    }
    if (!g_ptr_array_find_with_equal_func(entries, recipient, g_str_equal, NULL))
        g_ptr_array_add(entries, g_strdup(recipient));
}

/* The records of a queue file: type, length in groups of seven bits, data. */
typedef void RecordFn(char type, const char *data, size_t count, void *ctx);

static void walk_records(const char *bytes, size_t total, RecordFn *visit, void *ctx)
{
    for (size_t at = 0; at + 2 <= total;) {
        size_t type_at = at++, count = 0;
        unsigned shift = 0;

        do {
            count |= (size_t)((unsigned char)bytes[at] & 0x7f) << shift;
            shift += 7;
        } while (((unsigned char)bytes[at++] & 0x80) != 0 && at < total);
        if (at + count > total)
            return;
        visit(bytes[type_at], bytes + at, count, ctx);
        at += count;
    }
}

/* A redirected message has one recipient. */
static void enrol_recipient(Enrolment *enrolment, char type, const char *address)
{
    if (enrolment->is_redirected)
        return;
    enrolment->is_redirected = type == '>';
    if (enrolment->is_redirected)
        g_ptr_array_set_size(enrolment->recipients, 0);
    if (enrolment->notify != 0 && (enrolment->notify & NOTIFY_FAILURE) == 0)
        (void)g_hash_table_add(enrolment->silent, g_strdup(address));
    enrolment->notify = 0;
    g_ptr_array_add(enrolment->recipients, g_strdup(address));
}

/* false: not that attribute. */
static bool read_attribute(const char *text, const char *name, int64_t *ret_value)
{
    size_t length = strlen(name);

    if (strncmp(text, name, length) != 0 || text[length] != '=')
        return false;
    *ret_value = g_ascii_strtoll(text + length + 1, NULL, 10);
    return true;
}

static void enrol_record(char type, const char *data, size_t count, void *ctx)
{
    Enrolment *enrolment = ctx;
    g_autofree char *text = g_strndup(data, count);
    int64_t flags;

    if (type == 'R' || type == '>')
        enrol_recipient(enrolment, type, text);
    else if (type == 'A' && read_attribute(text, "trace_flags", &flags))
        enrolment->is_probe = (flags & PROBE_FLAGS) != 0;
    else if (type == 'A')
        (void)read_attribute(text, "notify_flags", &enrolment->notify);
}

void ledger_enrol(Ledger *ledger, const char *id, const char *path)
{
    Enrolment enrolment = {
        .recipients = g_ptr_array_new_with_free_func(g_free),
        .silent = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
    };
    g_autofree char *bytes = NULL;
    gsize total;

    if (!g_file_get_contents(path, &bytes, &total, NULL))
        g_error("%s: cannot be read", path);
    walk_records(bytes, total, enrol_record, &enrolment);
    for (guint i = 0; i < enrolment.recipients->len; i++)
        open_account(ledger, id, g_ptr_array_index(enrolment.recipients, i), &enrolment);
    g_ptr_array_free(enrolment.recipients, TRUE);
    g_hash_table_destroy(enrolment.silent);
}

static void return_all(const Ledger *ledger, const char *id, const GPtrArray *recipients)
{
    for (guint i = 0; i < recipients->len; i++) {
        Account *account = find(ledger, id, g_ptr_array_index(recipients, i));

        if (account != NULL)
            count_end(ledger, account, &account->returned);
    }
}

/* A notice is about a message; it may be asked for again if the answer was not understood. */
static bool touch_message(Ledger *ledger, const char *id)
{
    bool in_doubt = false;

    for (guint i = 0; i < ledger->accounts->len; i++) {
        Account *account = g_ptr_array_index(ledger->accounts, i);

        if (strcmp(account->id, id) != 0)
            continue;
        in_doubt |= account->in_doubt;
        g_ptr_array_add(ledger->recent, account);
    }
    return in_doubt;
}

static void on_reported(void *ctx, const char *log, const char *id, int64_t request_number)
{
    Ledger *ledger = ctx;
    g_autofree char *path = core_queue_path(ledger->core, log, id);
    GPtrArray *entries = g_hash_table_lookup(ledger->logs, path);
    bool in_doubt = touch_message(ledger, id);

    if (request_number != REQUEST_FLUSH && request_number != REQUEST_VERP)
        return;
    if (entries == NULL || !g_file_test(path, G_FILE_TEST_EXISTS))
        ledger->empty_notices += !in_doubt;
    else
        return_all(ledger, id, entries);
    (void)g_hash_table_remove(ledger->logs, path);
}

void ledger_answered(Ledger *ledger, bool in_doubt)
{
    for (guint i = 0; i < ledger->recent->len; i++)
        ((Account *)g_ptr_array_index(ledger->recent, i))->in_doubt |= in_doubt;
    g_ptr_array_set_size(ledger->recent, 0);
}

Ledger *ledger_new(Core *core, LedgerStepFn *on_agent_step, void *ctx)
{
    Ledger *ledger = g_new0(Ledger, 1);

    ledger->core = core;
    ledger->on_step = on_agent_step;
    ledger->ctx = ctx;
    ledger->accounts = g_ptr_array_new_with_free_func(account_free);
    ledger->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    ledger->logs =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    ledger->recent = g_ptr_array_new();
    ledger->witness =
        (Witness){on_step, on_delivered, on_recorded, on_reported, on_verified, ledger};
    core->witness = &ledger->witness;
    return ledger;
}

void ledger_free(Ledger *ledger)
{
    if (ledger == NULL)
        return;
    ledger->core->witness = NULL;
    g_hash_table_destroy(ledger->by_name);
    g_hash_table_destroy(ledger->logs);
    g_ptr_array_free(ledger->recent, TRUE);
    g_ptr_array_free(ledger->accounts, TRUE);
    g_free(ledger);
}

const GPtrArray *ledger_accounts(const Ledger *ledger)
{
    return ledger->accounts;
}

unsigned ledger_empty_notices(const Ledger *ledger)
{
    return ledger->empty_notices;
}
