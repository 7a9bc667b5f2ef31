#ifndef EQMGR_CODEC_ENVELOPE_READER_H
#define EQMGR_CODEC_ENVELOPE_READER_H

/*
 * codec/envelope_reader: turns the bytes of a queue file into an Envelope and its recipients
 * (spool.md 5, behaviour.md 7).
 *
 * The reader holds no descriptor. It is fed windows of the file and says after each which bytes
 * it wants next; message content is skipped, not asked for. A reading is the first one, to the END
 * record, or the next batch of recipients. A reader makes one after the other, of any files, and
 * keeps between them what memory usual ones need.
 *
 * Nothing in the file is trusted: jumps, repetitions, lengths and the number of warnings are
 * bounded, and memory use does not depend on what lengths and counts the file claims.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/chain.h"
#include "base/release.h"
#include "codec/envelope.h"

/* A file with a longer record is damaged: cleanup(8) writes far shorter ones. */
#define ENVELOPE_RECORD_MAX_BYTES (1024 * 1024)
/* Of all strings of an envelope together, with those that later ones replace. */
#define ENVELOPE_TEXT_MAX_BYTES (16 * 1024 * 1024)
/* More warnings are dropped, except the last ones of a damaged file. */
#define ENVELOPE_WARNINGS_MAX 1000

typedef struct EnvelopeRules {
    const char *queue_id, *path; /* for warnings; path as in "active/ID" */
    const char *verp_delimiter_filter;
    int release;      /* RELEASE() of Postfix: patch levels count */
    bool round_robin; /* oqmgr does not count recipients: announces what SIZE says, no warning */
    int64_t file_size;
    int recipient_limit; /* of this reading; at least 1 */
} EnvelopeRules;

/* The results of a reading besides the Envelope. */
typedef struct EnvelopeBatch {
    Chain recipients; /* of Recipient, in file order: the to-do ones of this batch */
    int recipient_count;
    bool sender_seen; /* the "(queue active)" line is due: after warnings_before_sender lines */
    guint warnings_before_sender;
    GPtrArray *warnings; /* of char *, complete texts without severity, in order; never NULL */
} EnvelopeBatch;

void envelope_batch_clear(EnvelopeBatch *batch); /* frees remaining recipients too */

typedef struct EnvelopeWindow {
    const uint8_t *bytes;
    int64_t offset; /* of the first byte in the file */
    size_t size_bytes;
    bool ends_file; /* the file was found to have no byte after the window */
} EnvelopeWindow;

typedef enum EnvelopeProgress {
    ENVELOPE_READ = 0,
    ENVELOPE_DAMAGED,
    ENVELOPE_WANTS_BYTES, /* see envelope_reader_wanted() */
} EnvelopeProgress;

typedef struct EnvelopeReader EnvelopeReader;

EnvelopeReader *envelope_reader_new(void) G_GNUC_WARN_UNUSED_RESULT;
void envelope_reader_free(EnvelopeReader *reader); /* NULL is a no-op */

/*
 * Begins a reading; the one before must be finished. `known` is NULL for the first reading of a
 * file, and the Envelope of that reading (borrowed for this call) for the others. What `rules`
 * points to must stay until this one is finished.
 */
void envelope_reader_begin(EnvelopeReader *reader, const EnvelopeRules *rules,
                           const Envelope *known);

/* Where the next window must begin; it must hold ret_least_bytes, or end the file. */
int64_t envelope_reader_wanted(const EnvelopeReader *reader, size_t *ret_least_bytes);

EnvelopeProgress envelope_reader_feed(EnvelopeReader *reader,
                                      const EnvelopeWindow *window) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Ends the reading, at any point, and takes the results out. *ret_batch is always set; its
 * recipients only after ENVELOPE_READ. A first reading fills *envelope (zeroed by the caller) with
 * what was read even if the file is damaged, since the "(queue active)" line is due all the same;
 * the caller clears it. Another reading changes *envelope after ENVELOPE_READ only.
 */
void envelope_reader_finish(EnvelopeReader *reader, Envelope *envelope, EnvelopeBatch *ret_batch);

#endif
