#include "tests/simulate/scenario.h"

#include <string.h>

#include "tests/simulate/values.h"

/* Of names, which must not mean anything to gnuplot. */
#define NAME_CHARACTERS G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-"

#define FILE_BYTES_MAX  65536
#define SITES_MAX       2000000
#define RECIPIENTS_MAX  20000000 /* of all mail together */
#define RATE_MAX        100000   /* messages per second */
#define WEIGHT_MAX      1000000
#define ZIPF_MAX        4
#define DURATION_MAX_US (INT64_C(30) * 86400 * US_PER_S)
#define SERVICE_MIN_US  1000
#define SERVICE_MAX_US  (3600 * US_PER_S)

typedef bool StatementFn(Scenario *scenario, char **words, GError **error);

/* ---- words ---- */

/* Without its comment; blanks between words do not count, and '=' is a word. */
static char **split_words(const char *line)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_auto(GStrv) parts = NULL;
    GPtrArray *words = g_ptr_array_new();

    for (const char *c = line; *c != '\0' && *c != '#'; c++)
        g_string_append_printf(text, *c == '=' ? " %c " : "%c", *c);
    parts = g_strsplit_set(text->str, " \t\r", -1);
    for (char **part = parts; *part != NULL; part++)
        if (**part != '\0')
            g_ptr_array_add(words, g_strdup(*part));
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_free(words, FALSE);
}

static bool take_name(char *ret_name, const char *word, GError **error)
{
    if (word[strspn(word, NAME_CHARACTERS)] != '\0') {
        value_set_error(error, "'%s' is not a name", word);
        return false;
    }
    if (strlen(word) >= SCENARIO_NAME_BYTES) {
        value_set_error(error, "'%s' is longer than %d characters", word, SCENARIO_NAME_BYTES - 1);
        return false;
    }
    (void)g_strlcpy(ret_name, word, SCENARIO_NAME_BYTES);
    return true;
}

/* ---- destinations NAME COUNT uniform|zipf EXPONENT constant|exponential|dead TIME ---- */

static int find_site_class(const Scenario *scenario, const char *name)
{
    for (unsigned i = 0; i < scenario->site_class_count; i++)
        if (strcmp(scenario->sites[i].name, name) == 0)
            return (int)i;
    return -1;
}

static bool take_popularity(SiteClass *site, char ***words, GError **error)
{
    const char *kind = *(*words)++;

    if (kind != NULL && strcmp(kind, "uniform") == 0)
        return true;
    if (kind != NULL && strcmp(kind, "zipf") == 0 && **words != NULL)
        return value_number(*(*words)++, 0, ZIPF_MAX, &site->zipf_exponent, error);
    value_set_error(error, "after the count: uniform, or zipf EXPONENT");
    return false;
}

static bool take_service(SiteClass *site, char **words, GError **error)
{
    static const char *const kinds[] = {
        [SERVICE_CONSTANT] = "constant",
        [SERVICE_EXPONENTIAL] = "exponential",
        [SERVICE_DEAD] = "dead",
    };

    for (size_t i = 0; words[0] != NULL && words[1] != NULL && i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(words[0], kinds[i]) == 0 && words[2] == NULL) {
            site->service = (ServiceKind)i;
            return value_time_us(words[1], SERVICE_MIN_US, SERVICE_MAX_US, &site->service_us,
                                 error);
        }
    value_set_error(error, "at the end: constant, exponential or dead, and a time");
    return false;
}

static bool parse_destinations(Scenario *scenario, char **words, GError **error)
{
    SiteClass site = {.first = scenario->site_count};
    int64_t count = 0;

    if (words[0] == NULL || words[1] == NULL) {
        value_set_error(error, "destinations NAME COUNT ...");
        return false;
    }
    if (scenario->site_class_count == SCENARIO_CLASSES_MAX ||
        find_site_class(scenario, words[0]) >= 0) {
        value_set_error(error, "'%s': there is one already, or there are too many", words[0]);
        return false;
    }
    if (!take_name(site.name, words[0], error) ||
        !value_count(words[1], 1, SITES_MAX - (int64_t)scenario->site_count, &count, error))
        return false;
    site.count = (uint32_t)count;
    words += 2;
    if (!take_popularity(&site, &words, error) || !take_service(&site, words, error))
        return false;
    scenario->sites[scenario->site_class_count++] = site;
    scenario->site_count += site.count;
    return true;
}

