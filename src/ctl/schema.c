/*
 * The schema allows fields that it does not name: those of later versions. What is named keeps its
 * name and its type.
 */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/ctl/schema_internal.h"
#include "src/ctl/view_internal.h"

static json_t *schema_of_field(const Field *field)
{
    const char *type = "string";

    if (field->kind == FIELD_LIST || field->kind == FIELD_NUMBERS)
        return json_pack("{s:s,s:{s:s},s:s}", "type", "array", "items", "type",
                         field->kind == FIELD_LIST ? "string" : "integer", "description",
                         field->meaning);
    if (field->kind == FIELD_BOOL)
        type = "boolean";
    else if (view_is_number(field))
        type = "integer";
    return json_pack("{s:s,s:s}", "type", type, "description", field->meaning);
}

static json_t *schema_of_view(const View *view)
{
    json_t *properties = json_pack("{s:{s:s}}", "object", "const", view->object);

    for (const Field *field = view->fields; field->name != NULL; field++)
        (void)json_object_set_new(properties, field->name, schema_of_field(field));
    return json_pack("{s:s,s:[s],s:o}", "type", "object", "required", "object", "properties",
                     properties);
}

char *schema_text(void)
{
    json_t *views = json_array(), *schema;
    const View *view;
    char *dumped, *text;

    for (unsigned i = 0; (view = view_at(i)) != NULL; i++)
        (void)json_array_append_new(views, schema_of_view(view));
    schema = json_pack(
        "{s:s,s:s,s:s,s:o}", "$schema", "https://json-schema.org/draft/2020-12/schema", "title",
        "a line of eqmgrctl -j", "description",
        "Times are seconds of the epoch. A field without a value is left out.", "oneOf", views);
    dumped = json_dumps(schema, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
    text = g_strconcat(dumped, "\n", NULL);
    free(dumped);
    json_decref(schema);
    return text;
}

int schema_run(const Invocation *invocation)
{
    g_autofree char *text = schema_text();

    (void)invocation;
    (void)fputs(text, stdout);
    return 0;
}
