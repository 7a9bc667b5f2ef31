#include <string.h>

#include "expand_internal.h"
#include "params_internal.h"

/* Evaluation of the rows of a table: expand the text, convert it, store it. */

/* The text of the parameter for this kind of queue manager, expanded, or NULL with an error. */
static char *get_text(const Param *param, const Settings *settings, GError **error)
{
    bool is_read = param->reader == READ_BY_ALL ||
                   (param->reader == READ_BY_ROUND_ROBIN) == settings->round_robin;

    if (!is_read)
        return g_strdup(param->fallback);
    return expand_name(&settings->lexicon, param->name, error);
}

static bool store(const Param *param, const char *text, Settings *settings, GError **error)
{
    switch (param->type) {
    case PARAM_STRING:
        if (!convert_check_length(param->name, text, param->limits, error))
            return false;
        if (param->check != NULL && !param->check(settings, text, error))
            return false;
        G_STRUCT_MEMBER(const char *, settings, param->offset) =
            g_string_chunk_insert_const(settings->texts, text);
        return true;
    case PARAM_INT:
        return convert_int(param->name, text, param->limits,
                           &G_STRUCT_MEMBER(int, settings, param->offset), error);
    case PARAM_BOOL:
        return convert_bool(param->name, text, &G_STRUCT_MEMBER(bool, settings, param->offset),
                            error);
    case PARAM_TIME:
        return convert_time_s(param->name, text, param->unit, param->limits,
                              &G_STRUCT_MEMBER(int, settings, param->offset), error);
    }
    g_assert_not_reached();
}

bool params_evaluate(ParamTable table, Settings *settings, GError **error)
{
    for (size_t i = 0; i < table.count; i++) {
        g_autofree char *text = get_text(&table.rows[i], settings, error);

        if (text == NULL || !store(&table.rows[i], text, settings, error))
            return false;
    }
    return true;
}

static bool table_has(ParamTable table, const char *name)
{
    for (size_t i = 0; i < table.count; i++)
        if (strcmp(table.rows[i].name, name) == 0)
            return true;
    return false;
}

bool params_is_eqmgr(const char *name)
{
    return table_has(params_eqmgr, name);
}

bool params_is_postfix(const char *name)
{
    return table_has(params_first, name) || table_has(params_library, name) ||
           table_has(params_queue_manager, name);
}
