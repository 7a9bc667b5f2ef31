#include <inttypes.h>
#include <string.h>

#include "tests/sched/lockstep_world.h"
#include "tests/support/sched_notice.h"

const Api api[2] = {
    {
#define X(name) .name = sched_##name,
        SCHED_FUNCTIONS(X)
#undef X
    },
    {
#define X(name) .name = model_##name,
        SCHED_FUNCTIONS(X)
#undef X
    },
};

bool differ(Lockstep *run, const char *format, ...)
{
    va_list args;

    if (run->difference != NULL)
        return false;
    va_start(args, format);
    run->difference = g_strdup_vprintf(format, args);
    va_end(args);
    return false;
}

/* FNV-1a, of what the core says; the same on all machines. */
static void record(Lockstep *run, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        run->digest = (run->digest ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001b3);
}

bool same_text(Lockstep *run, const char *what, const char *core, const char *model)
{
    const char *text = core != NULL ? core : "(none)";

    record(run, text, strlen(text) + 1);
    return g_strcmp0(core, model) == 0 ||
           differ(run, "%s: core \"%s\", model \"%s\"", what, core, model);
}

bool same_number(Lockstep *run, const char *what, int64_t core, int64_t model)
{
    int64_t little = GINT64_TO_LE(core);

    record(run, &little, sizeof(little));
    return core == model || differ(run, "%s: core %" PRId64 ", model %" PRId64, what, core, model);
}

bool same_transport(Lockstep *run, SchedTransport *const *transports)
{
    const char *names[2];

    EACH_SIDE(side)
    names[side] = transports[side] != NULL ? api[side].transport_name(transports[side]) : NULL;
    return same_text(run, "transport", names[0], names[1]);
}

static char *recipients_text(const Chain *chain)
{
    GString *text = g_string_new(NULL);

    for (Link *link = chain_first(chain); link != NULL; link = chain_next(chain, link)) {
        const Recipient *recipient =
            *(Recipient *const *)(const void *)((const char *)link + sizeof(Link));

        g_string_append_printf(text, " %u", recipient->number);
    }
    return g_string_free(text, FALSE);
}

bool same_recipients(Lockstep *run, const Chain *chains)
{
    g_autofree char *core = recipients_text(&chains[0]), *model = recipients_text(&chains[1]);

    return same_text(run, "recipients", core, model);
}

bool same_entry(Lockstep *run, SchedEntry *const *entries)
{
    Chain chains[2];
    SchedDestination *destinations[2];
    SchedTransport *transports[2];
    int flags[2];

    EACH_SIDE(side)
    {
        chains[side] = *api[side].entry_recipients(entries[side]);
        destinations[side] = api[side].entry_destination(entries[side]);
        transports[side] = api[side].destination_transport(destinations[side]);
        flags[side] = api[side].entry_session_flags(entries[side]);
    }
    return same_transport(run, transports) && same_recipients(run, chains) &&
           same_text(run, "destination", api[0].destination_name(destinations[0]),
                     api[1].destination_name(destinations[1])) &&
           same_number(run, "session flags", flags[0], flags[1]);
}

/* A message is told by its first recipient. */
void trace_selection(const Lockstep *run, int side, SchedSelection selection,
                     const SchedMessage *message)
{
    const Mail *mail;

    if (!run->trace || selection != SCHED_REFILL)
        return;
    mail = api[side].message_owner(message);
    g_print("  %s: refill of %u, %u read\n", side == 0 ? "core" : "model",
            ((const Recipient *)mail->recipients->pdata[0])->number, mail->read_count);
}

void trace_entry(Lockstep *run, const SchedEntry *entry)
{
    g_autofree char *text = NULL;

    if (!run->trace)
        return;
    text = recipients_text(api[0].entry_recipients(entry));
    g_print("  ->%s (%s)\n", text, api[0].destination_name(api[0].entry_destination(entry)));
}

#define COMPARE(what, call)                    \
    do {                                       \
        int64_t core_, model_;                 \
        {                                      \
            enum { SIDE = 0 };                 \
            core_ = (int64_t)(call);           \
        }                                      \
        {                                      \
            enum { SIDE = 1 };                 \
            model_ = (int64_t)(call);          \
        }                                      \
        same_number(run, what, core_, model_); \
    } while (0)

static void compare_mail(Lockstep *run, const Mail *mail)
{
    COMPARE("outstanding", api[SIDE].message_outstanding(mail->message[SIDE]));
    COMPARE("batch limit", api[SIDE].batch_limit(run->sched[SIDE], mail->message[SIDE]));
    COMPARE("wants refill", api[SIDE].wants_refill(run->sched[SIDE], mail->message[SIDE]));
}

void compare_all(Lockstep *run)
{
    COMPARE("messages", api[SIDE].message_count(run->sched[SIDE]));
    COMPARE("recipients", api[SIDE].recipient_count(run->sched[SIDE]));
    COMPARE("next timer", api[SIDE].next_timer_s(run->sched[SIDE]));
    if (api[0].next_pace_us(run->sched[0]) != INT64_MAX ||
        api[1].next_pace_us(run->sched[1]) != INT64_MAX)
        COMPARE("next unit of a rate", api[SIDE].next_pace_us(run->sched[SIDE]));
    for (guint i = 0; i < run->mails->len; i++)
        compare_mail(run, run->mails->pdata[i]);
}

void check_both(Lockstep *run)
{
    EACH_SIDE(side)
    api[side].check(run->sched[side]);
}

static void take_undeliverable(Lockstep *run)
{
    for (;;) {
        SchedEntry *entries[2];
        const char *statuses[2] = {NULL, NULL}, *reasons[2] = {NULL, NULL};
        Chain chains[2];
        Mail *mail;

        EACH_SIDE(side)
        entries[side] =
            api[side].pop_undeliverable(run->sched[side], &statuses[side], &reasons[side]);
        if ((entries[0] == NULL) != (entries[1] == NULL))
            differ(run, "undeliverable: core %d, model %d", entries[0] != NULL, entries[1] != NULL);
        if (entries[0] == NULL || entries[1] == NULL)
            return;
        mail = sched_message_owner(sched_entry_message(entries[0]));
        same_text(run, "status", statuses[0], statuses[1]);
        same_text(run, "reason", reasons[0], reasons[1]);
        EACH_SIDE(side)
        chains[side] = api[side].entry_discard(run->sched[side], entries[side]);
        same_recipients(run, chains);
        mail_go_on(run, mail);
    }
}

static void pop_notices(Lockstep *run)
{
    SchedNotice notices[2];
    char *texts[2];
    bool is_there[2];

    do {
        EACH_SIDE(side)
        {
            is_there[side] = api[side].pop_notice(run->sched[side], &notices[side]);
            texts[side] = is_there[side] ? notice_to_text(&notices[side]) : NULL;
        }
        same_text(run, "notice", texts[0], texts[1]);
        EACH_SIDE(side)
        g_free(texts[side]);
    } while (is_there[0] || is_there[1]);
}

void settle(Lockstep *run)
{
    take_undeliverable(run);
    pop_notices(run);
}
