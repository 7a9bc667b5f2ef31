#ifndef EQMGR_SPOOL_SPOOL_H
#define EQMGR_SPOOL_SPOOL_H

/*
 * spool/spool: the queue directories and the queue files in them (spool.md).
 *
 * All paths are relative to the working directory, which is the queue directory. Calls may block
 * on the disk, each for one file or one bounded piece of a directory. Nothing is logged: a result
 * says what happened and why, and warnings that belong to a file travel with what was read from it.
 * No call loses a message: a failed move leaves the file where it was.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <glib.h>

#include "base/release.h"
#include "codec/envelope.h"
#include "codec/envelope_reader.h"
#include "codec/queue_id.h"

typedef enum SpoolStatus {
    SPOOL_OK = 0,
    SPOOL_END,         /* no more names */
    SPOOL_GONE,        /* the file or directory vanished */
    SPOOL_BUSY,        /* locked by a delivery agent */
    SPOOL_DAMAGED,     /* not a queue file that can be delivered */
    SPOOL_BAD_NAME,    /* not a queue ID; never touched */
    SPOOL_NOT_REGULAR, /* neither file nor hash directory */
    SPOOL_NOT_READY,   /* owner permission is not rwx: being written, or marked corrupt */
    SPOOL_NOT_DUE,     /* its time has not come */
    SPOOL_IO_ERROR,    /* the system refused: see SpoolResult */
} SpoolStatus;

const char *spool_status_str(SpoolStatus status);

typedef struct SpoolResult {
    SpoolStatus status;
    int error; /* the errno that led to the status; 0 if there is none */
} SpoolResult;

/* For a person: the system's text of the error; without one, that of the status. */
const char *spool_result_str(SpoolResult result);

typedef enum SpoolQueue {
    SPOOL_INCOMING,
    SPOOL_ACTIVE,
    SPOOL_DEFERRED,
    SPOOL_CORRUPT,
    SPOOL_BOUNCE,
    SPOOL_DEFER,
    SPOOL_TRACE,
    SPOOL_SAVED,    /* finished files, with dont_remove */
    SPOOL_HOLD,     /* never looked into but for people who ask */
    SPOOL_MAILDROP, /* the same */
    SPOOL_QUEUE_COUNT
} SpoolQueue;

const char *spool_queue_str(SpoolQueue queue); /* the directory's name */

typedef struct Spool Spool;

typedef struct SpoolSettings {
    const char *hash_queue_names; /* separated by commas and white space, case ignored */
    unsigned hash_queue_depth;
    int release; /* RELEASE() of Postfix: details of reading differ */
    const char *verp_delimiter_filter;
    bool round_robin; /* oqmgr does not count recipients: announces what SIZE says, no warning */
} SpoolSettings;

Spool *spool_new(const SpoolSettings *settings) G_GNUC_WARN_UNUSED_RESULT; /* copies */
void spool_free(Spool *spool);

/* The path of a message, e.g. "deferred/1/1ED00B112"; a new string. */
char *spool_path(const Spool *spool, SpoolQueue queue, const char *queue_id);

/* ---- scanning (spool.md 2) ---- */

typedef struct SpoolScan SpoolScan;

/* Opens the directory; SPOOL_IO_ERROR or SPOOL_GONE if that fails. */
SpoolResult spool_scan_open(Spool *spool, SpoolQueue queue,
                            SpoolScan **ret_scan) G_GNUC_WARN_UNUSED_RESULT;

/* Called right before a directory below the queue's own is opened; level 1 is right below it. A
 * name of one character may turn out not to be a directory. */
typedef void SpoolEnterFn(const char *path, unsigned level, void *ctx);
void spool_scan_on_enter(SpoolScan *scan, SpoolEnterFn *on_enter, void *ctx);

/*
 * The next name, depth first, in directory order; borrowed until the next call. A name need not be
 * a queue ID. Names of one character are entered, a little deeper than hash_queue_depth.
 * SPOOL_NOT_REGULAR: a plain file with a name of one character (the name is its path below the
 * queue's directory). SPOOL_GONE, SPOOL_IO_ERROR: a hash directory could not be read (the name is
 * its path). After either, go on with the next name.
 */
SpoolResult spool_scan_next(SpoolScan *scan, const char **ret_name) G_GNUC_WARN_UNUSED_RESULT;
void spool_scan_close(SpoolScan *scan);

typedef struct SpoolFile {
    mode_t mode;
    uid_t uid;
    nlink_t link_count;
    int64_t mtime_s, ctime_s;
} SpoolFile;

/*
 * The tests of spool.md 2, in their order, without the link count. due_by_s: the file's mtime must
 * be <= due_by_s + 1; INT64_MAX ignores time stamps. *ret_file is set unless the file is gone, or
 * cannot be examined, or has a bad name.
 */