/* ---- mail NAME key value ... ---- */

/* "fast:3,slow" */
static bool take_weights(const Scenario *scenario, MailClass *mail, const char *text,
                         GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);

    for (char **part = parts; *part != NULL; part++) {
        char *colon = strchr(*part, ':');
        double weight = 1;
        int number;

        if (colon != NULL)
            *colon = '\0';
        number = find_site_class(scenario, *part);
        if (number < 0) {
            value_set_error(error, "no destinations '%s' above", *part);
            return false;
        }
        if (colon != NULL && !value_number(colon + 1, 0, WEIGHT_MAX, &weight, error))
            return false;
        mail->weights[number] += weight;
    }
    return true;
}

typedef enum MailKey {
    KEY_RECIPIENTS = 1,
    KEY_TO = 2,
    KEY_AT = 4,
    KEY_MESSAGES = 8,
    KEY_RATE = 16,
    KEY_FROM = 32,
    KEY_UNTIL = 64,
} MailKey;

static MailKey mail_key(const char *word)
{
    static const char *const names[] = {"recipients", "to",   "at",   "messages",
                                        "rate",       "from", "until"};

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(word, names[i]) == 0)
            return (MailKey)(1U << i);
    return 0;
}

static bool take_count(uint32_t *ret_count, const char *text, GError **error)
{
    int64_t count = 0;

    if (!value_count(text, 1, RECIPIENTS_MAX, &count, error))
        return false;
    *ret_count = (uint32_t)count;
    return true;
}

static bool take_mail_value(const Scenario *scenario, MailClass *mail, MailKey key,
                            const char *text, GError **error)
{
    switch (key) {
    case KEY_RECIPIENTS:
        return take_count(&mail->recipient_count, text, error);
    case KEY_MESSAGES:
        return take_count(&mail->message_count, text, error);
    case KEY_TO:
        return take_weights(scenario, mail, text, error);
    case KEY_RATE:
        return value_number(text, 0.000001, RATE_MAX, &mail->rate_per_s, error);
    case KEY_AT:
    case KEY_FROM:
        return value_time_us(text, 0, DURATION_MAX_US, &mail->from_us, error);
    case KEY_UNTIL:
        return value_time_us(text, 0, DURATION_MAX_US, &mail->until_us, error);
    }
    g_assert_not_reached();
}

static bool check_mail_keys(const MailClass *mail, unsigned keys, GError **error)
{
    double weight = 0;
    bool is_rate = (keys & KEY_RATE) != 0, is_at = (keys & KEY_AT) != 0;
    unsigned not_with = is_rate ? KEY_MESSAGES : KEY_FROM | KEY_UNTIL;

    for (unsigned i = 0; i < SCENARIO_CLASSES_MAX; i++)
        weight += mail->weights[i];
    if ((keys & KEY_RECIPIENTS) == 0 || (keys & KEY_TO) == 0 || is_rate == is_at) {
        value_set_error(error, "mail needs recipients, to, and either at or rate");
        return false;
    }
    if ((keys & not_with) != 0) {
        value_set_error(error, "messages is for at; from and until are for rate");
        return false;
    }
    if (weight == 0) {
        value_set_error(error, "all weights are 0");
        return false;
    }
    return true;
}

static bool take_mail_values(const Scenario *scenario, MailClass *mail, char **words,
                             GError **error)
{
    unsigned keys = 0;

    for (; words[0] != NULL; words += 2) {
        MailKey key = mail_key(words[0]);

        if (key == 0 || (keys & key) != 0 || words[1] == NULL) {
            value_set_error(error, "'%s' is unknown, or there twice, or has no value", words[0]);
            return false;
        }
        keys |= key;
        if (!take_mail_value(scenario, mail, key, words[1], error))
            return false;
    }
    return check_mail_keys(mail, keys, error);
}

static bool parse_mail(Scenario *scenario, char **words, GError **error)
{
    MailClass mail = {.message_count = 1, .until_us = -1};

    if (words[0] == NULL || scenario->mail_class_count == SCENARIO_CLASSES_MAX) {
        value_set_error(error, "mail NAME ..., at most %d times", SCENARIO_CLASSES_MAX);
        return false;
    }
    if (!take_name(mail.name, words[0], error) ||
        !take_mail_values(scenario, &mail, words + 1, error))
        return false;
    scenario->mails[scenario->mail_class_count++] = mail;
    return true;
}

/* ---- the others ---- */

