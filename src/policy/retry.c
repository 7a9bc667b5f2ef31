#include "policy/retry.h"

#include <string.h>

#include "base/time_word.h"
#include "base/words.h"

/* Plans: their texts, and the wait that follows from an age. */

#define FORM "a schedule is one time or more, as in 5m 15m 1h 4h: the last one is repeated"

RetryPlan retry_plan_none(void)
{
    return (RetryPlan){.jitter_percent = RETRY_NOT_SAID,
                       .lifetime_s = RETRY_NOT_SAID,
                       .bounce_lifetime_s = RETRY_NOT_SAID};
}

bool retry_plan_says(const RetryPlan *plan, RetryPart part)
{
    switch (part) {
    case RETRY_SCHEDULE:
        return plan->schedule.count > 0;
    case RETRY_JITTER:
        return plan->jitter_percent != RETRY_NOT_SAID;
    case RETRY_LIFETIME:
        return plan->lifetime_s != RETRY_NOT_SAID;
    case RETRY_BOUNCE_LIFETIME:
        return plan->bounce_lifetime_s != RETRY_NOT_SAID;
    case RETRY_PART_COUNT:
        break;
    }
    g_assert_not_reached();
}

bool retry_plan_is_none(const RetryPlan *plan)
{
    for (RetryPart part = 0; part < RETRY_PART_COUNT; part++)
        if (retry_plan_says(plan, part))
            return false;
    return true;
}

bool retry_plan_equal(const RetryPlan *a, const RetryPlan *b)
{
    return a->schedule.count == b->schedule.count &&
           memcmp(a->schedule.waits_s, b->schedule.waits_s,
                  a->schedule.count * sizeof(a->schedule.waits_s[0])) == 0 &&
           a->jitter_percent == b->jitter_percent && a->lifetime_s == b->lifetime_s &&
           a->bounce_lifetime_s == b->bounce_lifetime_s;
}

void retry_plan_complete(RetryPlan *plan, const RetryPlan *other)
{
    if (plan->schedule.count == 0)
        plan->schedule = other->schedule;
    if (plan->jitter_percent == RETRY_NOT_SAID)
        plan->jitter_percent = other->jitter_percent;
    if (plan->lifetime_s == RETRY_NOT_SAID)
        plan->lifetime_s = other->lifetime_s;
    if (plan->bounce_lifetime_s == RETRY_NOT_SAID)
        plan->bounce_lifetime_s = other->bounce_lifetime_s;
}

/* ---- texts ---- */

static const char *add_wait(RetrySchedule *schedule, const char *word)
{
    int64_t wait_s;

    if (!time_word_parse(word, RETRY_WAIT_MAX_S, &wait_s))
        return FORM;
    if (wait_s < 1 || wait_s > RETRY_WAIT_MAX_S)
        return "each time of a schedule must be 1s to 31d";
    if (schedule->count == RETRY_WAITS_MAX)
        return "a schedule has at most " G_STRINGIFY(RETRY_WAITS_MAX) " times";
    schedule->waits_s[schedule->count++] = (int32_t)wait_s;
    return NULL;
}

static const char *parse_schedule(const char *text, RetrySchedule *ret_schedule)
{
    g_auto(GStrv) words = words_split(text, ", \t\r\n");
    RetrySchedule schedule = {0};

    for (char **word = words; *word != NULL; word++) {
        const char *fault = add_wait(&schedule, *word);

        if (fault != NULL)
            return fault;
    }
    if (schedule.count == 0)
        return FORM;
    *ret_schedule = schedule;
    return NULL;
}

static const char *parse_lifetime(const char *text, int64_t *ret_lifetime_s)
{
    int64_t lifetime_s = 0;

    if (strcmp(text, "0") != 0 && !time_word_parse(text, RETRY_LIFETIME_MAX_S, &lifetime_s))
        return "a lifetime is a time, as in 2d, or 0: one attempt";
    if (lifetime_s > RETRY_LIFETIME_MAX_S)
        return "a lifetime must be 0 to 100d";
    *ret_lifetime_s = lifetime_s;
    return NULL;
}

