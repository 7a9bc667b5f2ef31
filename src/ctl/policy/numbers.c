#include "base/time_word.h"
#include "policy/reply_rules.h"
#include "src/ctl/policy/numbers_internal.h"
#include "src/ctl/reply_internal.h"

/* Settings of the section, then those of the transport that it has no word for. */

#define OF_ALL             "of all destinations of the section together"
#define OF_WHOLE_TRANSPORT "of all destinations of the transport together"
#define OF_TRANSPORT       "of all destinations of the section in this transport together"
#define OF_EACH            "of each destination, beside it"
#define OF_NEXTHOP         "of one nexthop together: the recipient limit is 1"

typedef struct NumbersWriter {
    const PolicySubject *subject;
    GPtrArray *rows;
    bool is_one_recipient; /* each recipient is a destination */
    const char *note;      /* of each number of the section; or NULL */
} NumbersWriter;

static void put_row(NumbersWriter *writer, const char *setting, const char *value,
                    const char *origin, const char *note)
{
    const char *const texts[] = {"setting", setting, "value", value,
                                 "origin",  origin,  "note",  note};
    Row *row = g_new(Row, 1);

    *row = row_empty();
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i += 2)
        if (texts[i + 1] != NULL)
            (void)g_hash_table_insert(row->values, g_strdup(texts[i]), g_strdup(texts[i + 1]));
    g_ptr_array_add(writer->rows, row);
}

static bool section_says(const NumbersWriter *writer, SiteSetting setting)
{
    return writer->subject->site != NULL && writer->subject->site->setting_lines[setting] != 0;
}

static char *origin_at(const NumbersWriter *writer, unsigned line)
{
    return g_strdup_printf("%s, line %u", writer->subject->path, line);
}

/* Says a value of the section. */
static void put_own(NumbersWriter *writer, SiteSetting setting, const char *value, const char *note)
{
    g_autofree char *origin = origin_at(writer, writer->subject->site->setting_lines[setting]);

    put_row(writer, site_setting_str(setting), value, origin, note != NULL ? note : writer->note);
}

/* Says a value of main.cf. */
static void put_inherited(NumbersWriter *writer, const char *setting, const char *suffix,
                          const char *value, const char *note)
{
    g_autofree char *parameter =
        settings_transport_origin(writer->subject->settings, writer->subject->transport, suffix);
    g_autofree char *origin = parameter != NULL ? g_strconcat("main.cf: ", parameter, NULL) : NULL;

    put_row(writer, setting, value, origin != NULL ? origin : "default", note);
}

static void put_section(NumbersWriter *writer)
{
    const Site *site = writer->subject->site;
    g_autofree char *name = NULL, *origin = NULL;

    if (site == NULL) {
        put_row(writer, "section", "none", NULL, "no section matches");
        return;
    }
    name = g_strdup_printf("[site %s]", site->name);
    origin = origin_at(writer, site->line);
    put_row(writer, "section", name, origin, NULL);
    if (section_says(writer, SITE_SHARED))
        put_own(writer, SITE_SHARED, site_shared_str(site->shared), NULL);
    else
        put_row(writer, site_setting_str(SITE_SHARED), site_shared_str(SITE_SHARED_NO), "default",
                NULL);
}

static void put_concurrency(NumbersWriter *writer, const TransportSettings *transport)
{
    g_autofree char *value = NULL;

    if (section_says(writer, SITE_CONCURRENCY)) {
        value = g_strdup_printf("%d", writer->subject->site->concurrency);
        put_own(writer, SITE_CONCURRENCY, value, NULL);
        if (writer->note == NULL)
            return;
        g_free(value);
    }
    value = transport->destination_concurrency_limit > 0
                ? g_strdup_printf("%d", transport->destination_concurrency_limit)
                : g_strdup("none");
    put_inherited(writer, site_setting_str(SITE_CONCURRENCY), "_destination_concurrency_limit",
                  value, section_says(writer, SITE_CONCURRENCY) ? OF_EACH : NULL);
}

/* A rate that eqmgr.cf says is for each destination, also beside a section; one of recipients is
 * shared as the section says, but not over transports. */
static void put_rate_of_transport(NumbersWriter *writer, SiteSetting setting, TransportRate rate)
{
    const PolicySubject *subject = writer->subject;
    const char *note = writer->note != NULL && !writer->is_one_recipient ? OF_EACH : writer->note;
    g_autofree char *name = NULL, *value = NULL, *origin = NULL;
    bool is_over = writer->note != NULL && g_str_equal(writer->note, OF_ALL);
    MeterLimit limit;

    if ((is_over && writer->is_one_recipient) ||
        !settings_rate(subject->settings, subject->transport, rate, &limit, &name)) {
        put_row(writer, site_setting_str(setting), "none", "default", NULL);
        return;
    }
    value = limit.count > 0 ? meter_limit_format(&limit) : g_strdup("none");
    origin = g_strconcat("eqmgr.cf: ", name, NULL);
    put_row(writer, site_setting_str(setting), value, origin, limit.count > 0 ? note : NULL);
}

