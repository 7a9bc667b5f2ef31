#ifndef EQMGR_TESTS_BENCH_PLACE_H
#define EQMGR_TESTS_BENCH_PLACE_H

/*
 * tests/bench/place: a throw-away queue directory with everything in it that a queue manager looks
 * for at its start, as the working directory of the process; and the Core that goes with it.
 *
 * deferred and defer are hashed, and their hash directories are there.
 */

#include "tests/lab/core.h"

/* Makes a directory below `parent`, changes to it, and fills in all of `core` but the stage. */
void place_make(Core *core, const char *parent);

/* Writes main.cf: what it needs at the least, and `lines`. */
void place_configure(const Core *core, const char *lines);

/* Writes eqmgr.cf, which the stock queue manager does not read. */
void place_configure_own(const char *lines);

/* Frees what place_make() made. The directory stays if it is worth a look. */
void place_clear(Core *core, bool keep_directory);

#endif