static const char *parse_jitter(const char *text, int64_t *ret_percent)
{
    g_autofree char *number = g_strdup(text);
    size_t length = strlen(number);
    guint64 percent;

    if (length > 0 && number[length - 1] == '%')
        number[length - 1] = '\0';
    if (!g_ascii_string_to_unsigned(number, 10, 0, RETRY_JITTER_MAX_PERCENT, &percent, NULL))
        return "jitter is a number of percent, 0 to " G_STRINGIFY(RETRY_JITTER_MAX_PERCENT);
    *ret_percent = (int64_t)percent;
    return NULL;
}

static char *format_schedule(const RetrySchedule *schedule)
{
    GString *text = g_string_new(NULL);

    for (uint32_t i = 0; i < schedule->count; i++) {
        g_autofree char *wait = time_word_format(schedule->waits_s[i], 'w');

        g_string_append_printf(text, "%s%s", i > 0 ? " " : "", wait);
    }
    return g_string_free(text, FALSE);
}

const char *retry_plan_parse(RetryPlan *plan, RetryPart part, const char *text)
{
    switch (part) {
    case RETRY_SCHEDULE:
        return parse_schedule(text, &plan->schedule);
    case RETRY_JITTER:
        return parse_jitter(text, &plan->jitter_percent);
    case RETRY_LIFETIME:
        return parse_lifetime(text, &plan->lifetime_s);
    case RETRY_BOUNCE_LIFETIME:
        return parse_lifetime(text, &plan->bounce_lifetime_s);
    case RETRY_PART_COUNT:
        break;
    }
    g_assert_not_reached();
}

char *retry_plan_format(const RetryPlan *plan, RetryPart part)
{
    switch (part) {
    case RETRY_SCHEDULE:
        return format_schedule(&plan->schedule);
    case RETRY_JITTER:
        return g_strdup_printf("%d%%", (int)plan->jitter_percent);
    case RETRY_LIFETIME:
        return time_word_format(plan->lifetime_s, 'w');
    case RETRY_BOUNCE_LIFETIME:
        return time_word_format(plan->bounce_lifetime_s, 'w');
    case RETRY_PART_COUNT:
        break;
    }
    g_assert_not_reached();
}

/* ---- waits ---- */

/* FNV-1a over the queue ID and the number, and a last mixing (that of MurmurHash3). */
static uint64_t hash(const char *queue_id, uint64_t number)
{
    uint64_t value = UINT64_C(0xcbf29ce484222325);

    for (; *queue_id != '\0'; queue_id++)
        value = (value ^ (unsigned char)*queue_id) * UINT64_C(0x100000001b3);
    for (int i = 0; i < 8; i++)
        value = (value ^ ((number >> 8 * i) & 0xff)) * UINT64_C(0x100000001b3);
    value = (value ^ (value >> 33)) * UINT64_C(0xff51afd7ed558ccd);
    value = (value ^ (value >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
    return value ^ (value >> 33);
}

/* The wait of this number. */
static int64_t jittered_s(const RetryPlan *plan, const char *queue_id, int64_t number,
                          int64_t wait_s)
{
    int64_t most_s = wait_s * MAX(plan->jitter_percent, 0) / 100;

    if (most_s > 0)
        wait_s += (int64_t)(hash(queue_id, (uint64_t)number) % (uint64_t)(2 * most_s + 1)) - most_s;
    return MAX(wait_s, 1);
}

/* The wait at whose end the message is older than now. */
static int64_t scheduled_wait_s(const RetryPlan *plan, const char *queue_id, int64_t age_s)
{
    const RetrySchedule *schedule = &plan->schedule;
    int64_t end_s = 0, last_s = schedule->waits_s[schedule->count - 1], wait_s;

    for (uint32_t i = 0; i < schedule->count; i++) {
        wait_s = jittered_s(plan, queue_id, i, schedule->waits_s[i]);
        end_s += wait_s;
        if (age_s < end_s)
            return wait_s;
    }
    return jittered_s(plan, queue_id, schedule->count + (age_s - end_s) / last_s, last_s);
}

int64_t retry_wait_s(const RetryPlan *plan, const RetryBackoff *backoff, const char *queue_id,
                     int64_t age_s)
{
    age_s = MAX(age_s, 0);
    if (plan->schedule.count > 0)
        return scheduled_wait_s(plan, queue_id, age_s);
    return jittered_s(plan, queue_id, age_s / MAX(backoff->minimal_s, 1),
                      MAX(MIN(age_s, backoff->maximal_s), backoff->minimal_s));
}