static void put_rate_of_whole(NumbersWriter *writer)
{
    const PolicySubject *subject = writer->subject;
    g_autofree char *name = NULL, *value = NULL, *origin = NULL;
    MeterLimit limit;

    if (!settings_rate(subject->settings, subject->transport, TRANSPORT_RATE_WHOLE, &limit,
                       &name)) {
        put_row(writer, "transport_rate", "none", "default", NULL);
        return;
    }
    value = limit.count > 0 ? meter_limit_format(&limit) : g_strdup("none");
    origin = g_strconcat("eqmgr.cf: ", name, NULL);
    put_row(writer, "transport_rate", value, origin, limit.count > 0 ? OF_WHOLE_TRANSPORT : NULL);
}

static void put_rate_limit(NumbersWriter *writer, SiteSetting setting, const MeterLimit *limit)
{
    g_autofree char *value = meter_limit_format(limit);

    put_own(writer, setting, value, NULL);
}

static void put_all_rates(NumbersWriter *writer)
{
    const Site *site = writer->subject->site;

    if (section_says(writer, SITE_RATE))
        put_rate_limit(writer, SITE_RATE, &site->rate);
    else if (!section_says(writer, SITE_RAMP))
        put_rate_of_transport(writer, SITE_RATE, TRANSPORT_RATE_DELIVERIES);
    if (section_says(writer, SITE_RECIPIENT_RATE))
        put_rate_limit(writer, SITE_RECIPIENT_RATE, &site->recipient_rate);
    else
        put_rate_of_transport(writer, SITE_RECIPIENT_RATE, TRANSPORT_RATE_RECIPIENTS);
    put_rate_of_whole(writer);
}

static void put_ramp(NumbersWriter *writer)
{
    const Ramp *ramp = &writer->subject->site->ramp;
    MeterLimit today = ramp_limit(ramp, writer->subject->day);
    g_autofree char *value = ramp_format(ramp), *rate = meter_limit_format(&today);
    g_autofree char *note = g_strdup_printf("today %s", rate);

    put_own(writer, SITE_RAMP, value, note);
}

static void put_delay(NumbersWriter *writer, const char *setting, const char *suffix, int delay_s)
{
    g_autofree char *value = delay_s > 0 ? g_strdup_printf("%ds", delay_s) : g_strdup("none");

    put_inherited(writer, setting, suffix, value, NULL);
}

/* "slow 1/2 floor 6/1m", "retry 6m 10m", or both. */
static char *reply_text(const ReplyRule *rule)
{
    g_autofree char *action = reply_rule_acts(rule) ? reply_action_format(rule) : NULL;
    g_autofree char *retry = rule->retry.count > 0 ? reply_retry_format(rule) : NULL;

    if (retry == NULL)
        return g_steal_pointer(&action);
    return g_strconcat(action != NULL ? action : "", action != NULL ? ", retry " : "retry ", retry,
                       NULL);
}

/* The answers that slow it, or after which mail is tried otherwise, in the order in which they are
 * tried. */
static void put_replies(NumbersWriter *writer)
{
    const PolicySubject *subject = writer->subject;

    for (unsigned i = 0; i < reply_rules_count(subject->replies); i++) {
        const ReplyRule *rule = reply_rules_at(subject->replies, i);
        g_autofree char *name = g_strdup_printf("[reply %s]", rule->name);
        g_autofree char *action = reply_text(rule);
        g_autofree char *origin = origin_at(writer, rule->line);

        if (!site_excludes(subject->transport) &&
            reply_rules_is_for(subject->replies, i, subject->site))
            put_row(writer, name, action, origin,
                    rule->is_for_transport ? OF_WHOLE_TRANSPORT : NULL);
    }
}

/* ---- retries ---- */

static const SiteSetting retry_words[RETRY_PART_COUNT] = {
    [RETRY_SCHEDULE] = SITE_RETRY,
    [RETRY_JITTER] = SITE_JITTER,
    [RETRY_LIFETIME] = SITE_LIFETIME,
    [RETRY_BOUNCE_LIFETIME] = SITE_BOUNCE_LIFETIME,
};

