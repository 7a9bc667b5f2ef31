/* A table keeps its cells as texts until it is printed: only then is it known how wide columns are.
 */

#include <string.h>

#include "src/ctl/table_internal.h"
#include "src/ctl/text_internal.h"

#define GAP 2

struct Table {
    const View *view;
    int64_t now_s;
    GArray *fields;   /* of const Field *: those with a heading */
    GPtrArray *cells; /* row after row; owned */
};

static const Field *field_at(const Table *table, guint column)
{
    return g_array_index(table->fields, const Field *, column);
}

Table *table_new(const View *view, int64_t now_s)
{
    Table *table = g_new0(Table, 1);

    table->view = view;
    table->now_s = now_s;
    table->fields = g_array_new(FALSE, FALSE, sizeof(const Field *));
    table->cells = g_ptr_array_new_with_free_func(g_free);
    for (const Field *field = view->fields; field->name != NULL; field++)
        if (field->heading != NULL)
            g_array_append_val(table->fields, field);
    return table;
}

void table_free(Table *table)
{
    if (table == NULL)
        return;
    g_array_free(table->fields, TRUE);
    g_ptr_array_free(table->cells, TRUE);
    g_free(table);
}

void table_add(Table *table, const Row *row)
{
    for (guint i = 0; i < table->fields->len; i++)
        g_ptr_array_add(table->cells, view_format(field_at(table, i), row, table->now_s));
}

static int column_width(const Table *table, guint column)
{
    int width = text_width(field_at(table, column)->heading);

    for (guint i = column; i < table->cells->len; i += table->fields->len)
        width = MAX(width, text_width(table->cells->pdata[i]));
    return width;
}

static void put_spaces(FILE *out, int count)
{
    for (; count > 0; count--)
        (void)fputc(' ', out);
}

/* As much as has room; what is left out is seen by the dots. */
static void put_cut(FILE *out, const char *text, int room)
{
    static const char dots[] = "...";

    if (room <= 0 || text_width(text) <= room) {
        (void)fputs(text, out);
        return;
    }
    (void)fwrite(text, 1, text_fit(text, room - (int)strlen(dots)), out);
    (void)fputs(dots, out);
}

static void print_row(const Table *table, FILE *out, const int *widths, int width,
                      const char *const *cells)
{
    int used = 0;

    for (guint i = 0; i < table->fields->len; i++) {
        bool is_last = i + 1 == table->fields->len;
        int space = widths[i] - text_width(cells[i]);

        if (view_is_number(field_at(table, i)) && !is_last) {
            put_spaces(out, space);
            (void)fputs(cells[i], out);
            put_spaces(out, GAP);
        } else if (is_last) {
            put_cut(out, cells[i], width > 0 ? MAX(width - used, 10) : 0);
        } else {
            (void)fputs(cells[i], out);
            put_spaces(out, space + GAP);
        }
        used += widths[i] + GAP;
    }
    (void)fputc('\n', out);
}

void table_print(const Table *table, FILE *out, int width)
{
    guint count = table->fields->len;
    g_autoptr(GArray) widths = g_array_new(FALSE, FALSE, sizeof(int));
    g_autoptr(GArray) headings = g_array_new(FALSE, FALSE, sizeof(const char *));

    for (guint i = 0; i < count; i++) {
        int column = column_width(table, i);

        g_array_append_val(widths, column);
        g_array_append_val(headings, field_at(table, i)->heading);
    }
    print_row(table, out, (const int *)widths->data, width, (const char *const *)headings->data);
    for (guint i = 0; i < table->cells->len; i += count)
        print_row(table, out, (const int *)widths->data, width,
                  (const char *const *)table->cells->pdata + i);
}
