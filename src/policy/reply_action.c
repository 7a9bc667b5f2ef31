#include "base/time_word.h"
#include "base/words.h"
#include "policy/reply_rules.h"

/* The texts of what a rule does. */

static const char *const reply_names[REPLY_NAME_COUNT] = {
    [REPLY_SITE] = "site",   [REPLY_MATCH] = "match",     [REPLY_ACTION] = "action",
    [REPLY_HOLD] = "hold",   [REPLY_TRIGGER] = "trigger", [REPLY_SCOPE] = "scope",
    [REPLY_RETRY] = "retry",
};

const char *reply_name_str(ReplyName name)
{
    return reply_names[name];
}

bool reply_rule_acts(const ReplyRule *rule)
{
    return rule->suspend_s > 0 || rule->step.numerator > 0;
}

#define ACTION_FORM                                                                              \
    "an action is \"slow A/B floor RATE\", \"concurrency A/B floor N\" or \"suspend TIME\", as " \
    "slow "                                                                                      \
    "3/4 floor 6/1m"
#define FRACTION_MAX  1000
#define ONE_A_DAY     (1.0 / 86400)
#define HOLD_MIN_S    10
#define SUSPEND_MIN_S 60

/* "1/2" */
static bool take_fraction(const char *word, LevelStep *step)
{
    g_auto(GStrv) parts = g_strsplit(word, "/", -1);
    guint64 a, b;

    if (g_strv_length(parts) != 2 ||
        !g_ascii_string_to_unsigned(parts[0], 10, 1, FRACTION_MAX, &a, NULL) ||
        !g_ascii_string_to_unsigned(parts[1], 10, 1, FRACTION_MAX, &b, NULL) || a >= b)
        return false;
    step->numerator = (int)a;
    step->denominator = (int)b;
    return true;
}

static const char *take_floor(const char *word, LevelStep *step)
{
    MeterLimit rate;
    const char *fault;
    guint64 count;

    if (step->kind == LEVEL_CONCURRENCY) {
        if (!g_ascii_string_to_unsigned(word, 10, 1, SITE_CONCURRENCY_MAX, &count, NULL))
            return "the floor of a concurrency must be a number, 1 "
                   "to " G_STRINGIFY(SITE_CONCURRENCY_MAX);
        step->floor = (double)count;
        return NULL;
    }
    fault = meter_limit_parse(word, &rate);
    if (fault == NULL)
        step->floor = (double)rate.count / (double)rate.period_s;
    return fault;
}

static bool take_time(const char *word, int64_t least_s, int64_t most_s, int64_t *ret_time_s)
{
    int64_t time_s;

    if (!time_word_parse(word, most_s, &time_s) || time_s < least_s || time_s > most_s)
        return false;
    *ret_time_s = time_s;
    return true;
}

static const char *take_suspension(const char *word, ReplyRule *rule)
{
    return take_time(word, SUSPEND_MIN_S, REPLY_SUSPEND_MAX_S, &rule->suspend_s)
               ? NULL
               : "a suspension lasts 1m to 7d, as in suspend 3h";
}

static const char *take_step(char **word, guint count, LevelStep *step)
{
    step->floor = step->kind == LEVEL_RATE ? ONE_A_DAY : 1;
    if ((count != 2 && count != 4) || !take_fraction(word[1], step))
        return ACTION_FORM;
    if (count == 2)
        return NULL;
    return g_str_equal(word[2], "floor") ? take_floor(word[3], step) : ACTION_FORM;
}

const char *reply_action_parse(const char *text, ReplyRule *rule)
{
    g_auto(GStrv) words = words_split(text, " \t");
    guint count = g_strv_length(words);

    if (count == 2 && g_str_equal(words[0], "suspend"))
        return take_suspension(words[1], rule);
    if (count > 0 && g_str_equal(words[0], "slow"))
        rule->step.kind = LEVEL_RATE;
    else if (count > 0 && g_str_equal(words[0], "concurrency"))
        rule->step.kind = LEVEL_CONCURRENCY;
    else
        return ACTION_FORM;
    return take_step(words, count, &rule->step);
}

const char *reply_hold_parse(const char *text, LevelStep *step)
{
    return take_time(text, HOLD_MIN_S, LEVEL_HOLD_MAX_S, &step->hold_s)
               ? NULL
               : "it must be a time with its unit, 10s to 24h, as in 30m";
}

const char *reply_trigger_parse(const char *text, LevelStep *step)
{
    static const char form[] = "a trigger is a number of answers, 1 to " G_STRINGIFY(
        LEVEL_TRIGGER_MAX) ", and a time up to 24h, as in 2 in 10m";
    g_auto(GStrv) words = words_split(text, " \t");
    guint word_count = g_strv_length(words);
    int64_t time_s = REPLY_TRIGGER_DEFAULT_S;
    guint64 count;

    if ((word_count != 1 && word_count != 3) ||
        !g_ascii_string_to_unsigned(words[0], 10, 1, LEVEL_TRIGGER_MAX, &count, NULL))
        return form;
    if (word_count == 3 &&
        (!g_str_equal(words[1], "in") || !take_time(words[2], 1, LEVEL_MAX_S, &time_s)))
        return form;
    step->trigger_count = (unsigned)count;
    step->trigger_s = time_s;
    return NULL;
}

const char *reply_scope_parse(const char *text, ReplyRule *rule)
{
    if (!g_str_equal(text, "site") && !g_str_equal(text, "transport"))
        return "it must be site or transport";
    rule->is_for_transport = g_str_equal(text, "transport");
    return NULL;
}

const char *reply_scope_str(const ReplyRule *rule)
{
    return rule->is_for_transport ? "transport" : "site";
}

const char *reply_retry_parse(const char *text, ReplyRule *rule)
{
    RetryPlan plan = retry_plan_none();
    const char *fault = retry_plan_parse(&plan, RETRY_SCHEDULE, text);

    if (fault == NULL)
        rule->retry = plan.schedule;
    return fault;
}

char *reply_retry_format(const ReplyRule *rule)
{
    RetryPlan plan = retry_plan_none();

    plan.schedule = rule->retry;
    return retry_plan_format(&plan, RETRY_SCHEDULE);
}

char *reply_action_format(const ReplyRule *rule)
{
    const LevelStep *step = &rule->step;
    MeterLimit floor_rate = level_limit_of(step->floor);
    g_autofree char *rate = meter_limit_format(&floor_rate), *time = NULL;

    if (rule->suspend_s > 0) {
        time = time_word_format(rule->suspend_s, 'd');
        return g_strconcat("suspend ", time, NULL);
    }
    if (step->kind == LEVEL_CONCURRENCY)
        return g_strdup_printf("concurrency %d/%d floor %d", step->numerator, step->denominator,
                               (int)step->floor);
    return g_strdup_printf("slow %d/%d floor %s", step->numerator, step->denominator, rate);
}

char *reply_trigger_format(const LevelStep *step)
{
    g_autofree char *time = time_word_format(step->trigger_s, 'd');

    return g_strdup_printf("%u in %s", step->trigger_count, time);
}

char *reply_hold_format(const LevelStep *step)
{
    return time_word_format(step->hold_s, 'd');
}
