#include <string.h>

#include "src/ipc/fair_line_internal.h"

/*
 * The fair line: a lane for each recipient domain. A lane is in the lists of turns only while it
 * has a query that may be served, so the next one is found without a search; update() keeps that
 * true.
 */

typedef TAILQ_HEAD(LinkList, LaneLink) LinkList;

struct Lane {
    TAILQ_ENTRY(Lane) turn, fresh, lost_turn;
    bool has_turn, is_fresh, has_lost_turn;
    bool is_quick;    /* so was the last answer */
    bool is_troubled; /* one was lost since then */
    LinkList places[LANE_PLACE_COUNT];
    guint member_count, out_count, new_out_count;
    unsigned answer_count;
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

void fair_line_init(FairLine *line, guint share)
{
    *line = (FairLine){.lanes = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, lane_free),
                       .share = share};
    TAILQ_INIT(&line->turns);
    TAILQ_INIT(&line->fresh);
    TAILQ_INIT(&line->lost_turns);
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
    lane = g_new0(Lane, 1);
    lane->domain = g_steal_pointer(&domain);
    for (int place = 0; place < LANE_PLACE_COUNT; place++)
        TAILQ_INIT(&lane->places[place]);
    lane->is_fresh = true;
    TAILQ_INSERT_TAIL(&line->fresh, lane, fresh);
    (void)g_hash_table_insert(line->lanes, lane->domain, lane);
    return lane;
}

static void grow_old(FairLine *line, Lane *lane)
{
    if (lane->is_fresh)
        TAILQ_REMOVE(&line->fresh, lane, fresh);
    lane->is_fresh = false;
}

/* The list of queries that are out begins with the oldest. */
static bool has_room(const FairLine *line, const Lane *lane, int64_t now_ms)
{
    const LaneLink *oldest = TAILQ_FIRST(&lane->places[LANE_OUT]);

    return lane->out_count < line->share ||
           (lane->is_quick && now_ms - oldest->taken_ms < FAIR_LINE_QUICK_MS);
}

/* After a lost query, one new query at a time tries whether there are answers. */
static bool has_room_for_new(const FairLine *line, const Lane *lane, int64_t now_ms)
{
    return has_room(line, lane, now_ms) && (!lane->is_troubled || lane->new_out_count == 0);
}

static void set_turn(FairLine *line, Lane *lane, bool has_turn)
{
    if (has_turn && !lane->has_turn)
        TAILQ_INSERT_TAIL(&line->turns, lane, turn);
    else if (!has_turn && lane->has_turn)
        TAILQ_REMOVE(&line->turns, lane, turn);
    lane->has_turn = has_turn;
}

static void set_lost_turn(FairLine *line, Lane *lane, bool has_turn)
{
    if (has_turn && !lane->has_lost_turn)
        TAILQ_INSERT_TAIL(&line->lost_turns, lane, lost_turn);
    else if (!has_turn && lane->has_lost_turn)
        TAILQ_REMOVE(&line->lost_turns, lane, lost_turn);
    lane->has_lost_turn = has_turn;
}

/* Call it after every change of the lane; it frees an empty lane. */
static void update(FairLine *line, Lane *lane, int64_t now_ms)
{
    bool room = has_room(line, lane, now_ms);

    set_turn(line, lane,
             has_room_for_new(line, lane, now_ms) && !TAILQ_EMPTY(&lane->places[LANE_NEW]));
    set_lost_turn(line, lane, room && !TAILQ_EMPTY(&lane->places[LANE_LOST]));
    if (lane->member_count > 0)
        return;
    grow_old(line, lane);
    (void)g_hash_table_remove(line->lanes, lane->domain);
}

static bool waits(const LaneLink *query)
{
    return query->place == LANE_NEW || query->place == LANE_LOST;
}

/* Keeps the counts of where queries are. */
static void count_place(FairLine *line, const LaneLink *query, int change)
{
    if (waits(query))
        line->count += (guint)change;
    if (query->place != LANE_OUT)
        return;
    query->lane->out_count += (guint)change;
    if (query->was_lost)
        line->lost_out_count += (guint)change;
    else
        query->lane->new_out_count += (guint)change;
}

