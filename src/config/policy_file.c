#include "config/policy_file.h"

#include <errno.h>
#include <string.h>

#include "base/time_word.h"
#include "expand_internal.h"
#include "logical_line_internal.h"
#include "policy_reader_internal.h"
#include "policy_reply_internal.h"
#include "retry_internal.h"
#include "settings_internal.h"

/* Sections, and what is said in them. */

#define KNOWN_NAMES                                                                            \
    "transport, domain, destination, concurrency, rate, recipient_rate, shared, ramp, retry, " \
    "jitter, lifetime, bounce_lifetime, active_share, read_bounces"

/* Words of traffic.md for which later releases have a use. */
static const char *const later_names[] = {"mx",       "fair_share", "flow_rate",
                                          "flow_key", "fair_cost",  "weight",
                                          "reserve",  "max_wait",   NULL};
static const char *const later_sections[] = {"class", NULL};

/* ---- settings ---- */

/* NULL: success; else what is wrong. */
static const char *take_concurrency(Site *site, const char *text)
{
    guint64 value;

    if (!g_ascii_string_to_unsigned(text, 10, 1, SITE_CONCURRENCY_MAX, &value, NULL))
        return "it must be a number, 1 to " G_STRINGIFY(SITE_CONCURRENCY_MAX);
    site->concurrency = (int)value;
    return NULL;
}

static const char *take_active_share(Site *site, const char *text)
{
    guint64 value;

    if (!g_ascii_string_to_unsigned(text, 10, 0, SITE_SHARE_MAX, &value, NULL))
        return "it must be a number of percent, 0 to " G_STRINGIFY(SITE_SHARE_MAX);
    site->active_share = (int)value;
    return NULL;
}

static const char *take_read_bounces(Site *site, const char *text)
{
    site->read_bounces = g_ascii_strcasecmp(text, "yes") == 0;
    return site->read_bounces || g_ascii_strcasecmp(text, "no") == 0 ? NULL
                                                                     : "it must be yes or no";
}

static const char *take_setting(Site *site, SiteSetting setting, const char *text)
{
    switch (setting) {
    case SITE_CONCURRENCY:
        return take_concurrency(site, text);
    case SITE_RATE:
        return meter_limit_parse(text, &site->rate);
    case SITE_RECIPIENT_RATE:
        return meter_limit_parse(text, &site->recipient_rate);
    case SITE_SHARED:
        return site_shared_parse(text, &site->shared) ? NULL
                                                      : "it must be no, yes or over-transports";
    case SITE_RAMP:
        return ramp_parse(text, &site->ramp);
    case SITE_RETRY:
        return retry_plan_parse(&site->retry, RETRY_SCHEDULE, text);
    case SITE_JITTER:
        return retry_plan_parse(&site->retry, RETRY_JITTER, text);
    case SITE_LIFETIME:
        return retry_plan_parse(&site->retry, RETRY_LIFETIME, text);
    case SITE_BOUNCE_LIFETIME:
        return retry_plan_parse(&site->retry, RETRY_BOUNCE_LIFETIME, text);
    case SITE_ACTIVE_SHARE:
        return take_active_share(site, text);
    case SITE_READ_BOUNCES:
        return take_read_bounces(site, text);
    case SITE_SETTING_COUNT:
        break;
    }
    g_assert_not_reached();
}

/* False: nothing has this name. */
static bool take_name(PolicyReader *reader, const char *name, const char *value)
{
    for (SiteCondition i = 0; i < SITE_CONDITION_COUNT; i++) {
        if (!g_str_equal(name, site_condition_str(i)))
            continue;
        policy_note_line(reader, name, &reader->site->condition_lines[i]);
        policy_take_words(reader, i, value);
        return true;
    }
    for (SiteSetting i = 0; i < SITE_SETTING_COUNT; i++) {
        const char *fault;

        if (!g_str_equal(name, site_setting_str(i)))
            continue;
        policy_note_line(reader, name, &reader->site->setting_lines[i]);
        fault = take_setting(reader->site, i, value);
        if (fault != NULL)
            policy_fail(reader, "%s = %.60s: %s", name, value, fault);
        return true;
    }
    return false;
}

static char *policy_expand(PolicyReader *reader, const char *name, const char *value)
{
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    Lexicon lexicon = *reader->lexicon;
    g_autofree char *text = NULL;

    lexicon.warnings = warnings;
    text = expand_text(&lexicon, value, &error);
    if (text == NULL)
        policy_fail(reader, "%s: %s", name,
                    warnings->len > 0 ? (const char *)warnings->pdata[0] : error->message);
    return text != NULL ? lexicon_trim(text) : NULL;
}

