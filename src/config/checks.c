#include <string.h>

#include "checks_internal.h"
#include "compat_internal.h"
#include "release_internal.h"
#include "users_internal.h"

/*
 * Checks beyond types: texts of a certain form, values that exclude each other, accounts. They are
 * made in the order of stock, since only the first error is reported.
 */

#define LIST_SEPARATORS ", \t\r\n"

bool check_level(const Settings *settings, const char *text, GError **error)
{
    int64_t level;

    (void)settings;
    return compat_parse(text, &level) ||
           config_fail(error, "malformed compatibility level syntax: \"%s\"", text);
}

bool check_facility(const Settings *settings, const char *text, GError **error)
{
    static const char *const facilities[] = {
        "auth",   "authpriv", "cron",   "daemon", "ftp",    "kern",   "lpr",
        "mail",   "news",     "syslog", "user",   "uucp",   "local0", "local1",
        "local2", "local3",   "local4", "local5", "local6", "local7", NULL};

    return g_strv_contains(facilities, text) ||
           config_fail(error, "file %s: parameter syslog_facility: unrecognized value: %s",
                       settings->main_cf, text);
}

bool check_scheduler(const Settings *settings, const char *text, GError **error)
{
    static const char *const schedulers[] = {"", "preemptive", "round-robin", NULL};

    (void)settings;
    return g_strv_contains(schedulers, text) ||
           config_fail(error, "bad eqmgr_scheduler value: %s (not preemptive or round-robin)",
                       text);
}

bool check_sandbox(const Settings *settings, const char *text, GError **error)
{
    static const char *const modes[] = {"yes", "no", "log", NULL};

    (void)settings;
    return g_strv_contains(modes, text) ||
           config_fail(error, "bad eqmgr_sandbox value: %s (not yes, no or log)", text);
}

bool check_release(const Settings *settings, const char *text, GError **error)
{
    (void)settings;
    return *text == '\0' || release_parse(text) > 0 ||
           config_fail(error, "bad eqmgr_postfix_release value: %s (not a release like 3.7)", text);
}

static bool check_relayhost(const Settings *settings, GError **error)
{
    const char *host = settings->values.myhostname;

    return g_ascii_strcasecmp(settings->checked.relayhost, host) != 0 ||
           config_fail(error,
                       "myhostname and relayhost parameter settings must not be identical: %s",
                       host);
}

static bool check_verp_delimiters(const Settings *settings, GError **error)
{
    static const char *const places[] = {"first", "second"};
    const char *delimiters = settings->checked.default_verp_delimiters;

    for (size_t i = 0; i < G_N_ELEMENTS(places); i++)
        if (strchr(settings->values.verp_delimiter_filter, delimiters[i]) == NULL)
            return config_fail(error,
                               "file %s: parameters default_verp_delimiters and "
                               "verp_delimiter_filter: bad %s VERP delimiter character",
                               settings->main_cf, places[i]);
    return true;
}

static bool check_maillog_file(const Settings *settings, GError **error)
{
    const char *file = settings->values.maillog_file;
    g_auto(GStrv) prefixes =
        g_strsplit_set(settings->checked.maillog_file_prefixes, LIST_SEPARATORS, -1);

    if (*file == '\0')
        return true;
    for (char **prefix = prefixes; *prefix != NULL; prefix++)
        if (**prefix != '\0' && g_str_has_prefix(file, *prefix))
            return true;
    return config_fail(
        error, "maillog_file value '%s' does not match any prefix in maillog_file_prefixes", file);
}

bool checks_library(const Settings *settings, GError **error)
{
    const MailUsers users = {
        .default_privs = settings->checked.default_privs,
        .mail_owner = settings->values.mail_owner,
        .setgid_group = settings->checked.setgid_group,
    };

    return users_check(settings->main_cf, &users, error) && check_relayhost(settings, error) &&
           check_verp_delimiters(settings, error) && check_maillog_file(settings, error);
}

void checks_adjust(Settings *settings)
{
    SettingsValues *v = &settings->values;

    if (v->qmgr_message_recipient_limit < v->qmgr_message_active_limit) {
        lexicon_warn(&settings->lexicon,
                     "qmgr_message_recipient_limit is smaller than qmgr_message_active_limit - "
                     "adjusting qmgr_message_recipient_limit");
        v->qmgr_message_recipient_limit = v->qmgr_message_active_limit;
    }
    if (v->bounce_queue_lifetime_s > v->maximal_queue_lifetime_s) {
        lexicon_warn(&settings->lexicon,
                     "bounce_queue_lifetime is larger than maximal_queue_lifetime - adjusting "
                     "bounce_queue_lifetime");
        v->bounce_queue_lifetime_s = v->maximal_queue_lifetime_s;
    }
}

bool checks_list_has(const char *list, const char *name)
{
    g_auto(GStrv) items = g_strsplit_set(list, LIST_SEPARATORS, -1);

    for (char **item = items; *item != NULL; item++) {
        size_t negations = strspn(*item, "!");

        if (g_ascii_strcasecmp(*item + negations, name) == 0)
            return negations % 2 == 0;
    }
    return false;
}
