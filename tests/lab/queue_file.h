#ifndef EQMGR_TESTS_LAB_QUEUE_FILE_H
#define EQMGR_TESTS_LAB_QUEUE_FILE_H

/*
 * tests/lab/queue_file: writes queue files (spool.md 5), good ones and damaged ones, from the lines
 * of a message block (README.md describes them).
 *
 * Records come in the order of the lines; the size record, the times, the content and the end
 * record are made up unless a line says otherwise.
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

typedef struct QueueFile {
    GByteArray *bytes;
    unsigned mode;
    int64_t mtime_s; /* since 1970 */
    unsigned link_count;
} QueueFile;

/* `lines` holds one NULL-terminated word list (char **) per line. `now_s` is the virtual time that
 * relative times in the lines count from. */
bool queue_file_build(const GPtrArray *lines, int64_t now_s, QueueFile *ret_file,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
void queue_file_clear(QueueFile *file);

#endif
