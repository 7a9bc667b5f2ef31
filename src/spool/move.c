#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool_internal.h"

/*
 * Moving: one rename(2). Hash directories are made only after it has failed, since they are nearly
 * always there.
 */

#define DIRECTORY_MODE 0700

/* A new directory gets the group of the process even if its parent hands down another one. */
static bool make_directory(const char *path)
{
    struct stat st;

    if (AGAIN(mkdir(path, DIRECTORY_MODE)) < 0)
        return errno == EEXIST;
    if (stat(path, &st) == 0 && st.st_gid != getegid())
        return chown(path, (uid_t)-1, getegid()) == 0;
    return true;
}

/* Makes what is missing between the queue's own directory and the file. */
static bool make_hash_directories(char *path)
{
    char *slash = strchr(path, '/');
    bool made = true;

    g_assert(slash != NULL);
    while (made && (slash = strchr(slash + 1, '/')) != NULL) {
        *slash = '\0';
        made = make_directory(path);
        *slash = '/';
    }
    return made;
}

/* When the answer is lost on the network, rename() fails although it was done (spool.md 1.5). */
static bool is_done_nevertheless(const char *from, const char *to)
{
    struct stat st;
    bool is_missing = AGAIN(lstat(from, &st)) < 0 && errno == ENOENT;

    return is_missing && AGAIN(lstat(to, &st)) == 0;
}

SpoolResult spool_move(const Spool *spool, const char *queue_id, SpoolQueue from, SpoolQueue to)
{
    g_autofree char *from_path = spool_path(spool, from, queue_id);
    g_autofree char *to_path = spool_path(spool, to, queue_id);

    if (AGAIN(rename(from_path, to_path)) == 0 || is_done_nevertheless(from_path, to_path))
        return spool_plain(SPOOL_OK);
    if (make_hash_directories(to_path) && AGAIN(rename(from_path, to_path)) == 0)
        return spool_plain(SPOOL_OK);
    return spool_failure();
}
