#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "src/life/trouble_internal.h"
#include "src/life/unreadable_internal.h"

/*
 * Unreadable: a file that can be neither opened nor read is put back each time. No lifetime ends
 * that, since the lifetime is known only after the envelope is read. So a file is set aside for a
 * person to look at when it is older than any message may become and was tried for an hour at
 * least, longer than passing trouble lasts.
 */

#define HOPELESS_AFTER_S 3600

/* Errors that come from a shortage in the system say nothing about the file. */
bool unreadable_is_about_the_file(int error)
{
    return error != EMFILE && error != ENFILE && error != ENOMEM && error != EAGAIN;
}

/* If the file system does not know when the file was made, only the time of trying counts. */
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
