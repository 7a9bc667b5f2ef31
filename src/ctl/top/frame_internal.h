#ifndef EQMGR_CTL_TOP_FRAME_INTERNAL_H
#define EQMGR_CTL_TOP_FRAME_INTERNAL_H

/*
 * frame: a look as lines of text, as they are on the screen. Pure: the same looks and the same wish
 * give the same lines. All remote texts in them are printable.
 */

#include "src/ctl/top/look_internal.h"
#include "src/ctl/top/wish_internal.h"

typedef enum LineKind {
    LINE_PLAIN,
    LINE_HEADING, /* of a table */
    LINE_CHOSEN,  /* the row with the cursor */
    LINE_TROUBLE, /* what wants attention */
    LINE_HINT,    /* the keys, what is being typed */
} LineKind;

typedef struct Line {
    LineKind kind;
    char *text; /* as wide as the screen at most */
} Line;

typedef struct FrameSize {
    int width, height;
    bool is_utf8; /* sparklines of blocks; else of ASCII characters */
} FrameSize;

/*
 * `look` is the last whole one, `before` the one before it (NULL: none): rates are what came in
 * between. problem: why there is no newer look; NULL: `look` is new. Lines are owned by the result.
 */
GPtrArray *frame_lines(const Look *look, const Look *before, const Wish *wish, const char *problem,
                       FrameSize size) G_GNUC_WARN_UNUSED_RESULT;

/* Lines about jobs are added to `texts`, printable and as long as they are; the newest first. */
void frame_add_jobs(GPtrArray *texts, const Look *look);

/* Rows of destinations that have room on a screen of this size. */
int frame_row_max(FrameSize size);

/*
 * One line for each look, as vmstat(8) has them, and their heading. New strings without an end of
 * line.
 */
char *frame_batch_heading(void) G_GNUC_WARN_UNUSED_RESULT;
char *frame_batch_line(const Look *look, const Look *before) G_GNUC_WARN_UNUSED_RESULT;

#endif