static void put_retry_of_main_cf(NumbersWriter *writer, RetryPart part)
{
    const SettingsValues *values = settings_values(writer->subject->settings);
    const char *setting = site_setting_str(retry_words[part]);
    g_autofree char *value = NULL, *least = NULL, *most = NULL;

    switch (part) {
    case RETRY_SCHEDULE:
        least = time_word_format(values->minimal_backoff_time_s, 'w');
        most = time_word_format(values->maximal_backoff_time_s, 'w');
        value = g_strdup_printf("its age, %s to %s", least, most);
        put_row(writer, setting, value, "minimal_backoff_time, maximal_backoff_time", NULL);
        return;
    case RETRY_JITTER:
        put_row(writer, setting, "none", "default", NULL);
        return;
    case RETRY_LIFETIME:
        value = time_word_format(values->maximal_queue_lifetime_s, 'w');
        put_row(writer, setting, value, "maximal_queue_lifetime", NULL);
        return;
    case RETRY_BOUNCE_LIFETIME:
        value = time_word_format(values->bounce_queue_lifetime_s, 'w');
        put_row(writer, setting, value, "bounce_queue_lifetime", NULL);
        return;
    case RETRY_PART_COUNT:
        break;
    }
    g_assert_not_reached();
}

static void put_retry(NumbersWriter *writer, RetryPart part)
{
    const PolicySubject *subject = writer->subject;
    const RetryPlan of_transport = settings_retry(subject->settings, subject->transport);
    const SiteSetting setting = retry_words[part];
    g_autofree char *value = NULL, *parameter = NULL, *origin = NULL;

    if (section_says(writer, setting)) {
        value = retry_plan_format(&subject->site->retry, part);
        origin = origin_at(writer, subject->site->setting_lines[setting]);
    } else if (retry_plan_says(&of_transport, part)) {
        value = retry_plan_format(&of_transport, part);
        parameter = settings_retry_origin(subject->settings, subject->transport, part);
        origin = g_strconcat("eqmgr.cf: ", parameter, NULL);
    } else {
        put_retry_of_main_cf(writer, part);
        return;
    }
    put_row(writer, site_setting_str(setting), value, origin, NULL);
}

/* Of the active queue, in percent. */
static void put_active_share(NumbersWriter *writer)
{
    const PolicySubject *subject = writer->subject;
    const char *setting = site_setting_str(SITE_ACTIVE_SHARE);
    int share = site_excludes(subject->transport)
                    ? 0
                    : settings_values(subject->settings)->eqmgr_destination_active_share;
    bool is_own = section_says(writer, SITE_ACTIVE_SHARE);
    g_autofree char *value = NULL, *origin = NULL;

    if (is_own)
        share = subject->site->active_share;
    if (!is_own && share == 0) {
        put_row(writer, setting, "none", "default", NULL);
        return;
    }
    value = share > 0 ? g_strdup_printf("%d", share) : g_strdup("none");
    origin = is_own ? origin_at(writer, subject->site->setting_lines[SITE_ACTIVE_SHARE])
                    : g_strdup("eqmgr.cf: eqmgr_destination_active_share");
    put_row(writer, setting, value, origin, "percent of qmgr_message_active_limit");
}

static void put_read_bounces(NumbersWriter *writer)
{
    g_autofree char *origin = NULL;

    if (!section_says(writer, SITE_READ_BOUNCES))
        return;
    origin = origin_at(writer, writer->subject->site->setting_lines[SITE_READ_BOUNCES]);
    put_row(writer, site_setting_str(SITE_READ_BOUNCES),
            writer->subject->site->read_bounces ? "yes" : "no", origin, NULL);
}

/* Whom the numbers of a section are for, if not each destination by itself. */
static const char *note_of(const Site *site, bool is_one_recipient)
{
    if (site != NULL && site->shared == SITE_SHARED_OVER_TRANSPORTS)
        return OF_ALL;
    if (site != NULL && site->shared == SITE_SHARED_YES)
        return OF_TRANSPORT;
    return is_one_recipient ? OF_NEXTHOP : NULL;
}

GPtrArray *numbers_of(const PolicySubject *subject, GError **error)
{
    NumbersWriter writer = {.subject = subject};
    const Site *site = subject->site;
    g_autofree char *initial = NULL;
    TransportSettings transport;

    if (!settings_transport(subject->settings, subject->transport, &transport, error))
        return NULL;
    writer.is_one_recipient = transport.destination_recipient_limit == 1;
    writer.note = note_of(site, writer.is_one_recipient);
    writer.rows = g_ptr_array_new_with_free_func(row_free);
    put_section(&writer);
    put_concurrency(&writer, &transport);
    initial = g_strdup_printf("%d", transport.initial_destination_concurrency);
    put_inherited(&writer, "initial_concurrency", "_initial_destination_concurrency", initial,
                  NULL);
    put_all_rates(&writer);
    if (section_says(&writer, SITE_RAMP))
        put_ramp(&writer);
    put_delay(&writer, "destination_rate_delay", "_destination_rate_delay",
              transport.destination_rate_delay_s);
    put_delay(&writer, "transport_rate_delay", "_transport_rate_delay",
              transport.transport_rate_delay_s);
    put_replies(&writer);
    for (RetryPart part = 0; part < RETRY_PART_COUNT; part++)
        put_retry(&writer, part);
    put_active_share(&writer);
    put_read_bounces(&writer);
    transport_settings_clear(&transport);
    return writer.rows;
}
