#ifndef EQMGR_BASE_NEAREST_H
#define EQMGR_BASE_NEAREST_H

/* base/nearest: which of many names were perhaps meant by one that does not exist. */

#include <glib.h>

#define NEAREST_COUNT          3
#define NEAREST_NAME_MAX_BYTES 64 /* longer names are not compared */

typedef struct Nearest {
    const char *wanted; /* borrowed */
    char *names[NEAREST_COUNT];
    unsigned distances[NEAREST_COUNT];
} Nearest;

void nearest_init(Nearest *nearest, const char *wanted);
void nearest_clear(Nearest *nearest);

/* A name that exists: kept if it is near enough, and nearer than others. Cheap for most. */
void nearest_offer(Nearest *nearest, const char *name);

/* "; is it a.test or b.test?", or "" if there are none; the caller's. */
char *nearest_text(const Nearest *nearest) G_GNUC_WARN_UNUSED_RESULT;

/* How many letters are to be changed, added, left out or exchanged with the next one. */
unsigned nearest_distance(const char *a, const char *b);

#endif
