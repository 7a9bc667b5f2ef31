#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "src/life/trouble_internal.h"
#include "src/life/unreadable_internal.h"

/*
 * Unreadable: a file that can be neither opened nor read is put back each time, so no lifetime
 * would end it: it has none before its envelope is read. Once it is older than the longest life of
 * a message, and was tried for an hour at least, which a passing trouble does not last, it is for a
 * human.
 */

#define HOPELESS_AFTER_S 3600

/* For want of something that others have just now nothing is said about the file. */
bool unreadable_is_about_the_file(int error)
{
    return error != EMFILE && error != ENFILE && error != ENOMEM && error != EAGAIN;
}

/* A file system that does not know when the file was made makes the trying count alone. */
static bool is_too_old(const Message *message, int64_t tried_s)
{
    const Life *life = message->life;
    int64_t born_s = message->envelope.create_s, age_s = tried_s;

    if (born_s == 0 &&
        spool_birth_s(life->spool, SPOOL_ACTIVE, message->queue_id, &born_s).status != SPOOL_OK)
        born_s = 0;
    if (born_s != 0)
        age_s = MAX(age_s, message->active_s - born_s);
    return age_s >= life->settings.maximal_queue_lifetime_s;
}

WayOut unreadable_way_out(const Message *message, int error)
{
    Life *life = message->life;
    int64_t tried_s;

    if (!unreadable_is_about_the_file(error))
        return LEAVE_PUT_BACK;
    tried_s = trouble_lasts_s(life, TROUBLE_READING, message->queue_id);
    if (tried_s < HOPELESS_AFTER_S || !is_too_old(message, tried_s))
        return LEAVE_PUT_BACK;
    log_warning("%s: cannot be read for %d minutes, and is too old to go on", message->queue_id,
                (int)(tried_s / 60));
    return LEAVE_CORRUPT;
}
