#include "base/check.h"
#include "src/life/tried_internal.h"

/* Tried: see the header. */

void tried_note(Message *message)
{
    if (!message->was_tried)
        message->life->tried_count++;
    message->was_tried = true;
}

void tried_forget(Message *message)
{
    g_assert(!message->was_tried || message->life->tried_count > 0);
    message->life->tried_count -= message->was_tried;
    message->was_tried = false;
}

/* However small the active queue is, one of them may be in it. */
static int64_t most(const LifeSettings *settings)
{
    int64_t limit = settings->message_active_limit;

    return MAX(limit * (100 - settings->new_mail_reserve_percent) / 100, 1);
}

bool tried_has_room(const Life *life)
{
    return life->settings.new_mail_reserve_percent == 0 ||
           (int64_t)life->tried_count < most(&life->settings);
}

void tried_check(const Life *life)
{
    CHECK(life->tried_count <= sched_message_count(life->sched));
}
