#ifndef EQMGR_CONTROL_KEEPER_H
#define EQMGR_CONTROL_KEEPER_H

/*
 * control/keeper: the file of meters, KEEPER_FILE in data_directory (traffic.md 2,
 * policy/meter_book).
 *
 * At the start it is read whole or not at all: one that is damaged, of another release, host or
 * instance is kept under the name KEEPER_BROKEN, with a warning, and then one unit is free of each
 * meter. Afterwards it is written whenever a mark is due, once in KEEPER_INTERVAL_S at most.
 *
 * A delivery beyond the mark on the disk waits for the next one. A disk that fails, or takes longer
 * than KEEPER_PATIENCE_S, holds no mail: the file is removed if it can be, so that a next process
 * does not believe what it says, then that is warned of once, and limits hold in memory. After
 * KEEPER_RETRY_S it is tried again.
 */

#include <event2/event.h>

#include "control/data_file.h"
#include "life/life.h"
#include "policy/meter_book.h"

#define KEEPER_FILE       "eqmgr-state"
#define KEEPER_NEW        "eqmgr-state.new"
#define KEEPER_BROKEN     "eqmgr-state.broken"
#define KEEPER_INTERVAL_S 1
#define KEEPER_PATIENCE_S 5
#define KEEPER_RETRY_S    60

typedef struct Keeper Keeper;

/* Borrowed, all of it. */
typedef struct KeeperSubject {
    Life *life;
    MeterBook *book;
    MeterBookOwner owner;
    const char *directory; /* data_directory */
    int directory_fd;
    int64_t interval_us, patience_us, retry_us; /* for tests; 0: as above */
} KeeperSubject;

/*
 * The book of this process, from the file of the one before; what is wrong with that is logged. An
 * empty one if there is none.
 */
MeterBook *keeper_load(int directory_fd, const MeterBookOwner *owner, int64_t mono_us,
                       int64_t wall_us) G_GNUC_WARN_UNUSED_RESULT;

/* NULL: no event can be had. */
Keeper *keeper_new(struct event_base *base, const KeeperSubject *subject) G_GNUC_WARN_UNUSED_RESULT;

/* After each turn of the loop: what is due is begun to be written. */
void keeper_turn(Keeper *keeper);

/* Before the core ends; NULL is a no-op. Waits for the disk if it is writing; what was due then is
 * not written. */
void keeper_free(Keeper *keeper);

#endif
