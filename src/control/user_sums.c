/* Users of a transport as one destination. */

#include "base/readable.h"
#include "codec/control.h"
#include "life/inspect.h"
#include "src/control/discreet_internal.h"
#include "src/control/rows_internal.h"
#include "src/control/user_sums_internal.h"

static void free_sum(gpointer data)
{
    UserSum *sum = data;

    g_free(sum->transport);
    g_free(sum);
}

void user_sums_clear(UserSums *sums)
{
    g_clear_pointer(&sums->by_transport, g_hash_table_destroy);
}

static UserSum *sum_of_users(UserSums *sums, const char *transport)
{
    UserSum *sum;

    if (sums->by_transport == NULL)
        sums->by_transport = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_sum);
    sum = g_hash_table_lookup(sums->by_transport, transport);
    if (sum == NULL) {
        sum = g_new0(UserSum, 1);
        sum->transport = g_strdup(transport);
        (void)g_hash_table_insert(sums->by_transport, sum->transport, sum);
    }
    return sum;
}

static void add_to_sum(UserSum *sum, const Query *query, const SchedDestinationView *user)
{
    int64_t until_wall_s = rows_until_wall_s(query, user);
    bool is_suspended = rows_rule(query, user) != NULL;

    sum->user_count++;
    sum->states[user->state]++;
    sum->suspended_count += is_suspended;
    sum->draining_count += is_suspended && user->running_count > 0;
    sum->is_blocked = sum->is_blocked || user->is_blocked;
    sum->running_count += user->running_count;
    sum->waiting_count += user->waiting_count;
    sum->deferred_count += life_deferred_for(query->subject->life, user->transport, user->name);
    if (until_wall_s != 0 && (sum->until_wall_s == 0 || until_wall_s < sum->until_wall_s))
        sum->until_wall_s = until_wall_s;
    sum->last_success_wall_s = MAX(sum->last_success_wall_s, user->last_success_wall_s);
    sum->deliveries_done += user->done_count;
    sum->deliveries_deferred += user->deferred_count;
}

bool user_sums_take(UserSums *sums, const Query *query, const SchedDestinationView *destination)
{
    if (!destination->is_user || query->level >= CONTROL_LEVEL_VIEW)
        return false;
    add_to_sum(sum_of_users(sums, destination->transport), query, destination);
    return true;
}

void user_sums_foreach(const UserSums *sums, void (*each)(const UserSum *sum, void *ctx), void *ctx)
{
    GHashTableIter iter;
    gpointer sum;

    if (sums->by_transport == NULL)
        return;
    g_hash_table_iter_init(&iter, sums->by_transport);
    while (g_hash_table_iter_next(&iter, NULL, &sum))
        each(sum, ctx);
}

/* "suspended,throttled,ready" and "2 users: 1 suspended, 1 throttled, 1 ready"; states coincide. */
static void describe_states(const UserSum *sum, GString *states, GString *words)
{
    g_autofree char *users = readable_counted(sum->user_count, "user", "users");
    const struct {
        int64_t count;
        const char *name;
    } held[] = {
        {sum->suspended_count, "suspended"},
        {sum->draining_count,  "draining" }
    };

    g_string_append(words, users);
    for (size_t i = 0; i < G_N_ELEMENTS(held) + SCHED_STATE_COUNT; i++) {
        bool is_held = i < G_N_ELEMENTS(held);
        size_t state = i - G_N_ELEMENTS(held);
        const char *name = is_held ? held[i].name : sched_state_str((SchedState)state);
        int64_t count = is_held ? held[i].count : sum->states[state];

        if (count == 0)
            continue;
        g_string_append_printf(words, "%s %" G_GINT64_FORMAT " %s", states->len == 0 ? ":" : ",",
                               count, name);
        g_string_append_printf(states, "%s%s", states->len == 0 ? "" : ",", name);
    }
    if (sum->is_blocked)
        g_string_append(states, ",blocked");
}

void row_of_user_sum(Query *query, const UserSum *sum)
{
    Answer *answer = query->answer;
    g_autoptr(GString) states = g_string_new(NULL), words = g_string_new(NULL);

    describe_states(sum, states, words);
    answer_begin(answer, CONTROL_ROW_DATA);
    answer_str(answer, "object", "destination");
    answer_str(answer, "transport", sum->transport);
    answer_str(answer, "destination", discreet_name(query, "@"));
    answer_int(answer, "users", sum->user_count);
    answer_str(answer, "state", states->str);
    answer_int(answer, "running", sum->running_count);
    answer_int(answer, "waiting", sum->waiting_count);
    answer_int(answer, "deferred", sum->deferred_count);
    answer_int(answer, "deliveries_done", (int64_t)sum->deliveries_done);
    answer_int(answer, "deliveries_deferred", (int64_t)sum->deliveries_deferred);
    answer_time(answer, "last_success", sum->last_success_wall_s);
    answer_time(answer, "until", sum->until_wall_s);
    answer_str(answer, "why", words->str);
}
