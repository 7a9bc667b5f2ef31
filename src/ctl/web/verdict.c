/*
 * The verdict, and its reasons as links to where more is said.
 */

#include <string.h>

#include "base/readable.h"
#include "src/ctl/share_internal.h"
#include "src/ctl/text_internal.h"
#include "src/ctl/web/front_internal.h"
#include "src/ctl/web/parts_internal.h"

typedef struct Reason {
    Verdict verdict;
    const char *place; /* on the page */
    char *text;
} Reason;

static void free_reason(gpointer data)
{
    g_free(((Reason *)data)->text);
    g_free(data);
}

/* Takes ownership of the text. */
static void add_reason(GPtrArray *reasons, Reason reason)
{
    Reason *added = g_new(Reason, 1);

    *added = reason;
    g_ptr_array_add(reasons, added);
}

/* What the daemon itself says. Kinds that this program does not know ask for attention. */
static void add_attention(GPtrArray *reasons, const Row *row)
{
    static const struct {
        const char *kind, *place;
        Verdict verdict;
    } kinds[] = {
        {"transport-dead", "stands-still", VERDICT_TROUBLE  },
        {"active-full",    "active",       VERDICT_TROUBLE  },
        {"stuck",          "active",       VERDICT_TROUBLE  },
        {"suspended",      "rules",        VERDICT_ATTENTION},
        {"limited",        "rules",        VERDICT_ATTENTION},
        {"rules-broken",   "rules",        VERDICT_TROUBLE  },
    };
    const char *kind = row_text(row, "kind") ?: "";
    const char *place = "stands-still";
    Verdict verdict = VERDICT_ATTENTION;

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (g_str_equal(kinds[i].kind, kind)) {
            place = kinds[i].place;
            verdict = kinds[i].verdict;
        }
    }
    add_reason(reasons, (Reason){verdict, place, g_strdup(row_text(row, "text") ?: kind)});
}

static void add_throttled(GPtrArray *reasons, const Row *status)
{
    int64_t throttled = part_number(status, "destinations_throttled", 0);
    int64_t all = part_number(status, "destinations", 0);

    if (share_many_throttled(status)) {
        g_autofree char *count = readable_count(throttled), *of = readable_count(all);

        add_reason(reasons,
                   (Reason){VERDICT_ATTENTION, "stands-still",
                            g_strdup_printf("%s of %s destinations are throttled", count, of)});
    }
}

static void add_slow(GPtrArray *reasons, const WebAnswer *connections)
{
    int slow = 0;

    for (guint i = 0; i < connections->rows->len; i++)
        slow += part_number(connections->rows->pdata[i], "slow", 0) != 0 ? 1 : 0;
    if (slow > 0) /* the oldest were asked for: if all of them are, there may be more */
        add_reason(reasons, (Reason){VERDICT_ATTENTION, "connections",
                                     g_strdup_printf(
                                         "slow deliveries: %d%s", slow,
                                         slow == (int)connections->rows->len ? " or more" : "")});
}

static GPtrArray *reasons_of(WebAnswer *const *answers)
{
    GPtrArray *reasons = g_ptr_array_new_with_free_func(free_reason);
    const WebAnswer *status = answers[FRONT_STATUS];
    const Row *row = part_find(status, "status");

    for (guint i = 0; i < status->rows->len; i++)
        if (part_is(status->rows->pdata[i], "attention"))
            add_attention(reasons, status->rows->pdata[i]);
    if (row != NULL)
        add_throttled(reasons, row);
    add_slow(reasons, answers[FRONT_CONNECTIONS]);
    return reasons;
}

static Verdict worst(const GPtrArray *reasons)
{
    Verdict verdict = VERDICT_OK;

    for (guint i = 0; i < reasons->len; i++)
        verdict = MAX(verdict, ((const Reason *)reasons->pdata[i])->verdict);
    return verdict;
}

Verdict front_verdict(WebAnswer *const *answers)
{
    g_autoptr(GPtrArray) reasons = reasons_of(answers);

    return worst(reasons);
}

const char *front_verdict_str(Verdict verdict)
{
    static const char *const names[] = {"OK", "Attention", "Trouble"};

    return names[verdict];
}

void front_put_verdict(Html *html, WebAnswer *const *answers)
{
    static const char *const classes[] = {"ok", "attention", "trouble"};
    static const char *const shapes[] = {"\u2714", "\u25b2", "\u25a0"};
    g_autoptr(GPtrArray) reasons = reasons_of(answers);
    Verdict verdict = worst(reasons);

    html_put(html, "<section class=\"verdict %s\" aria-label=\"Verdict\"><strong>",
             classes[verdict]);
    html_put(html, "<span aria-hidden=\"true\">%s</span> %s</strong>", shapes[verdict],
             front_verdict_str(verdict));
    if (reasons->len == 0)
        html_put(html, "<span>Mail flows; nothing asks for attention.</span>");
    else
        html_put(html, "<ul>");
    for (guint i = 0; i < reasons->len; i++) {
        const Reason *reason = reasons->pdata[i];

        html_put(html, "<li><a href=\"#%s\">%s</a></li>", reason->place, reason->text);
    }
    if (reasons->len > 0)
        html_put(html, "</ul>");
    html_put(html, "</section>");
}