static void come(FairLine *line, LaneLink *query, LanePlace place)
{
    LinkList *list = &query->lane->places[place];

    query->place = place;
    count_place(line, query, 1);
    TAILQ_INSERT_TAIL(list, query, link);
}

static void go(FairLine *line, LaneLink *query)
{
    count_place(line, query, -1);
    TAILQ_REMOVE(&query->lane->places[query->place], query, link);
}

void fair_line_enter(FairLine *line, LaneLink *query, const char *address, int64_t now_ms)
{
    *query = (LaneLink){.lane = get_lane(line, address)};
    query->lane->member_count++;
    come(line, query, LANE_NEW);
    update(line, query->lane, now_ms);
}

/* The first of `lanes` that still has room; a quick one may have become slow. */
static Lane *first_with_room(FairLine *line, struct LaneList *lanes, int64_t now_ms)
{
    Lane *lane;

    while ((lane = TAILQ_FIRST(lanes)) != NULL && !has_room(line, lane, now_ms))
        update(line, lane, now_ms);
    return lane;
}

static LaneLink *first_lost(FairLine *line, int64_t now_ms)
{
    Lane *lane = line->lost_out_count < line->share
                     ? first_with_room(line, &line->lost_turns, now_ms)
                     : NULL;

    return lane == NULL ? NULL : TAILQ_FIRST(&lane->places[LANE_LOST]);
}

/* A fresh lane has nothing out, so it has room. */
static LaneLink *first_new(FairLine *line, int64_t now_ms)
{
    Lane *lane = line->newest_is_next ? TAILQ_LAST(&line->fresh, LaneList) : NULL;

    if (lane == NULL)
        lane = first_with_room(line, &line->turns, now_ms);
    return lane == NULL ? NULL : TAILQ_FIRST(&lane->places[LANE_NEW]);
}

LaneLink *fair_line_first(FairLine *line, int64_t now_ms)
{
    LaneLink *lost = first_lost(line, now_ms);
    LaneLink *new = lost == NULL || line->lost_was_last ? first_new(line, now_ms) : NULL;

    return new != NULL ? new : lost;
}

/* A lost one does not count as its lane's turn. */
static void lane_end_turn(FairLine *line, LaneLink *query)
{
    line->lost_was_last = query->was_lost;
    if (query->was_lost)
        return;
    query->answers_then = query->lane->answer_count;
    line->newest_is_next = !line->newest_is_next;
    set_turn(line, query->lane, false);
}

void fair_line_take(FairLine *line, LaneLink *query, int64_t now_ms)
{
    g_assert(waits(query));
    go(line, query);
    lane_end_turn(line, query);
    grow_old(line, query->lane);
    query->taken_ms = now_ms;
    come(line, query, LANE_OUT);
    update(line, query->lane, now_ms);
}

void fair_line_rest(FairLine *line, LaneLink *query, int64_t now_ms)
{
    g_assert(query->place == LANE_OUT);
    go(line, query);
    query->was_lost = true;
    query->lane->is_quick = false;
    query->lane->is_troubled = true;
    come(line, query, LANE_RESTING);
    update(line, query->lane, now_ms);
}

void fair_line_return(FairLine *line, LaneLink *query, int64_t now_ms)
{
    g_assert(query->place == LANE_RESTING);
    go(line, query);
    come(line, query, LANE_LOST);
    update(line, query->lane, now_ms);
}

void fair_line_leave(FairLine *line, LaneLink *query, int64_t now_ms)
{
    Lane *lane = query->lane;

    go(line, query);
    query->lane = NULL;
    lane->member_count--;
    update(line, lane, now_ms);
}

void fair_line_note_answer(LaneLink *query, int64_t now_ms)
{
    g_assert(query->place == LANE_OUT);
    query->lane->answer_count++;
    query->lane->is_troubled = false;
    query->lane->is_quick = now_ms - query->taken_ms < FAIR_LINE_QUICK_MS;
}

bool fair_line_is_mute(const LaneLink *query)
{
    return query->lane->answer_count == query->answers_then;
}

LaneLink *fair_line_neighbour(const LaneLink *query)
{
    static const LanePlace places[] = {LANE_NEW, LANE_LOST, LANE_RESTING};
    LaneLink *found = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(places) && found == NULL; i++)
        found = TAILQ_FIRST(&query->lane->places[places[i]]);
    return found;
}
