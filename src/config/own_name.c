#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "convert_internal.h"
#include "expand_internal.h"
#include "hostname_internal.h"
#include "own_name_internal.h"

/*
 * The defaults of myhostname and mydomain depend on each other, and either text may refer to other
 * parameters: so they are entered, expanded and checked before the rest of the library's
 * parameters.
 */

#define DEFAULT_DOMAIN "localdomain"

static const Limits not_empty = {.min = 1};

static bool warn_if_bad(Lexicon *lexicon, const char *name)
{
    g_autofree char *trouble = hostname_check(name);

    if (trouble != NULL)
        lexicon_warn(lexicon, "%s", trouble);
    return trouble != NULL;
}

/* The name of this machine; a domain is appended if it has none. */
static bool set_default_myhostname(Lexicon *lexicon, GError **error)
{
    char name[HOST_NAME_MAX + 1] = "";
    g_autofree char *domain = NULL;
    g_autofree char *full = NULL;

    if (gethostname(name, sizeof(name) - 1) < 0 || warn_if_bad(lexicon, name))
        return config_fail(error, "unable to use my own hostname");
    if (strchr(name, '.') != NULL) {
        lexicon_set(lexicon, "myhostname", name);
        return true;
    }
    if (lexicon_get(lexicon, "mydomain") != NULL) {
        domain = expand_name(lexicon, "mydomain", error);
        if (domain == NULL)
            return false;
    }
    full = g_strconcat(name, ".", domain != NULL ? domain : DEFAULT_DOMAIN, NULL);
    lexicon_set(lexicon, "myhostname", full);
    return true;
}

/* The expanded text of a parameter that must not be empty, or NULL. */
static char *required_text(Lexicon *lexicon, const char *name, GError **error)
{
    g_autofree char *text = expand_name(lexicon, name, error);

    if (text == NULL || !convert_check_length(name, text, not_empty, error))
        return NULL;
    return g_steal_pointer(&text);
}

static bool own_name_check(Lexicon *lexicon, const char *path, const char *parameter,
                           const char *name, GError **error)
{
    if (!warn_if_bad(lexicon, name))
        return true;
    return config_fail(error, "file %s: parameter %s: bad parameter value: %s", path, parameter,
                       name);
}

bool own_name_settle(Lexicon *lexicon, const char *path, GError **error)
{
    g_autofree char *host = NULL;
    g_autofree char *domain = NULL;
    const char *dot;

    if (lexicon_get(lexicon, "myhostname") == NULL && !set_default_myhostname(lexicon, error))
        return false;
    host = required_text(lexicon, "myhostname", error);
    if (host == NULL)
        return false;
    dot = strchr(host, '.');
    lexicon_set_default(lexicon, "mydomain", dot != NULL ? dot + 1 : DEFAULT_DOMAIN);
    domain = required_text(lexicon, "mydomain", error);
    return domain != NULL && own_name_check(lexicon, path, "myhostname", host, error) &&
           own_name_check(lexicon, path, "mydomain", domain, error);
}
