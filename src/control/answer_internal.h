#ifndef EQMGR_CONTROL_ANSWER_INTERNAL_H
#define EQMGR_CONTROL_ANSWER_INTERNAL_H

/*
 * answer: rows of attributes on their way to a client (codec/control.h says which).
 *
 * A row is begun, gets its attributes, and is ended; nothing of it is seen before that. Attributes
 * without a value (NULL, an empty text, a time of 0) are left out.
 */

#include <stdbool.h>
#include <stdint.h>

#include <event2/buffer.h>
#include <glib.h>

typedef struct Answer {
    struct evbuffer *out; /* borrowed */
    GByteArray *row;
    uint64_t row_count; /* of data */
} Answer;

void answer_init(Answer *answer, struct evbuffer *out);
void answer_clear(Answer *answer);

void answer_begin(Answer *answer, const char *kind);
void answer_str(Answer *answer, const char *name, const char *value);
void answer_int(Answer *answer, const char *name, int64_t value);
void answer_time(Answer *answer, const char *name, int64_t wall_s);
void answer_finish(Answer *answer);

/* Instead of answer_finish(): the row as bytes, for those that are sorted first; the caller's. */
GBytes *answer_take_row(Answer *answer) G_GNUC_WARN_UNUSED_RESULT;
void answer_put_row(Answer *answer, GBytes *row);

/* What the last row of an answer that went well says. */
typedef struct AnswerEnd {
    uint64_t matched_count;
    bool is_truncated;
    const char *cursor, *note; /* or NULL; the note is for people */
    bool has_coverage;         /* the answer has numbers of deferred mail by destination: */
    uint32_t known_count, deferred_count; /* they are about so many of so many messages */
    bool index_complete;                  /* and these are all there are */
} AnswerEnd;

void answer_end(Answer *answer, uint64_t matched_count, bool is_truncated, const char *cursor);
void answer_end_as(Answer *answer, const AnswerEnd *end);

/* The last row of one that did not. */
void answer_error(Answer *answer, const char *code, const char *format, ...) G_GNUC_PRINTF(3, 4);

#endif
