#include <string.h>

#include "tests/support/control_fixture.h"
#include "tests/support/metric_table.h"

/*
 * Each metric of tests/data/metrics.txt is sent, with its labels and their values and no others, by
 * a daemon that has not done anything yet: series exist from the start.
 */

#define LABEL         "label_"
#define US_PER_SECOND 1e6

/* A row as names and values. */
static GHashTable *parse_row(const char *text)
{
    GHashTable *values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_auto(GStrv) words = g_strsplit(text, "|", -1);

    for (unsigned i = 0; words[i] != NULL && words[i + 1] != NULL; i += 2)
        (void)g_hash_table_insert(values, g_strdup(words[i]), g_strdup(words[i + 1]));
    return values;
}

/* The rows of the answer, each one text. */
static GStrv metric_rows(void)
{
    g_autofree char *answer = NULL;
    int fd;

    start_control();
    (void)control_destination("smtp", "example.com");
    (void)stats_transport(stats, "smtp");
    ck_assert(stats_watch(stats, "example.com"));
    fd = client_connect();
    client_ask(fd, "verb metrics");
    answer = client_answer(fd);
    ck_assert_msg(strstr(answer, "row|end|rows|") != NULL, "%s", answer);
    (void)close(fd);
    end_control();
    return g_strsplit(answer, "||", -1);
}

static bool is_listed(const char *values, const char *value)
{
    g_auto(GStrv) each = g_strsplit(values, ",", -1);

    return *values == '\0' || g_strv_contains((const gchar *const *)each, value);
}

/* "0.1,1" of "100000,1000000" */
static char *in_seconds(const char *bounds_us)
{
    g_auto(GStrv) bounds = g_strsplit(bounds_us, ",", -1);
    GString *text = g_string_new(NULL);

    for (char **bound = bounds; *bound != NULL; bound++) {
        char number[G_ASCII_DTOSTR_BUF_SIZE];

        g_string_append_printf(text, "%s%s", text->len > 0 ? "," : "",
                               g_ascii_formatd(number, sizeof(number), "%g",
                                               g_ascii_strtod(*bound, NULL) / US_PER_SECOND));
    }
    return g_string_free(text, FALSE);
}

static unsigned count_labels(GHashTable *values)
{
    GHashTableIter iter;
    gpointer name;
    unsigned count = 0;

    g_hash_table_iter_init(&iter, values);
    while (g_hash_table_iter_next(&iter, &name, NULL))
        count += g_str_has_prefix(name, LABEL);
    return count;
}

static void check_histogram(const MetricRow *metric, GHashTable *values, const char *bounds)
{
    const char *bounds_us = g_hash_table_lookup(values, "bounds_us");
    g_autofree char *seconds = in_seconds(bounds_us != NULL ? bounds_us : "");

    ck_assert_msg(g_str_equal(seconds, bounds), "%s: le=%s", metric->name, seconds);
    ck_assert_msg(g_str_equal(metric->type, "histogram"), "%s", metric->name);
}

/* A label that is in the table has one of its values; one that is not is not in the row. */
static void check_series(const MetricRow *metric, const char *text)
{
    g_autoptr(GHashTable) values = parse_row(text);
    const char *bounds = metric_row_values(metric, "le");
    unsigned wanted = g_strv_length(metric->labels) - (bounds != NULL ? 1 : 0);

    for (char **each = metric->labels; *each != NULL; each++) {
        g_autofree char *label = g_strndup(*each, strcspn(*each, "="));
        g_autofree char *name = g_strconcat(LABEL, label, NULL);
        const char *value = g_hash_table_lookup(values, name);

        if (g_str_equal(label, "le"))
            continue;
        ck_assert_msg(value != NULL && is_listed(metric_row_values(metric, label), value), "%s: %s",
                      *each, text);
    }
    ck_assert_msg(count_labels(values) == wanted, "%s", text);
    if (bounds != NULL)
        check_histogram(metric, values, bounds);
    else
        ck_assert_msg(g_hash_table_contains(values, "value"), "%s", text);
}

static unsigned count_series(GStrv rows, const char *name, const char *rest)
{
    g_autofree char *begin = g_strdup_printf("row|data|object|metric|name|%s|", name);
    unsigned count = 0;

    for (char **row = rows; *row != NULL; row++)
        count += g_str_has_prefix(*row, begin) && strstr(*row, rest) != NULL;
    return count;
}

START_TEST(each_series_is_as_the_table_says)
{
    MetricTable *table = metric_table_read(world.start_directory);
    g_auto(GStrv) rows = metric_rows();
    unsigned count = 0;

    for (char **row = rows; *row != NULL; row++) {
        g_autoptr(GHashTable) values = parse_row(*row);
        const char *name = g_hash_table_lookup(values, "name");
        const MetricRow *metric;

        if (name == NULL) /* the header, the end */
            continue;
        metric = metric_table_find(table, name);
        ck_assert_msg(metric != NULL, "the table has no %s", name);
        check_series(metric, *row);
        count++;
    }
    ck_assert_uint_gt(count, 50);
    metric_table_free(table);
}
END_TEST

/* Of each value of a label that is known there is a series from the start. */
START_TEST(each_row_of_the_table_has_its_series_from_the_start)
{
    MetricTable *table = metric_table_read(world.start_directory);
    g_auto(GStrv) rows = metric_rows();
    const MetricRow *metric;

    for (guint i = 0; (metric = metric_table_at(table, i)) != NULL; i++) {
        ck_assert_msg(count_series(rows, metric->name, "") > 0, "nobody sends %s", metric->name);
        for (char **label = metric->labels; *label != NULL; label++) {
            const char *known = strchr(*label, '=');
            g_auto(GStrv) values = g_strsplit(known != NULL ? known + 1 : "", ",", -1);

            for (char **value = values; !g_str_has_prefix(*label, "le=") && *value != NULL;
                 value++) {
                g_autofree char *rest =
                    g_strdup_printf("|" LABEL "%.*s|%s|", (int)(known - *label), *label, *value);

                ck_assert_msg(count_series(rows, metric->name, rest) > 0, "%s: no %s", metric->name,
                              rest);
            }
        }
    }
    metric_table_free(table);
}
END_TEST

/* A scraper refuses an answer that has a series twice. */
START_TEST(no_series_is_sent_twice)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_auto(GStrv) rows = metric_rows();

    for (char **row = rows; *row != NULL; row++) {
        const char *value = strstr(*row, "|value|"), *bounds = strstr(*row, "|bounds_us|");
        const char *end = value != NULL ? value : bounds;

        if (end != NULL)
            ck_assert_msg(g_hash_table_add(seen, g_strndup(*row, (gsize)(end - *row))), "%s", *row);
    }
}
END_TEST

int main(void)
{
    TCase *tcase = world_tcase("metrics");

    tcase_add_test(tcase, each_series_is_as_the_table_says);
    tcase_add_test(tcase, each_row_of_the_table_has_its_series_from_the_start);
    tcase_add_test(tcase, no_series_is_sent_twice);
    return run_suite("control/metrics", tcase, NULL);
}
