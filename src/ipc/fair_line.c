#include <string.h>

#include "src/ipc/fair_line_internal.h"

struct Lane {
    TAILQ_ENTRY(Lane) turn, fresh;
    bool is_fresh;
    TAILQ_HEAD(, LaneLink) waiting;
    char *domain; /* folded */
};

static char *lane_domain(const char *address)
{
    const char *at = strrchr(address, '@');

    return g_ascii_strdown(at != NULL ? at + 1 : "", -1);
}

static void lane_free(gpointer data)
{
    Lane *lane = data;

    g_free(lane->domain);
    g_free(lane);
}

void fair_line_init(FairLine *line)
{
    *line = (FairLine){.lanes = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, lane_free)};
    TAILQ_INIT(&line->turns);
    TAILQ_INIT(&line->fresh);
}

void fair_line_clear(FairLine *line)
{
    g_clear_pointer(&line->lanes, g_hash_table_unref);
}

static Lane *get_lane(FairLine *line, const char *address)
{
    g_autofree char *domain = lane_domain(address);
    Lane *lane = g_hash_table_lookup(line->lanes, domain);

    if (lane != NULL)
        return lane;
    lane = g_new(Lane, 1);
    lane->domain = g_steal_pointer(&domain);
    TAILQ_INIT(&lane->waiting);
    TAILQ_INSERT_TAIL(&line->turns, lane, turn);
    lane->is_fresh = true;
    TAILQ_INSERT_TAIL(&line->fresh, lane, fresh);
    (void)g_hash_table_insert(line->lanes, lane->domain, lane);
    return lane;
}

void fair_line_append(FairLine *line, LaneLink *waiting, const char *address)
{
    g_assert(waiting->lane == NULL);
    waiting->lane = get_lane(line, address);
    TAILQ_INSERT_TAIL(&waiting->lane->waiting, waiting, link);
    line->count++;
}

static void grow_old(FairLine *line, Lane *lane)
{
    if (lane->is_fresh)
        TAILQ_REMOVE(&line->fresh, lane, fresh);
    lane->is_fresh = false;
}

static void make_next(FairLine *line, Lane *lane)
{
    TAILQ_REMOVE(&line->turns, lane, turn);
    TAILQ_INSERT_HEAD(&line->turns, lane, turn);
    line->newest_is_next = false;
}

void fair_line_put_back(FairLine *line, LaneLink *waiting, const char *address)
{
    Lane *lane = get_lane(line, address);

    g_assert(waiting->lane == NULL);
    waiting->lane = lane;
    TAILQ_INSERT_HEAD(&lane->waiting, waiting, link);
    grow_old(line, lane);
    make_next(line, lane);
    line->count++;
}

LaneLink *fair_line_first(const FairLine *line)
{
    Lane *lane = line->newest_is_next ? TAILQ_LAST(&line->fresh, LaneList) : NULL;

    if (lane == NULL)
        lane = TAILQ_FIRST(&line->turns);
    return lane == NULL ? NULL : TAILQ_FIRST(&lane->waiting);
}

void fair_line_remove(FairLine *line, LaneLink *waiting)
{
    Lane *lane = g_steal_pointer(&waiting->lane);

    TAILQ_REMOVE(&lane->waiting, waiting, link);
    TAILQ_REMOVE(&line->turns, lane, turn);
    grow_old(line, lane);
    line->newest_is_next = !line->newest_is_next;
    line->count--;
    if (TAILQ_EMPTY(&lane->waiting))
        (void)g_hash_table_remove(line->lanes, lane->domain);
    else
        TAILQ_INSERT_TAIL(&line->turns, lane, turn);
}
