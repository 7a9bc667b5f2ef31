#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "convert_internal.h"
#include "expand_internal.h"
#include "hostname_internal.h"

#define NAME_MAX_BYTES  255
#define LABEL_MAX_BYTES 63
#define SHOWN_BYTES     100 /* of a name that is too long */
#define DEFAULT_DOMAIN  "localdomain"

static const Limits not_empty = {.min = 1};

/* Why the byte at `p`, the `label_length`th of its label, may not stand there; or NULL. */
static const char *byte_trouble(const char *p, size_t label_length)
{
    if (g_ascii_isalnum(*p) || *p == '_')
        return label_length > LABEL_MAX_BYTES ? "hostname label too long" : NULL;
    if (*p == '.')
        return label_length == 1 || p[1] == '\0' ? "misplaced delimiter" : NULL;
    g_assert(*p == '-');
    return label_length == 1 || p[1] == '\0' || p[1] == '.' ? "misplaced hyphen" : NULL;
}

static char *bytes_trouble(const char *name)
{
    size_t label_length = 0;

    for (const char *p = name; *p != '\0'; p++) {
        const char *trouble;

        if (!g_ascii_isalnum(*p) && strchr("_.-", *p) == NULL)
            return g_strdup_printf("valid_hostname: invalid character %d(decimal): %s",
                                   (unsigned char)*p, name);
        trouble = byte_trouble(p, ++label_length);
        if (trouble != NULL)
            return g_strdup_printf("valid_hostname: %s: %s", trouble, name);
        if (*p == '.')
            label_length = 0;
    }
    return NULL;
}

char *hostname_check(const char *name)
{
    size_t length = strlen(name);
    char *trouble;

    if (length == 0)
        return g_strdup("valid_hostname: empty hostname");
    trouble = bytes_trouble(name);
    if (trouble != NULL)
        return trouble;
    if (name[strspn(name, "0123456789.")] == '\0')
        return g_strdup_printf("valid_hostname: numeric hostname: %s", name);
    if (length > NAME_MAX_BYTES)
        return g_strdup_printf("valid_hostname: bad length %zu for %.*s...", length, SHOWN_BYTES,
                               name);
    return NULL;
}

static bool warn_if_bad(Lexicon *lexicon, const char *name)
{
    g_autofree char *trouble = hostname_check(name);

    if (trouble != NULL)
        lexicon_warn(lexicon, "%s", trouble);
    return trouble != NULL;
}

/* The name of this machine; with a domain if it has none. */
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
static char *take_text(Lexicon *lexicon, const char *name, GError **error)
{
    g_autofree char *text = expand_name(lexicon, name, error);

    if (text == NULL || !convert_check_length(name, text, not_empty, error))
        return NULL;
    return g_steal_pointer(&text);
}

static bool check(Lexicon *lexicon, const char *path, const char *parameter, const char *name,
                  GError **error)
{
    if (!warn_if_bad(lexicon, name))
        return true;
    return config_fail(error, "file %s: parameter %s: bad parameter value: %s", path, parameter,
                       name);
}

bool hostname_settle(Lexicon *lexicon, const char *path, GError **error)
{
    g_autofree char *host = NULL;
    g_autofree char *domain = NULL;
    const char *dot;

    if (lexicon_get(lexicon, "myhostname") == NULL && !set_default_myhostname(lexicon, error))
        return false;
    host = take_text(lexicon, "myhostname", error);
    if (host == NULL)
        return false;
    dot = strchr(host, '.');
    lexicon_set_default(lexicon, "mydomain", dot != NULL ? dot + 1 : DEFAULT_DOMAIN);
    domain = take_text(lexicon, "mydomain", error);
    return domain != NULL && check(lexicon, path, "myhostname", host, error) &&
           check(lexicon, path, "mydomain", domain, error);
}
