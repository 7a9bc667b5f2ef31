/* A table of what is rated: where it comes from, its usual limits, its words. */

#include <inttypes.h>
#include <string.h>

#include "base/readable.h"
#include "src/ctl/check/rating_internal.h"
#include "src/ctl/share_internal.h"
#include "src/ctl/text_internal.h"

static int64_t percent_active(const Row *status, int64_t now_s)
{
    (void)now_s;
    return share_percent(row_number(status, "active", 0), row_number(status, "active_limit", 0));
}

static int64_t age_of_oldest(const Row *status, int64_t now_s)
{
    int64_t arrival_s = row_number(status, "oldest_active", 0);

    return arrival_s > 0 && arrival_s < now_s ? now_s - arrival_s : 0;
}

/* clang-format off */
static const struct {
    const char *option, *attribute; /* of the status row, if that is the value */
    int64_t (*value)(const Row *status, int64_t now_s);
    RatingLimit usual;
    const char *words, *word, *unit; /* in the line, of several and of one; for graphs */
} rated[RATED_COUNT] = {
    [RATED_ACTIVE] = {"active", NULL, percent_active, {80, 95}, "% of the active queue used", "% of the active queue used", "%"},
    [RATED_DEAD] = {"dead", "transports_dead", NULL, {1, 3}, " transports dead", " transport dead", ""},
    [RATED_STUCK] = {"stuck", "stuck", NULL, {1, 100}, " messages stuck", " message stuck", ""},
    [RATED_OVERDUE] = {"overdue", "overdue", NULL, {0, 0}, " messages overdue", " message overdue", ""},
    [RATED_DEFERRED] = {"deferred", "deferred", NULL, {0, 0}, " messages deferred", " message deferred", ""},
    [RATED_OLDEST] = {"oldest", NULL, age_of_oldest, {0, 0}, " is the age of the oldest in active", " is the age of the oldest in active", "s"},
};
/* clang-format on */

RatingLimits rating_default_limits(void)
{
    RatingLimits limits;

    for (RatedValue value = 0; value < RATED_COUNT; value++)
        limits.of[value] = rated[value].usual;
    return limits;
}

const char *rating_option(RatedValue value)
{
    return rated[value].option;
}

const char *rating_str(Rating rating)
{
    static const char *const names[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};

    return names[rating];
}

static bool parse_bound(RatedValue value, const char *text, int64_t *ret_bound)
{
    gint64 number;

    if (*text == '\0') {
        *ret_bound = 0;
        return true;
    }
    if (value == RATED_OLDEST)
        return text_parse_duration(text, 1, ret_bound) && *ret_bound > 0;
    if (!g_ascii_string_to_signed(text, 10, 1, INT64_MAX, &number, NULL))
        return false;
    *ret_bound = number;
    return true;
}

bool rating_parse_limit(RatedValue value, const char *text, RatingLimit *ret_limit)
{
    g_auto(GStrv) bounds = g_strsplit(text, ",", -1);
    guint count = g_strv_length(bounds);
    RatingLimit limit = {0, 0};

    if (g_str_equal(text, "-")) {
        *ret_limit = limit;
        return true;
    }
    if (*text == '\0' || count > 2 || !parse_bound(value, bounds[0], &limit.warning) ||
        (count == 2 && !parse_bound(value, bounds[1], &limit.critical)))
        return false;
    if (limit.critical > 0 && limit.critical < limit.warning)
        return false;
    *ret_limit = limit;
    return limit.warning > 0 || limit.critical > 0;
}

static Rating rate(int64_t value, RatingLimit limit)
{
    if (limit.critical > 0 && value >= limit.critical)
        return RATING_CRITICAL;
    return limit.warning > 0 && value >= limit.warning ? RATING_WARNING : RATING_OK;
}

static char *value_words(RatedValue value, int64_t number)
{
    g_autofree char *text =
        value == RATED_OLDEST ? readable_duration(number) : readable_count(number);

    return g_strconcat(text, number == 1 ? rated[value].word : rated[value].words, NULL);
}

/* 'label'=value[unit];warning;critical;least */
static void add_for_graphs(GString *graphs, RatedValue value, int64_t number, RatingLimit limit)
{
    g_autofree char *warning =
        limit.warning > 0 ? g_strdup_printf("%" PRId64, limit.warning) : NULL;
    g_autofree char *critical =
        limit.critical > 0 ? g_strdup_printf("%" PRId64, limit.critical) : NULL;

    g_string_append_printf(graphs, " %s=%" PRId64 "%s;%s;%s;0", rated[value].option, number,
                           rated[value].unit, warning != NULL ? warning : "",
                           critical != NULL ? critical : "");
}

Rating rating_of(const Row *status, int64_t now_s, const RatingLimits *limits, char **ret_text)
{
    g_autoptr(GString) words = g_string_new(NULL), graphs = g_string_new(NULL);
    Rating worst = RATING_OK;

    for (RatedValue value = 0; value < RATED_COUNT; value++) {
        int64_t number = rated[value].value != NULL ? rated[value].value(status, now_s)
                                                    : row_number(status, rated[value].attribute, 0);
        Rating rating = rate(number, limits->of[value]);
        g_autofree char *text = rating != RATING_OK ? value_words(value, number) : NULL;

        worst = MAX(worst, rating);
        if (text != NULL)
            g_string_append_printf(words, "%s%s", words->len > 0 ? ", " : "", text);
        add_for_graphs(graphs, value, number, limits->of[value]);
    }
    if (words->len == 0) {
        g_autofree char *active = readable_count(row_number(status, "active", 0));
        g_autofree char *deferred = readable_count(row_number(status, "deferred", 0));

        g_string_append_printf(words, "%s active, %s deferred", active, deferred);
    }
    *ret_text = g_strdup_printf("EQMGR %s - %s |%s", rating_str(worst), words->str, graphs->str);
    return worst;
}
