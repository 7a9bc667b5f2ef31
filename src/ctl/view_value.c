/* Values of fields, as text for people and as JSON for programs. */

#include <jansson.h>
#include <stdlib.h>

#include "base/readable.h"
#include "src/ctl/text_internal.h"
#include "src/ctl/view_internal.h"

const Field *view_field(const View *view, const char *name)
{
    for (const Field *field = view->fields; field->name != NULL; field++)
        if (g_str_equal(field->name, name))
            return field;
    return NULL;
}

bool view_is_number(const Field *field)
{
    return field->kind >= FIELD_COUNT && field->kind != FIELD_BOOL;
}

char *view_format(const Field *field, const Row *row, int64_t now_s)
{
    const char *text = row_text(row, field->name);
    int64_t number = row_number(row, field->name, 0);

    if (text == NULL && field->kind == FIELD_UNTIL && row_number(row, "forever", 0) != 0)
        return g_strdup("forever");
    if (text == NULL)
        return g_strdup("-");
    switch (field->kind) {
    case FIELD_COUNT:
        return readable_count(number);
    case FIELD_NUMBER:
        return g_strdup_printf("%" G_GINT64_FORMAT, number);
    case FIELD_TENTHS:
        return g_strdup_printf("%.1f", (double)number / 10);
    case FIELD_SECONDS:
        return readable_duration(number);
    case FIELD_BYTES:
        return g_format_size_full((guint64)MAX(number, 0), G_FORMAT_SIZE_IEC_UNITS);
    case FIELD_DUE:
        return number == 0 ? g_strdup("overdue") : text_clock(number, now_s);
    case FIELD_TIME:
        return text_clock(number, now_s);
    case FIELD_AGE:
        return readable_duration(text_seconds_between(number, now_s));
    case FIELD_UNTIL:
        return readable_duration(text_seconds_between(now_s, number));
    case FIELD_BOOL:
        return g_strdup(number != 0 ? "yes" : "no");
    case FIELD_TEXT:
    case FIELD_LIST:
    case FIELD_NUMBERS:
        break;
    }
    return text_printable(text);
}

static json_t *json_of_words(const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, ",", -1);
    json_t *list = json_array();

    for (char **word = words; *word != NULL; word++) {
        g_autofree char *valid = text_utf8(*word);

        (void)json_array_append_new(list, json_string(valid));
    }
    return list;
}

/* What is none is 0, as it is in a field of one number. */
static json_t *json_of_numbers(const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, ",", -1);
    json_t *list = json_array();

    for (char **word = words; *word != NULL; word++) {
        gint64 number = 0;

        (void)g_ascii_string_to_signed(*word, 10, INT64_MIN, INT64_MAX, &number, NULL);
        (void)json_array_append_new(list, json_integer(number));
    }
    return list;
}

static json_t *json_of_field(const Field *field, const Row *row)
{
    const char *text = row_text(row, field->name);
    g_autofree char *valid = NULL;

    if (text == NULL)
        return NULL;
    if (field->kind == FIELD_LIST)
        return json_of_words(text);
    if (field->kind == FIELD_NUMBERS)
        return json_of_numbers(text);
    if (field->kind == FIELD_BOOL)
        return json_boolean(row_number(row, field->name, 0) != 0);
    if (view_is_number(field))
        return json_integer(row_number(row, field->name, 0));
    valid = text_utf8(text);
    return json_string(valid);
}

char *view_json(const View *view, const Row *row)
{
    json_t *object = json_object();
    char *dumped, *line;

    (void)json_object_set_new(object, "object", json_string(view->object));
    for (const Field *field = view->fields; field->name != NULL; field++) {
        json_t *value = json_of_field(field, row);

        if (value != NULL)
            (void)json_object_set_new(object, field->name, value);
    }
    dumped = json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER);
    line = g_strdup(dumped != NULL ? dumped : "{}");
    free(dumped);
    json_decref(object);
    return line;
}
