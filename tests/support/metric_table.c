#include "tests/support/metric_table.h"

#include <string.h>

#include "tests/support/runner.h"

#define METRIC_TABLE "tests/data/metrics.txt"

enum { COLUMN_NAME, COLUMN_TYPE, COLUMN_LABELS, COLUMN_HELP, COLUMN_COUNT };

struct MetricTable {
    GPtrArray *rows;  /* of MetricRow */
    GPtrArray *lines; /* of GStrv, which the rows borrow from */
};

static void free_metric_row(gpointer data)
{
    MetricRow *row = data;

    g_strfreev(row->labels);
    g_free(row);
}

static void read_metric_line(MetricTable *table, const char *line)
{
    GStrv columns = g_strsplit(line, " | ", COLUMN_COUNT);
    MetricRow *row = g_new(MetricRow, 1);

    ck_assert_msg(g_strv_length(columns) == COLUMN_COUNT, "%s: %s", METRIC_TABLE, line);
    for (unsigned i = 0; i < COLUMN_COUNT; i++)
        (void)g_strstrip(columns[i]);
    *row = (MetricRow){.name = columns[COLUMN_NAME],
                       .type = columns[COLUMN_TYPE],
                       .help = columns[COLUMN_HELP],
                       .labels = g_str_equal(columns[COLUMN_LABELS], "-")
                                     ? g_new0(char *, 1)
                                     : g_strsplit(columns[COLUMN_LABELS], " ", -1)};
    g_ptr_array_add(table->rows, row);
    g_ptr_array_add(table->lines, columns);
}

MetricTable *metric_table_read(const char *directory)
{
    MetricTable *table = g_new(MetricTable, 1);
    g_autofree char *path = g_build_filename(directory, METRIC_TABLE, NULL), *text = NULL;
    g_auto(GStrv) lines = NULL;

    ck_assert_msg(g_file_get_contents(path, &text, NULL, NULL), "%s", path);
    lines = g_strsplit(text, "\n", -1);
    table->rows = g_ptr_array_new_with_free_func(free_metric_row);
    table->lines = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    for (char **line = lines; *line != NULL; line++)
        if (**line != '#' && **line != '\0')
            read_metric_line(table, *line);
    ck_assert_uint_gt(table->rows->len, 0);
    return table;
}

void metric_table_free(MetricTable *table)
{
    g_ptr_array_free(table->rows, TRUE);
    g_ptr_array_free(table->lines, TRUE);
    g_free(table);
}

const MetricRow *metric_table_at(const MetricTable *table, guint i)
{
    return i < table->rows->len ? table->rows->pdata[i] : NULL;
}

const MetricRow *metric_table_find(const MetricTable *table, const char *name)
{
    for (guint i = 0; i < table->rows->len; i++)
        if (g_str_equal(((MetricRow *)table->rows->pdata[i])->name, name))
            return table->rows->pdata[i];
    return NULL;
}

const char *metric_row_values(const MetricRow *row, const char *label)
{
    size_t length = strlen(label);

    for (char **each = row->labels; *each != NULL; each++) {
        if (strncmp(*each, label, length) != 0)
            continue;
        if ((*each)[length] == '\0')
            return "";
        if ((*each)[length] == '=')
            return *each + length + 1;
    }
    return NULL;
}
