#include <inttypes.h>
#include <string.h>

#include "src/ctl/text_internal.h"
#include "src/ctl/top/errand_internal.h"

/* Errand: see the header. */

static bool may_change(const char *level)
{
    return level == NULL || g_str_equal(level, "control"); /* NULL: the daemon will say it */
}

bool errand_begin(Errand *errand, bool resumes, const Row *destination, const char *level,
                  char **ret_refusal)
{
    const char *name = destination != NULL ? row_text(destination, "destination") : NULL;
    int64_t rule = destination != NULL ? row_number(destination, "rule", 0) : 0;

    *errand = (Errand){.resumes = resumes};
    if (!may_change(level)) {
        *ret_refusal = g_strdup_printf("to %s needs level control, and you have level %s; root can "
                                       "list you in eqmgr_control_users of eqmgr.cf",
                                       errand_verb(errand), level);
        return false;
    }
    if (!resumes && (name == NULL || strlen(name) > TYPED_MAX)) {
        *ret_refusal = g_strdup("there is no destination to suspend: eqmgrctl suspend takes "
                                "domains and transports, too");
        return false;
    }
    errand->step = resumes ? ERRAND_WHICH_RULE : ERRAND_FOR_HOW_LONG;
    (void)g_strlcpy(errand->name, name != NULL ? name : "", sizeof(errand->name));
    if (resumes && rule > 0)
        (void)g_snprintf(errand->typed, sizeof(errand->typed), "%" PRId64, rule);
    return true;
}

bool errand_is_asking(const Errand *errand)
{
    return errand->step != ERRAND_NONE && errand->step != ERRAND_READY;
}

static void take_duration(Errand *errand)
{
    int64_t duration_s;

    if (!text_parse_duration(errand->typed, 1, &duration_s) || duration_s <= 0) {
        errand->fault = "a time, please, such as 30m, 6h or 2d";
        return;
    }
    (void)g_snprintf(errand->duration, sizeof(errand->duration), "%" PRId64, duration_s);
    errand->typed[0] = '\0';
    errand->step = ERRAND_WHY;
}

static void take_answer(Errand *errand)
{
    if (errand->step == ERRAND_FOR_HOW_LONG)
        take_duration(errand);
    else if (errand->typed[0] == '\0')
        errand->fault = errand->step == ERRAND_WHY
                            ? "a reason, please: who finds the mail wants to know"
                            : "a number, please, as eqmgrctl rules shows it, or a domain";
    else
        errand->step = ERRAND_READY;
}

void errand_take_key(Errand *errand, int key)
{
    errand->fault = NULL;
    if (key == TYPED_ESCAPE)
        errand->step = ERRAND_NONE;
    else if (typed_is_end(key))
        take_answer(errand);
    else
        typed_take_key(errand->typed, key, errand->step == ERRAND_WHY);
}

static const char *question(const Errand *errand)
{
    switch (errand->step) {
    case ERRAND_FOR_HOW_LONG:
        return "for how long (30m, 6h, 2d)";
    case ERRAND_WHY:
        return "why (senders see it in notices)";
    case ERRAND_WHICH_RULE:
        return "which rule (number or domain)";
    case ERRAND_NONE:
    case ERRAND_READY:
        break;
    }
    return "";
}

/* The last line of the screen is cut at its right: what is typed comes first. */
char *errand_question(const Errand *errand)
{
    g_autofree char *name = text_printable(errand->name);

    return g_strdup_printf("%s%s%s: %s: %s_   %s", errand_verb(errand), errand->resumes ? "" : " ",
                           errand->resumes ? "" : name, question(errand), errand->typed,
                           errand->fault != NULL ? errand->fault
                                                 : "Enter: take it   Esc: leave it");
}

const char *errand_verb(const Errand *errand)
{
    return errand->resumes ? "resume" : "suspend";
}

static void errand_put(GPtrArray *arguments, const char *name, const char *value)
{
    g_ptr_array_add(arguments, g_strdup(name));
    g_ptr_array_add(arguments, g_strdup(value));
}

GStrv errand_arguments(const Errand *errand)
{
    GPtrArray *arguments = g_ptr_array_new();

    if (errand->resumes) {
        errand_put(arguments, "what", errand->typed);
    } else {
        errand_put(arguments, "what", "destination");
        errand_put(arguments, "name", errand->name);
        errand_put(arguments, "for", errand->duration);
        errand_put(arguments, "reason", errand->typed);
    }
    g_ptr_array_add(arguments, NULL);
    return (GStrv)(void *)g_ptr_array_free(arguments, FALSE);
}