static bool parse_duration(Scenario *scenario, char **words, GError **error)
{
    if (words[0] == NULL || words[1] != NULL) {
        value_set_error(error, "duration TIME");
        return false;
    }
    return value_time_us(words[0], US_PER_S, DURATION_MAX_US, &scenario->duration_us, error);
}

static bool parse_title(Scenario *scenario, char **words, GError **error)
{
    (void)error;
    g_free(scenario->title);
    scenario->title = g_strjoinv(" ", words);
    return true;
}

static const struct {
    const char *name;
    StatementFn *parse;
} statements[] = {
    {"title",        parse_title       },
    {"duration",     parse_duration    },
    {"destinations", parse_destinations},
    {"mail",         parse_mail        },
};

static bool parse_parameter(Scenario *scenario, char **words, GError **error)
{
    g_autofree char *value = g_strjoinv(" ", words + 2);

    return value_set_parameter(scenario, words[0], value, error);
}

static bool parse_line(Scenario *scenario, const char *line, GError **error)
{
    g_auto(GStrv) words = split_words(line);

    if (words[0] == NULL)
        return true;
    if (words[1] != NULL && strcmp(words[1], "=") == 0)
        return parse_parameter(scenario, words, error);
    for (size_t i = 0; i < G_N_ELEMENTS(statements); i++)
        if (strcmp(words[0], statements[i].name) == 0)
            return statements[i].parse(scenario, words + 1, error);
    value_set_error(error, "'%s' is neither a statement nor PARAMETER = VALUE", words[0]);
    return false;
}

/* ---- as a whole ---- */

static double expected_recipients(const MailClass *mail)
{
    double messages = mail->message_count;

    if (mail->rate_per_s > 0)
        messages = mail->rate_per_s * (double)MAX(mail->until_us - mail->from_us, 0) / US_PER_S;
    return messages * mail->recipient_count;
}

/* What follows from what all lines say. */
static bool complete(Scenario *scenario, GError **error)
{
    double recipients = 0;

    if (scenario->duration_us == 0 || scenario->mail_class_count == 0) {
        value_set_error(error, "there must be a duration, destinations and mail");
        return false;
    }
    for (unsigned i = 0; i < scenario->mail_class_count; i++) {
        MailClass *mail = &scenario->mails[i];

        if (mail->until_us < 0 || mail->until_us > scenario->duration_us)
            mail->until_us = scenario->duration_us;
        recipients += expected_recipients(mail);
    }
    if (recipients > RECIPIENTS_MAX) {
        value_set_error(error, "%.0f recipients are more than %d", recipients, RECIPIENTS_MAX);
        return false;
    }
    /* As the daemon does. */
    scenario->settings.message_recipient_limit =
        MAX(scenario->settings.message_recipient_limit, scenario->settings.message_active_limit);
    scenario->settings.initial_destination_concurrency =
        scenario->transport.initial_destination_concurrency;
    scenario->settings.retry_params = scenario->transport;
    return true;
}

static char *name_of(const char *path)
{
    char *name = g_path_get_basename(path), *dot = strrchr(name, '.');

    if (dot != NULL)
        *dot = '\0';
    return g_strcanon(name, NAME_CHARACTERS, '_');
}

Scenario *scenario_parse(const char *path, const char *text, GError **error)
{
    g_autoptr(Scenario) scenario = g_new0(Scenario, 1);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    unsigned number;

    scenario->name = name_of(path);
    scenario->title = g_strdup("");
    value_set_defaults(scenario);
    for (number = 1; lines[number - 1] != NULL; number++)
        if (!parse_line(scenario, lines[number - 1], error)) {
            g_prefix_error(error, "%s:%u: ", path, number);
            return NULL;
        }
    if (!complete(scenario, error)) {
        g_prefix_error(error, "%s: ", path);
        return NULL;
    }
    return g_steal_pointer(&scenario);
}

Scenario *scenario_load(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    gsize length;

    if (!g_file_get_contents(path, &text, &length, error))
        return NULL;
    if (length > FILE_BYTES_MAX || strlen(text) != length) {
        value_set_error(error, "%s:1: this is not a scenario: too long, or not a text", path);
        return NULL;
    }
    return scenario_parse(path, text, error);
}

void scenario_free(Scenario *scenario)
{
    if (scenario == NULL)
        return;
    g_free(scenario->name);
    g_free(scenario->title);
    g_free(scenario);
}