static void take_assignment(PolicyReader *reader, const char *line)
{
    g_autofree char *name = NULL, *value = NULL, *text = NULL;
    const char *trouble = lexicon_split(line, &name, &value);

    if (trouble != NULL) {
        policy_fail(reader, "%s: \"%.60s\"", trouble, line);
        return;
    }
    if (reader->site == NULL && reader->reply == NULL) {
        policy_fail(reader, "%.60s: no [site NAME] stands before it", name);
        return;
    }
    text = policy_expand(reader, name, value);
    if (text == NULL)
        return;
    if (reader->reply != NULL) {
        policy_reply_take(reader, name, text);
        return;
    }
    if (take_name(reader, name, text))
        return;
    if (g_strv_contains(later_names, name))
        policy_fail(reader, "%s: " POLICY_NOT_YET, name);
    else
        policy_fail(reader, "%.60s: there is no such name; known are " KNOWN_NAMES, name);
}

/* ---- sections ---- */

/* What counts, but may not be what is meant. */
static void warn_of_lifetime(PolicyReader *reader, SiteSetting setting, int64_t lifetime_s,
                             const char *parameter, int most_s)
{
    g_autofree char *most = time_word_format(most_s, 'w');

    if (lifetime_s <= most_s)
        return;
    reader->line = (int)reader->site->setting_lines[setting];
    policy_warn(reader, "%s is above %s = %s, and counts", site_setting_str(setting), parameter,
                most);
}

static void warn_of_retry(PolicyReader *reader)
{
    const RetryPlan *plan = &reader->site->retry;
    const SettingsValues *values = reader->values;

    warn_of_lifetime(reader, SITE_LIFETIME, plan->lifetime_s, "maximal_queue_lifetime",
                     values->maximal_queue_lifetime_s);
    warn_of_lifetime(reader, SITE_BOUNCE_LIFETIME, plan->bounce_lifetime_s, "bounce_queue_lifetime",
                     values->bounce_queue_lifetime_s);
    if (plan->jitter_percent <= 0 || values->eqmgr_retry_exact)
        return;
    reader->line = (int)reader->site->setting_lines[SITE_JITTER];
    policy_warn(reader, "jitter" RETRY_JITTER_WARNING);
}

static void end_section(PolicyReader *reader)
{
    const Site *site = reader->site;
    bool has_condition = false;

    if (reader->reply != NULL)
        policy_reply_end(reader);
    if (site == NULL)
        return;
    reader->line = (int)site->line;
    for (SiteCondition i = 0; i < SITE_CONDITION_COUNT; i++)
        has_condition = has_condition || site->condition_lines[i] != 0;
    if (!has_condition)
        policy_fail(reader, "it has no condition: say transport, domain or destination; "
                            "\"destination = *\" are all");
    if (site->setting_lines[SITE_RATE] != 0 && site->setting_lines[SITE_RAMP] != 0)
        policy_fail(reader, "it has a rate and a ramp: say one of them");
    warn_of_retry(reader);
    reader->site = NULL;
}

/* "[KIND NAME]", which is changed. */
static bool split_header(char *header, const char **ret_kind, const char **ret_name)
{
    char *end = strchr(header, ']'), *kind, *name;

    if (*header != '[' || end == NULL || *skip_blanks(end + 1) != '\0')
        return false;
    *end = '\0';
    kind = g_strstrip(header + 1);
    name = kind + strcspn(kind, " \t");
    if (*name != '\0')
        *name++ = '\0';
    *ret_kind = kind;
    *ret_name = g_strstrip(name);
    return true;
}

/* NULL: such a section can begin. */
static char *section_fault(const PolicyReader *reader, const char *kind, const char *name)
{
    const char *fault = site_name_fault(name);
    const Site *other;

    if (g_strv_contains(later_sections, kind))
        return g_strdup(POLICY_NOT_YET);
    if (!g_str_equal(kind, "site") && !g_str_equal(kind, "reply"))
        return g_strdup("there is no such section; known are [site NAME] and [reply NAME]");
    if (fault != NULL)
        return g_strdup(fault);
    if (g_str_equal(kind, "reply"))
        return policy_reply_fault(reader, name);
    other = sites_find(reader->sites, name);
    if (other != NULL)
        return g_strdup_printf("another one of this name is in line %u", other->line);
    if (sites_count(reader->sites) == SITES_MAX)
        return g_strdup_printf("there can be at most %d sections", SITES_MAX);
    return NULL;
}

