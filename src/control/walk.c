#include "life/inspect.h"
#include "src/control/walk_internal.h"

bool walk_step(const Walk *walk, Query *query, uint32_t *slot, unsigned object_max)
{
    for (; object_max > 0 && !walk->is_end(query, *slot); object_max--)
        walk->visit(query, slot);
    return !walk->is_end(query, *slot);
}

bool walk_is_end_of_messages(const Query *query, uint32_t slot)
{
    return life_view_is_end(query->subject->life, slot);
}

bool walk_is_end_of_due(const Query *query, uint32_t slot)
{
    return life_view_due_is_end(query->subject->life, slot);
}
