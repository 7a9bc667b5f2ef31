/*
 * deferred: how many deferred messages wait for each destination, were deferred with each status,
 * or both; most first. Below level view all users of a transport are one row.
 */

#include <string.h>

#include "codec/control.h"
#include "src/control/discreet_internal.h"
#include "src/control/listing_internal.h"
#include "src/control/rows_internal.h"
#include "src/control/verbs_internal.h"
#include "src/control/walk_internal.h"

typedef struct Deferred {
    Listing listing;
    uint32_t slot;
    DeferredGrouping grouping;
    bool with_internal;
    GHashTable *users; /* hidden ones: counts by transport, and status if that is asked for */
} Deferred;

static bool parse_grouping(Deferred *deferred, Query *query)
{
    static const struct {
        const char *name;
        DeferredGrouping grouping;
    } names[] = {
        {"destination",        DEFERRED_BY_DESTINATION           },
        {"reason",             DEFERRED_BY_STATUS                },
        {"destination,reason", DEFERRED_BY_DESTINATION_AND_STATUS},
        {"reason,destination", DEFERRED_BY_DESTINATION_AND_STATUS},
    };
    const char *by = request_text(&query->request, "by");

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (by == NULL || g_str_equal(by, names[i].name)) {
            deferred->grouping = names[i].grouping;
            return true;
        }
    }
    answer_error(query->answer, CONTROL_ERROR_USAGE,
                 "cannot group by %s (destination, reason, or both with a comma)", by);
    return false;
}

bool deferred_begin(Query *query)
{
    Deferred *deferred = g_new0(Deferred, 1);

    query->state = deferred;
    life_learn_deferred(query->subject->life);
    deferred->with_internal = request_text(&query->request, "internal") != NULL;
    deferred->users = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return listing_init(&deferred->listing, query) && parse_grouping(deferred, query);
}

/* A row to be, under the name that this client may see. */
typedef struct DeferredRow {
    const DeferredCause *cause;
    const char *name;
    uint32_t count;
} DeferredRow;

static void begin_deferred(Query *query, const void *object)
{
    const DeferredRow *row = object;
    const DeferredCause *cause = row->cause;
    Answer *answer = query->answer;
    g_autofree char *reason = discreet_text(query, cause->reason);

    answer_begin(answer, CONTROL_ROW_DATA);
    answer_str(answer, "object", "deferred");
    answer_str(answer, "transport", cause->transport);
    answer_str(answer, "destination", row->name);
    answer_int(answer, "count", row->count);
    answer_str(answer, "status", cause->status);
    answer_str(answer, "reason", reason);
}

static bool is_hidden_user(const Query *query, const DeferredCause *cause)
{
    return cause->is_user && query->level < CONTROL_LEVEL_VIEW;
}

static char *row_name(const DeferredCause *cause)
{
    return g_strdup_printf("%s %s %s", cause->destination != NULL ? cause->destination : "",
                           cause->transport != NULL ? cause->transport : "",
                           cause->status != NULL ? cause->status : "");
}

/* The key of a row of users is "TRANSPORT STATUS". */
static void count_user(const Deferred *deferred, const DeferredView *view)
{
    bool by_status = deferred->grouping == DEFERRED_BY_DESTINATION_AND_STATUS;
    g_autofree char *key =
        g_strconcat(view->cause.transport, " ",
                    by_status && view->cause.status != NULL ? view->cause.status : "", NULL);
    uint32_t *count = g_hash_table_lookup(deferred->users, key);

    if (count == NULL) {
        count = g_new0(uint32_t, 1);
        (void)g_hash_table_insert(deferred->users, g_steal_pointer(&key), count);
    }
    *count += view->count;
}

static void add_row(Deferred *deferred, Query *query, const DeferredCause *cause, const char *name,
                    uint32_t count)
{
    const DeferredRow row = {cause, name, count};
    g_autofree char *key = row_name(cause);

    listing_offer(&deferred->listing, query, count, key, begin_deferred, &row);
}

static bool cause_belongs(const Deferred *deferred, const Query *query, const DeferredCause *cause)
{
    bool is_internal = cause->transport != NULL && (g_str_equal(cause->transport, "retry") ||
                                                    g_str_equal(cause->transport, "error"));

    return (deferred->with_internal || !is_internal) &&
           discreet_matches(query, request_text(&query->request, "pattern"),
                            cause->destination != NULL ? cause->destination : "", cause->is_user);
}

static void look_at_cause(Deferred *deferred, Query *query, const DeferredView *view)
{
    if (!cause_belongs(deferred, query, &view->cause))
        return;
    if (is_hidden_user(query, &view->cause))
        count_user(deferred, view);
    else
        add_row(deferred, query, &view->cause, view->cause.destination, view->count);
}

static void add_users(Deferred *deferred, Query *query)
{
    GHashTableIter iter;
    gpointer key, count;

    g_hash_table_iter_init(&iter, deferred->users);
    while (g_hash_table_iter_next(&iter, &key, &count)) {
        g_auto(GStrv) words = g_strsplit(key, " ", 2);
        const DeferredCause cause = {.transport = words[0],
                                     .destination = "@",
                                     .status = *words[1] != '\0' ? words[1] : NULL};

        add_row(deferred, query, &cause, discreet_name(query, "@"), *(uint32_t *)count);
    }
}

static void visit_cause(Query *query, uint32_t *slot)
{
    Deferred *deferred = query->state;
    DeferredView view;

    if (life_view_next_cause(query->subject->life, deferred->grouping, slot, 1, &view))
        look_at_cause(deferred, query, &view);
}

static bool is_end_of_causes(const Query *query, uint32_t slot)
{
    const Deferred *deferred = query->state;

    return life_view_cause_is_end(query->subject->life, deferred->grouping, slot);
}

bool deferred_step(Query *query, unsigned object_max)
{
    static const Walk walk = {visit_cause, is_end_of_causes};
    Deferred *deferred = query->state;

    if (walk_step(&walk, query, &deferred->slot, object_max))
        return true;
    add_users(deferred, query);
    listing_end_with_coverage(&deferred->listing, query, NULL);
    return false;
}

void deferred_end(Query *query)
{
    Deferred *deferred = query->state;

    if (deferred == NULL)
        return;
    listing_clear(&deferred->listing);
    g_hash_table_destroy(deferred->users);
    g_clear_pointer(&query->state, g_free);
}
