#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "src/life/life_internal.h"

/*
 * Recheck: a file that can be neither opened nor read is put back each time, so no lifetime would
 * end it: it has none before its envelope is read. Once it is older than the longest life of a
 * message, and was tried for an hour at least, which a passing trouble does not last, it is for a
 * human.
 */

#define HOPELESS_AFTER_S 3600

/* What is not tried again this long after its last failure was taken in, or is gone. */
#define FORGET_AFTER_S (3 * RECHECK_S)

typedef struct Unreadable {
    int64_t first_s, last_s; /* by timer_s: when it failed */
} Unreadable;

/* For want of something that others have just now nothing is said about the file. */
bool recheck_is_about_the_file(int error)
{
    return error != EMFILE && error != ENFILE && error != ENOMEM && error != EAGAIN;
}

static gboolean is_forgotten(gpointer key, gpointer value, gpointer now_s)
{
    (void)key;
    return ((Unreadable *)value)->last_s + FORGET_AFTER_S < *(int64_t *)now_s;
}

/* Not for each of many files. */
static void forget_old(Recheck *recheck, int64_t now_s)
{
    if (now_s < recheck->forgot_s + RECHECK_S)
        return;
    recheck->forgot_s = now_s;
    (void)g_hash_table_foreach_remove(recheck->unreadable, is_forgotten, &now_s);
}

static const Unreadable *note(Life *life, const char *queue_id)
{
    int64_t now_s = life_now(life)->timer_s;
    GHashTable *all = life->recheck.unreadable;
    Unreadable *file;

    forget_old(&life->recheck, now_s);
    file = g_hash_table_lookup(all, queue_id);
    if (file == NULL) {
        file = g_new(Unreadable, 1);
        file->first_s = now_s;
        (void)g_hash_table_insert(all, g_strdup(queue_id), file);
    }
    file->last_s = now_s;
    return file;
}

/* A file system that does not know when the file was made makes the trying count alone. */
static bool is_too_old(const Message *message, int64_t tried_s)
{
    const Life *life = message->life;
    int64_t born_s = message->envelope.create_s, age_s = tried_s;

    if (born_s == 0 &&
        spool_birth_s(life->spool, SPOOL_ACTIVE, message->queue_id, &born_s) != SPOOL_OK)
        born_s = 0;
    if (born_s != 0)
        age_s = MAX(age_s, message->active_s - born_s);
    return age_s >= life->settings.maximal_queue_lifetime_s;
}

WayOut recheck_way_out(const Message *message, int error)
{
    Life *life = message->life;
    const Unreadable *file;
    int64_t tried_s;

    if (!recheck_is_about_the_file(error))
        return LEAVE_PUT_BACK;
    file = note(life, message->queue_id);
    tried_s = file->last_s - file->first_s;
    if (tried_s < HOPELESS_AFTER_S || !is_too_old(message, tried_s))
        return LEAVE_PUT_BACK;
    log_warning("%s: cannot be read for %d minutes, and is too old to go on", message->queue_id,
                (int)(tried_s / 60));
    (void)g_hash_table_remove(life->recheck.unreadable, message->queue_id);
    return LEAVE_CORRUPT;
}

void recheck_init(Life *life)
{
    life->recheck.unreadable = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

void recheck_stop(Life *life)
{
    g_hash_table_unref(life->recheck.unreadable);
}
