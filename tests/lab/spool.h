#ifndef EQMGR_TESTS_LAB_SPOOL_H
#define EQMGR_TESTS_LAB_SPOOL_H

/*
 * tests/lab/spool: the queue directories: laid out, filled with messages, and described at the end.
 */

#include <stdbool.h>
#include <stdint.h>

#include "tests/lab/core.h"

typedef struct Spool Spool;

/* Creates the directories of an empty queue. */
Spool *spool_new(const Core *core);
void spool_free(Spool *spool);

/* `lines` as for queue_file_build(). The bytes are remembered for the comparison at the end. */
bool spool_put(Spool *spool, const char *queue, const char *id, const GPtrArray *lines,
               int64_t now_s, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* "deferred/A1" or "A1 in deferred": where the file is, hashed or not. New string. */
char *spool_find(const Spool *spool, const char *name);

/* Adds every file and every hash directory to the trace (`stream` TRACE_SPOOL or TRACE_NOTES):
 * mode, time, links, and which bytes of a message have changed since spool_put(). */
void spool_describe(const Spool *spool, bool as_note);

#endif