SpoolResult spool_check(const Spool *spool, SpoolQueue queue, const char *queue_id,
                        int64_t due_by_s, SpoolFile *ret_file) G_GNUC_WARN_UNUSED_RESULT;

/* ---- moving (spool.md 1.5, 7, 8) ---- */

/*
 * Renames, making missing hash directories. SPOOL_OK also if the file turns out to have moved
 * although rename() failed, as happens on NFS.
 */
SpoolResult spool_move(const Spool *spool, const char *queue_id, SpoolQueue from,
                       SpoolQueue to) G_GNUC_WARN_UNUSED_RESULT;

/* Sets atime and mtime of the file in `from` to when_s. */
SpoolResult spool_set_time(const Spool *spool, SpoolQueue from, const char *queue_id,
                           int64_t when_s) G_GNUC_WARN_UNUSED_RESULT;

/* Unlinks a file of any queue, or a log of bounce, defer or trace. */
SpoolResult spool_remove(const Spool *spool, SpoolQueue queue,
                         const char *queue_id) G_GNUC_WARN_UNUSED_RESULT;

/* Empties a log of bounce or defer. A directory in its place is as good as an empty log. */
SpoolResult spool_empty_log(const Spool *spool, SpoolQueue log,
                            const char *queue_id) G_GNUC_WARN_UNUSED_RESULT;

/* When the file was made; 0 where the file system does not know. */
SpoolResult spool_birth_s(const Spool *spool, SpoolQueue queue, const char *queue_id,
                          int64_t *ret_birth_s) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The size of a log bounce/ID or defer/ID. SPOOL_GONE: there is none. SPOOL_IO_ERROR: there may be
 * one, so the caller must not act as if there were none.
 */
SpoolResult spool_log_size(const Spool *spool, SpoolQueue log, const char *queue_id,
                           int64_t *ret_size_bytes) G_GNUC_WARN_UNUSED_RESULT;

/* ---- one message in active/ (spool.md 3, 5, 6) ---- */

typedef struct SpoolMessage SpoolMessage;

/*
 * Opens active/ID read-write. With `lock`: takes the exclusive lock without waiting (SPOOL_BUSY
 * if an agent has it) and keeps it until spool_message_close(). close-on-exec.
 */
SpoolResult spool_message_open(const Spool *spool, const char *queue_id, bool lock,
                               SpoolMessage **ret_message) G_GNUC_WARN_UNUSED_RESULT;
void spool_message_close(SpoolMessage *message); /* NULL is a no-op */

/* Opens a file of any queue for reading, without lock: for people who ask. */
SpoolResult spool_message_peek(const Spool *spool, SpoolQueue queue, const char *queue_id,
                               SpoolMessage **ret_message) G_GNUC_WARN_UNUSED_RESULT;

/* Whether somebody (an agent) has a lock on the file now; false for a file that is gone. */
bool spool_is_locked(const Spool *spool, SpoolQueue queue, const char *queue_id);

typedef EnvelopeBatch SpoolReading;

/*
 * First reading: fills *envelope (zeroed by the caller) and the first batch of at most
 * recipient_limit recipients. After SPOOL_DAMAGED *envelope has what was read before the damage,
 * for the "(queue active)" line; clear it in any case. Next readings: from envelope->resume_offset,
 * same envelope; on failure the envelope stays as it was. *ret_reading is always set; clear it in
 * any case.
 */
SpoolResult spool_read_first(SpoolMessage *message, int recipient_limit, Envelope *envelope,
                             SpoolReading *ret_reading) G_GNUC_WARN_UNUSED_RESULT;
SpoolResult spool_read_more(SpoolMessage *message, int recipient_limit, Envelope *envelope,
                            SpoolReading *ret_reading) G_GNUC_WARN_UNUSED_RESULT;
void spool_reading_clear(SpoolReading *reading); /* frees remaining recipients too */

/* fchmod of the open file. */
SpoolResult spool_message_chmod(SpoolMessage *message, mode_t mode) G_GNUC_WARN_UNUSED_RESULT;

/*
 * In-place updates by path, without lock (spool.md 6). SPOOL_DAMAGED: the record at the offset is
 * of another kind, so the file is another one or broken; nothing was written.
 */
SpoolResult spool_mark_done(const Spool *spool, const char *queue_id,
                            int64_t recipient_offset) G_GNUC_WARN_UNUSED_RESULT;
/* Whether nothing is left to do for the recipient: its record is marked, or the file is gone. */
bool spool_is_done(const Spool *spool, const char *queue_id, int64_t recipient_offset);
SpoolResult spool_mark_warned(const Spool *spool, const char *queue_id,
                              int64_t warn_offset) G_GNUC_WARN_UNUSED_RESULT;
SpoolResult spool_mark_traced(const Spool *spool, const char *queue_id,
                              int64_t trace_offset) G_GNUC_WARN_UNUSED_RESULT;

#endif
