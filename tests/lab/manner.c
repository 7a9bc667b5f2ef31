#include "tests/lab/manner.h"

#include <string.h>

#define DEFAULT_DSN    "4.4.1"
#define DEFAULT_REASON "lab: no route to destination"

G_DEFINE_QUARK(eqmgr - lab, lab_error)

static const struct {
    const char *word;
    MannerKind kind;
} words_known[] = {
    {"ok",      MANNER_OK     },
    {"fail",    MANNER_FAIL   },
    {"defer",   MANNER_DEFER  },
    {"suspend", MANNER_SUSPEND},
    {"final",   MANNER_FINAL  },
    {"bounce",  MANNER_BOUNCE },
    {"corrupt", MANNER_CORRUPT},
    {"hold",    MANNER_HOLD   },
    {"never",   MANNER_NEVER  },
    {"hangup",  MANNER_HANGUP },
    {"garbage", MANNER_GARBAGE},
    {"short",   MANNER_SHORT  },
    {"early",   MANNER_EARLY  },
    {"deaf",    MANNER_DEAF   },
};

bool manner_parse_duration_ms(const char *text, int64_t *ret_ms)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {
        {"",   1000    },
        {"s",  1000    },
        {"ms", 1       },
        {"m",  60000   },
        {"h",  3600000 },
        {"d",  86400000},
    };
    char *unit;
    int64_t number = g_ascii_strtoll(text, &unit, 10);

    if (unit == text)
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        if (strcmp(unit, units[i].unit) == 0) {
            *ret_ms = number * units[i].ms;
            return true;
        }
    }
    return false;
}

static bool find_word(const char *word, MannerKind *ret_kind)
{
    for (size_t i = 0; i < G_N_ELEMENTS(words_known); i++) {
        if (strcmp(word, words_known[i].word) == 0) {
            *ret_kind = words_known[i].kind;
            return true;
        }
    }
    return false;
}

/* Only DSN codes start with a digit. */
static void parse_status(char *const *words, size_t *at, Manner *manner)
{
    const char *dsn = DEFAULT_DSN, *reason = DEFAULT_REASON;

    if (words[*at] != NULL && (g_ascii_isdigit(words[*at][0]) || words[*at][0] == '\0')) {
        dsn = words[(*at)++];
        if (words[*at] != NULL && strcmp(words[*at], "after") != 0)
            reason = words[(*at)++];
    }
    g_free(manner->dsn);
    g_free(manner->reason);
    manner->dsn = g_strdup(dsn);
    manner->reason = g_strdup(reason);
}

bool manner_parse(char *const *words, size_t *at, Manner *ret_manner, GError **error)
{
    Manner manner = {0};

    if (words[*at] == NULL || !find_word(words[*at], &manner.kind)) {
        g_set_error(error, LAB_ERROR, 0, "no such manner: %s", words[*at] ? words[*at] : "(none)");
        return false;
    }
    (*at)++;
    manner.dsn = g_strdup("");
    manner.reason = g_strdup("");
    if (manner.kind == MANNER_SUSPEND || manner.kind == MANNER_FINAL)
        parse_status(words, at, &manner);
    if (words[*at] != NULL && strcmp(words[*at], "after") == 0) {
        if (words[*at + 1] == NULL || !manner_parse_duration_ms(words[*at + 1], &manner.delay_ms)) {
            g_set_error(error, LAB_ERROR, 0, "\"after\" needs a duration");
            manner_clear(&manner);
            return false;
        }
        *at += 2;
    }
    *ret_manner = manner;
    return true;
}

void manner_clear(Manner *manner)
{
    g_clear_pointer(&manner->dsn, g_free);
    g_clear_pointer(&manner->reason, g_free);
}

Manner manner_copy(const Manner *manner)
{
    Manner copy = *manner;

    copy.dsn = g_strdup(manner->dsn);
    copy.reason = g_strdup(manner->reason);
    return copy;
}

void manner_queue_init(MannerQueue *queue)
{
    queue->manners = g_array_new(FALSE, FALSE, sizeof(Manner));
    queue->next = 0;
}

void manner_queue_clear(MannerQueue *queue)
{
    for (guint i = 0; i < queue->manners->len; i++)
        manner_clear(&g_array_index(queue->manners, Manner, i));
    g_array_unref(queue->manners);
    queue->manners = NULL;
}

void manner_queue_add(MannerQueue *queue, Manner manner)
{
    g_array_append_val(queue->manners, manner);
}

const Manner *manner_queue_peek(const MannerQueue *queue)
{
    if (queue->next == queue->manners->len)
        return NULL;
    return &g_array_index(queue->manners, Manner, queue->next);
}

const Manner *manner_queue_take(MannerQueue *queue)
{
    const Manner *manner = manner_queue_peek(queue);

    if (manner != NULL)
        queue->next++;
    return manner;
}
