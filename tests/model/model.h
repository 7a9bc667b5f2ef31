#ifndef EQMGR_TESTS_MODEL_MODEL_H
#define EQMGR_TESTS_MODEL_MODEL_H

/*
 * tests/model: the rules of src/sched over plain walks instead of its indexes (index.c). Slow and
 * obviously right; what the indexed core decides is compared with it.
 *
 * Same interface as sched/sched.h under the names model_…; its objects have the same (opaque) types
 * and must be given to functions of the model only.
 */

#include "sched/sched.h"

/* Every function of sched/sched.h, without its prefix. */
#define SCHED_FUNCTIONS(X)   \
    X(batch_assign)          \
    X(batch_begin)           \
    X(batch_drop)            \
    X(batch_end)             \
    X(batch_failed)          \
    X(batch_limit)           \
    X(check)                 \
    X(connection_failed)     \
    X(connection_ready)      \
    X(destination_get)       \
    X(destination_is_dead)   \
    X(destination_limit)     \
    X(destination_name)      \
    X(destination_nexthop)   \
    X(destination_revive)    \
    X(destination_share)     \
    X(destination_transport) \
    X(entry_destination)     \
    X(entry_discard)         \
    X(entry_finish)          \
    X(entry_give_back)       \
    X(entry_message)         \
    X(entry_recipient_count) \
    X(entry_recipients)      \
    X(entry_session_flags)   \
    X(entry_was_for)         \
    X(flush)                 \
    X(free)                  \
    X(message_add)           \
    X(message_count)         \
    X(message_outstanding)   \
    X(message_owner)         \
    X(message_remove)        \
    X(new)                   \
    X(next_connection)       \
    X(next_pace_us)          \
    X(next_timer_s)          \
    X(recipient_count)       \
    X(retry_transport)       \
    X(run_timers)            \
    X(select)                \
    X(pop_notice)            \
    X(pop_undeliverable)     \
    X(transport_add)         \
    X(transport_find)        \
    X(transport_is_dead)     \
    X(transport_name)        \
    X(transport_params)      \
    X(transport_revive)      \
    X(wants_refill)

#define X(name) extern __typeof__(sched_##name) model_##name;
SCHED_FUNCTIONS(X)
#undef X

#endif
