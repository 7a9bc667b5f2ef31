#include <string.h>

#include "codec/control.h"
#include "life/inspect.h"
#include "src/control/discreet_internal.h"
#include "src/control/slowed_list_internal.h"

char *slowed_in_words(const LifeSlowed *slowed, const char *whole_of)
{
    return g_strdup_printf("%s%sslowed to %s by [reply %s]", whole_of != NULL ? whole_of : "",
                           whole_of != NULL ? " is " : "", slowed->amount, slowed->rule);
}

bool slowed_list_init(SlowedList *list, Query *query)
{
    *list = (SlowedList){.slot = 0};
    return listing_init(&list->listing, query);
}

void slowed_list_clear(SlowedList *list)
{
    listing_clear(&list->listing);
}

/* A destination by itself may be that of one user. */
static void put_whom(Query *query, const LifeSlowed *slowed)
{
    Answer *answer = query->answer;

    if (*slowed->transport != '\0')
        answer_str(answer, "transport", slowed->transport);
    if (slowed->kind == LIFE_SLOWED_DESTINATION)
        answer_str(answer, "destination",
                   strchr(slowed->name, '@') != NULL ? discreet_name(query, slowed->name)
                                                     : slowed->name);
    else
        answer_str(answer, "site", slowed->name);
}

static void begin_slowed(Query *query, const void *object)
{
    const LifeSlowed *slowed = object;
    g_autofree char *reason = discreet_text(query, slowed->reason);

    answer_begin(query->answer, CONTROL_ROW_DATA);
    answer_str(query->answer, "object", "slowed");
    put_whom(query, slowed);
    answer_str(query->answer, "state", "slowed");
    answer_str(query->answer, "slowed", slowed->amount);
    answer_str(query->answer, "slowed_by", slowed->rule);
    answer_time(query->answer, "since", slowed->since_s);
    answer_str(query->answer, "why", reason);
}

bool slowed_list_step(SlowedList *list, Query *query, unsigned object_max)
{
    const Life *life = query->subject->life;
    LifeSlowed slowed;

    for (unsigned i = 0; i < object_max && !life_view_slowed_is_end(life, list->slot); i++) {
        if (!life_view_next_slowed(life, &list->slot, 1, &slowed))
            continue;
        listing_offer(&list->listing, query, slowed.since_s, slowed.name, begin_slowed, &slowed);
        g_free(slowed.amount);
    }
    return !life_view_slowed_is_end(life, list->slot);
}
