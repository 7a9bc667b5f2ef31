#ifndef EQMGR_DAEMON_SANDBOX_H
#define EQMGR_DAEMON_SANDBOX_H

/*
 * daemon/sandbox: once everything is open that the daemon needs, it gives up what it will not need
 * any more, so that whoever takes it over by a hostile file or peer has little.
 *
 *  - No new privileges by execve(2), descriptors close-on-exec, no core file and no debugger of the
 *    same user.
 *  - Landlock: files can be opened and changed in the places of the settings only, and TCP and
 *    abstract sockets cannot be used. A file elsewhere is refused with EACCES.
 *  - Seccomp: system calls that eqmgr does not make end the process, after a fatal line with the
 *    name of the call. Calls that are younger than libseccomp fail with ENOSYS, so that the C
 *    library can use an older one in their place.
 *
 * A step that is not possible here (old kernel, built without libseccomp, a container that forbids
 * it) is left out; the others are made. One line of the log says what is in force and what is not.
 */

#include <stdbool.h>
#include <stddef.h>

#include <event2/event.h>

typedef enum SandboxMode {
    SANDBOX_NO,
    SANDBOX_YES,
    /* Calls that would have ended the process are made, and the name of each is logged once; no
     * Landlock. */
    SANDBOX_LOG,
} SandboxMode;

typedef enum SandboxAccess {
    SANDBOX_READ,   /* read files and directories */
    SANDBOX_CHANGE, /* and write, make, rename, link and remove files, and make directories */
} SandboxAccess;

typedef enum SandboxNeed {
    SANDBOX_NEEDED,
    SANDBOX_IF_THERE, /* nothing is lost if it is missing, or closed to the user */
    SANDBOX_IF_LINK,  /* as that; and a place before it covers it unless it is a symbolic link */
} SandboxNeed;

/* A directory with all that is below it, or a file. */
typedef struct SandboxPlace {
    const char *path; /* NULL: it is open as `fd` */
    int fd;
    SandboxAccess access;
    SandboxNeed need;
} SandboxPlace;

typedef struct SandboxSettings {
    SandboxMode mode;
    bool core_dump; /* a core file is written if the process crashes, and it can be debugged */
    const SandboxPlace *places;
    size_t place_count;
} SandboxSettings;

/*
 * For the rest of the life of the process, and of its threads. Call it when no thread runs; after
 * last_words_install(), chroot and the change of the user; after all that needs more than the
 * places, such as looking up a user. `base` is used with SANDBOX_LOG.
 */
void sandbox_enter(const SandboxSettings *settings, struct event_base *base);

#endif
