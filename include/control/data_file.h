#ifndef EQMGR_CONTROL_DATA_FILE_H
#define EQMGR_CONTROL_DATA_FILE_H

/*
 * control/data_file: a file in data_directory that is replaced as a whole: that of the rules
 * (operations.md 8), and that of the meters (traffic.md 2).
 *
 * The directory is opened once, before the root directory may change. The file is written by a
 * thread of its own, which shares nothing with the loop but one text: under another name, then
 * fsync(), rename(), fsync() of the directory. Whatever fails, the old file is there.
 */

#include <stdbool.h>
#include <stddef.h>

#include <event2/event.h>
#include <glib.h>

typedef struct DataFileNames {
    const char *file;
    const char *next;   /* while it is written */
    const char *broken; /* what was read and not understood */
} DataFileNames;

typedef struct DataFile DataFile;

/* error: 0, and it is on the disk; or an errno, and the file before it is. */
typedef void DataFileDoneFn(int error, void *ctx);

/* Borrows descriptor and names; NULL: no event can be had. */
DataFile *data_file_new(struct event_base *base, int directory_fd, const DataFileNames *names,
                        DataFileDoneFn *done, void *ctx) G_GNUC_WARN_UNUSED_RESULT;
void data_file_free(DataFile *file); /* waits for the disk if it is writing; no `done` */

/*
 * One text at a time: not before `done`. Takes over both. text NULL: the file is removed. `before`
 * is what is on the disk now: it is written again if nobody knows whether the new text will stay
 * there. NULL: it does not matter which of both stays.
 */
void data_file_write(DataFile *file, GString *text, GString *before);
bool data_file_is_busy(const DataFile *file);

/* ---- at the start ---- */

/* A descriptor, or -1 with errno. */
int data_file_open_directory(const char *directory) G_GNUC_WARN_UNUSED_RESULT;

/* NULL with errno: it cannot be read, or has more bytes. */
GByteArray *data_file_read(int directory_fd, const DataFileNames *names,
                           size_t most_bytes) G_GNUC_WARN_UNUSED_RESULT;

/* One link more, so that the file survives the next one, which replaces it. */
bool data_file_keep_broken(int directory_fd, const DataFileNames *names);

/* Under that name only: there is no file any more. */
bool data_file_set_aside(int directory_fd, const DataFileNames *names);

#endif
