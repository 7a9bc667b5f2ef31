#ifndef EQMGR_TESTS_SUPPORT_DEFERRED_FIXTURE_H
#define EQMGR_TESTS_SUPPORT_DEFERRED_FIXTURE_H

/*
 * tests/support/deferred_fixture: an index over a real deferred queue, what others do there as
 * small commands, and what the index knows as text: "1A001@50 2B002@-" are two files, in
 * alphabetical order, to be looked at 50 s after the start of the test, and at once. Names in hash
 * directories: the first character is the directory.
 *
 * The queue directory is that of spool_fixture. Every function that gives the index something to
 * read calls deferred_index_check() afterwards.
 */

#include "spool/deferred_index.h"
#include "src/spool/spool_internal.h"
#include "tests/support/spool_fixture.h"

typedef struct DeferredFixture {
    DeferredIndex *index;
    int64_t start_s;
} DeferredFixture;

extern DeferredFixture deferred;

/* Those of deferred_tcase(), for test cases with more to set up. */
void deferred_set_up(void);
void deferred_tear_down(void);
TCase *deferred_tcase(const char *name);

/* Another hashing, or another limit: a new spool and an empty index. */
void deferred_renew(const char *hashed, unsigned depth, uint32_t files_max);

/* ---- what others do ---- */

/*
 * One command; fails the test if the system refuses it.
 *
 *   put PATH OFFSET      a ready file, to be looked at OFFSET seconds after the start
 *   time PATH OFFSET     the same for a file that exists
 *   write PATH           other bytes
 *   move, link PATH NEW  rename(2), link(2)
 *   symlink PATH TARGET  PATH leads to TARGET
 *   mode PATH OCTAL
 *   make, delete PATH    mkdir(2), remove(3)
 */
void act(const char *command);

/* Commands, separated by "; ". */
void act_all(const char *commands);

/* ---- walks and events ---- */

/* Tells the index about one name what a walk of the daemon would tell. */
void tell(DeferredIndex *index, const char *name);

/* A whole walk through deferred, from deferred_index_begin_walk() to its end. */
void walk_into(DeferredIndex *index);

/* deferred.index reads all events that are there. */
void take_events(void);

/* ---- what the index knows ---- */

/* The words in alphabetical order, with a space between; NULL is added to `words`. Free with
 * g_free(). */
char *join_sorted(GPtrArray *words);

/* What `index` knows about all names that deferred has, and how many others it knows. Free with
 * g_free(). */
char *known(const DeferredIndex *index);

/* Fails the test unless known(deferred.index) is `want`. */
void assert_known(const char *want, const char *title);

/* Fails the test if a walk would find something that deferred.index does not know. Call
 * take_events() before. */
void assert_as_fresh(const char *title);

/* Fails the test unless deferred.index knows nothing, for this reason. */
void assert_lost(DeferredLoss loss, const char *title);

/* Fails the test unless the index has these inotify watches: "wd:1 wd:2", in the order of their
 * making. */
void assert_watches(const char *want, const char *title);

#endif