static void begin_section(PolicyReader *reader, const char *header)
{
    g_autofree char *copy = g_strdup(header), *fault = NULL;
    const char *kind, *name;

    reader->is_refused = true;
    if (!split_header(copy, &kind, &name)) {
        policy_fail(reader,
                    "\"%.60s\": a section begins with a line [site NAME]; what follows is not "
                    "indented, for that continues a line",
                    header);
        return;
    }
    fault = section_fault(reader, kind, name);
    if (fault != NULL) {
        policy_fail(reader, "[%.60s %.60s]: %s", kind, name, fault);
        return;
    }
    reader->is_refused = false;
    if (g_str_equal(kind, "reply"))
        policy_reply_begin(reader, name);
    else
        reader->site = sites_add(reader->sites, name, (unsigned)reader->line);
}

static void read_logical_line(PolicyReader *reader, const GString *line, int number)
{
    const char *text = skip_blanks(line->str);

    if (*text == '[')
        end_section(reader);
    reader->line = number;
    if (strlen(line->str) != line->len)
        policy_fail(reader, "there is a NUL byte in it");
    else if (*text == '[')
        begin_section(reader, text);
    else if (!reader->is_refused)
        take_assignment(reader, text);
}

static void read_lines(PolicyReader *reader, GBytes *bytes)
{
    g_autoptr(GString) line = g_string_new(NULL);
    size_t length;
    const char *start = g_bytes_get_data(bytes, &length);
    LogicalReader lines = {.next = start};
    int number;

    if (length == 0)
        return;
    lines.end = start + length;
    while ((number = logical_line_read(&lines, line)) > 0)
        read_logical_line(reader, line, number);
    end_section(reader);
}

static void warn_of_shadows(PolicyReader *reader)
{
    for (unsigned i = 0; i < sites_count(reader->sites); i++) {
        const Site *site = sites_at(reader->sites, i), *shadow = sites_shadow(reader->sites, i);

        if (shadow != NULL)
            g_ptr_array_add(reader->warnings,
                            g_strdup_printf("%s, line %u: [site %s] can never match: what it names "
                                            "belongs to [site %s] in line %u, or one before it",
                                            reader->path, site->line, site->name, shadow->name,
                                            shadow->line));
    }
}

static void warn_of_hidden_replies(PolicyReader *reader)
{
    const ReplyRules *replies = sites_replies(reader->sites);

    for (unsigned i = 0; i < reply_rules_count(replies); i++) {
        const ReplyRule *reply = reply_rules_at(replies, i);
        const ReplyRule *shadow = reply_rules_shadow(replies, i);

        if (shadow != NULL)
            g_ptr_array_add(reader->warnings,
                            g_strdup_printf("%s, line %u: [reply %s] can never match: such answers "
                                            "belong to [reply %s] in line %u, or one before it",
                                            reader->path, reply->line, reply->name, shadow->name,
                                            shadow->line));
    }
}

static bool has_numbers(const Site *site)
{
    return site->setting_lines[SITE_CONCURRENCY] != 0 || site->setting_lines[SITE_RATE] != 0 ||
           site->setting_lines[SITE_RECIPIENT_RATE] != 0 || site->setting_lines[SITE_RAMP] != 0 ||
           site->active_share > 0;
}

/* What answers bring about is shared, too. */
static void warn_of_shared(PolicyReader *reader)
{
    for (unsigned i = 0; i < sites_count(reader->sites); i++) {
        const Site *site = sites_at(reader->sites, i);

        if (site->shared != SITE_SHARED_NO && !has_numbers(site) &&
            !reply_rules_concern(sites_replies(reader->sites), site))
            g_ptr_array_add(reader->warnings,
                            g_strdup_printf("%s, line %u: [site %s]: shared has no effect: no "
                                            "concurrency and no rate is said",
                                            reader->path, site->line, site->name));
    }
}

Sites *policy_file_parse(const char *path, GBytes *text, const Settings *settings,
                         GPtrArray *errors, GPtrArray *warnings)
{
    PolicyReader reader = {.path = path,
                           .lexicon = &settings->lexicon,
                           .values = &settings->values,
                           .sites = sites_new(),
                           .errors = errors,
                           .warnings = warnings};
    guint before = errors->len;

    reader.lists =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
    read_lines(&reader, text);
    g_hash_table_unref(reader.lists);
    policy_reply_check_sites(&reader);
    if (errors->len > before) {
        sites_free(reader.sites);
        return NULL;
    }
    sites_seal(reader.sites);
    warn_of_shared(&reader);
    warn_of_shadows(&reader);
    warn_of_hidden_replies(&reader);
    return reader.sites;
}

Sites *policy_file_load(const char *path, const Settings *settings, GPtrArray *errors,
                        GPtrArray *warnings)
{
    g_autofree char *problem = NULL;
    g_autoptr(GBytes) bytes = policy_read_protected(path, POLICY_FILE_MAX_BYTES, &problem);

    if (bytes != NULL)
        return policy_file_parse(path, bytes, settings, errors, warnings);
    g_ptr_array_add(errors, g_steal_pointer(&problem));
    return NULL;
}
