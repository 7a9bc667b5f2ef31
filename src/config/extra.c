#include <string.h>

#include "expand_internal.h"
#include "extra_internal.h"
#include "params_internal.h"
#include "rate_internal.h"
#include "retry_internal.h"

/* Names are told by what follows the transport; what they say is the business of their family. */

#define SHOWN_BYTES 60 /* of a value that is refused */

/* Says a part of what is known of a transport. NULL: success; else what is wrong. */
typedef const char *ExtraTakeFn(Settings *settings, const char *transport, int part,
                                const char *text);
typedef const char *ExtraSuffixFn(int part);

typedef struct ExtraFamily {
    ExtraSuffixFn *suffix;
    ExtraTakeFn *take;
    int part_count;
} ExtraFamily;

static const char *suffix_of_retry(int part)
{
    return retry_suffix((RetryPart)part);
}

static const char *suffix_of_rate(int part)
{
    return rate_suffix((TransportRate)part);
}

static const char *take_retry(Settings *settings, const char *transport, int part, const char *text)
{
    return retry_take(settings, transport, (RetryPart)part, text);
}

static const char *take_rate(Settings *settings, const char *transport, int part, const char *text)
{
    return rate_take(settings, transport, (TransportRate)part, text);
}

static const ExtraFamily families[] = {
    {suffix_of_retry, take_retry, RETRY_PART_COUNT    },
    {suffix_of_rate,  take_rate,  TRANSPORT_RATE_COUNT},
};

/* What a name means. */
typedef struct ExtraName {
    char *name, *transport;
    const ExtraFamily *family;
    int part, line;
} ExtraName;

static void extra_name_free(gpointer data)
{
    ExtraName *extra = data;

    g_free(extra->name);
    g_free(extra->transport);
    g_free(extra);
}

/* NULL: the name has not this suffix behind the name of a transport. */
static char *transport_before(const char *name, const char *suffix)
{
    g_autofree char *transport = NULL;

    if (!g_str_has_suffix(name, suffix))
        return NULL;
    transport = g_strndup(name, strlen(name) - strlen(suffix));
    return extra_is_for(transport) ? g_steal_pointer(&transport) : NULL;
}

/* NULL: it means nothing. */
static ExtraName *extra_parse(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(families); i++) {
        for (int part = 0; part < families[i].part_count; part++) {
            char *transport = transport_before(name, families[i].suffix(part));
            ExtraName *extra;

            if (transport == NULL)
                continue;
            extra = g_new(ExtraName, 1);
            *extra = (ExtraName){g_strdup(name), transport, &families[i], part, 0};
            return extra;
        }
    }
    return NULL;
}

bool extra_is_parameter(const char *name)
{
    ExtraName *extra = extra_parse(name);

    if (extra == NULL)
        return false;
    extra_name_free(extra);
    return !params_is_postfix(name); /* maximal_queue_lifetime */
}

void extra_admit(Settings *settings, const char *name, int line)
{
    ExtraName *extra = extra_parse(name);

    if (settings->extra_names == NULL)
        settings->extra_names = g_ptr_array_new_with_free_func(extra_name_free);
    extra->line = line;
    g_ptr_array_add(settings->extra_names, extra);
}

void extra_clear(Settings *settings)
{
    g_clear_pointer(&settings->extra_names, g_ptr_array_unref);
    retry_clear(settings);
    rate_clear(settings);
}

/* ---- values ---- */

/* NULL: success; else what is wrong, a new string. */
static char *evaluate_extra(Settings *settings, const char *path, const ExtraName *extra)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = expand_name(&settings->lexicon, extra->name, &error);
    const char *fault;

    if (text == NULL)
        return g_strdup_printf("%s, line %d: %s", path, extra->line, error->message);
    fault = extra->family->take(settings, extra->transport, extra->part, text);
    return fault == NULL ? NULL
                         : g_strdup_printf("%s, line %d: %s = %.*s: %s", path, extra->line,
                                           extra->name, SHOWN_BYTES, text, fault);
}

static gint by_line(gconstpointer a, gconstpointer b)
{
    const ExtraName *one = *(const ExtraName *const *)a, *other = *(const ExtraName *const *)b;

    return one->line < other->line ? -1 : one->line > other->line;
}

bool extra_evaluate(Settings *settings, const char *path, GError **error)
{
    GPtrArray *names = settings->extra_names;
    g_autofree char *last = NULL;

    if (names == NULL)
        return true;
    g_ptr_array_sort(names, by_line);
    for (guint i = 0; i < names->len; i++) {
        char *fault = evaluate_extra(settings, path, names->pdata[i]);

        if (fault == NULL)
            continue;
        if (last != NULL)
            lexicon_warn(&settings->lexicon, "%s", last);
        g_free(last);
        last = fault;
    }
    return last == NULL || config_fail(error, "%s", last);
}
