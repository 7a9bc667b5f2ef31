#ifndef EQMGR_POLICY_METER_BOOK_H
#define EQMGR_POLICY_METER_BOOK_H

/*
 * policy/meter_book: what a process has to know of the meters of the one before it (traffic.md 2).
 *
 * The book has a page for each meter: its mark, which is a time that its clear_us will not pass
 * before a later mark is on the disk. So it does not matter how a process ends: the next one begins
 * with the marks, and never above the limit. It is below it by what the mark is ahead
 * (meter_limit_lease_us()), or by what is presumed of a meter without a page in the file.
 *
 * Whoever has meters holds their pages, brings each up to date after a charge, and tells the book
 * by that which marks have to be written. Whoever writes takes the text of all pages, and says when
 * it is on the disk. If the disk fails, nothing waits for it: see meter_book_set_volatile().
 *
 * Times are microseconds of the monotonic clock of this process. In the file there are those of the
 * wall clock, and debts in units: a page that seems to be of the future is taken as just written,
 * so a clock that was set back gives no credit. One that was set forward gives none if the machine
 * is still that of the file: no more time has gone by than its monotonic clock says. Pages whose
 * debt is worked off within the time that is presumed anyway are not written.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "policy/level_book.h"
#include "policy/meter.h"

#define METER_BOOK_VERSION   1
#define METER_BOOK_MAX_BYTES (128 * 1024 * 1024)

typedef enum MeterKind { METER_DELIVERIES, METER_RECIPIENTS, METER_KIND_COUNT } MeterKind;

/* Which meter it is. Any text, also an empty one: of what does not tell meters apart. */
typedef struct MeterName {
    MeterKind kind;
    const char *site; /* the section whose destinations share the meter; "" for one of its own */
    const char *transport, *destination;
} MeterName;

typedef struct MeterBook MeterBook;
typedef struct MeterPage MeterPage;

/*
 * An empty book. start_us: when this process began; meters did not begin anything before that which
 * the book does not know. is_known false: nothing is known of the past, so one unit is free of a
 * meter without a page.
 */
MeterBook *meter_book_new(int64_t start_us, bool is_known) G_GNUC_WARN_UNUSED_RESULT;
void meter_book_free(MeterBook *book); /* NULL is a no-op; no page may be held */

/* ---- for whoever has meters ---- */

/*
 * The page of a meter, and the meter as it goes on from that: with what it owed in this process, or
 * the mark of the one before. Hold it once, for as long as the meter lives.
 */
MeterPage *meter_book_hold(MeterBook *book, const MeterName *name, const MeterLimit *limit,
                           int64_t now_us, Meter *ret_meter) G_GNUC_WARN_UNUSED_RESULT;

/* The meter ends; what it owes is remembered. */
void meter_book_release(MeterBook *book, MeterPage *page, const Meter *meter, int64_t now_us);

/*
 * Gives the meter the mark that is on the disk, and asks for a later one if it is due. Call it
 * after each charge and change of the meter, when meter_mark_due_us() has come, and after
 * meter_book_written().
 */
void meter_book_update(MeterBook *book, MeterPage *page, Meter *meter, int64_t now_us);

/* ---- for whoever writes ---- */

/* Some mark, or level, is to be written. */
bool meter_book_is_due(const MeterBook *book);

/*
 * Whose file it is: of another host or instance nothing is taken. The boot is a name that the
 * machine has from its start to its end; NULL: not known.
 */
typedef struct MeterBookOwner {
    const char *host, *instance, *boot;
} MeterBookOwner;

/* The text to write. Ask for the next one when meter_book_written() has been called. */
GString *meter_book_write(MeterBook *book, const MeterBookOwner *owner, int64_t now_us,
                          int64_t wall_us) G_GNUC_WARN_UNUSED_RESULT;

/* is_durable false: it could not be written. */
void meter_book_written(MeterBook *book, bool is_durable);

/*
 * Nothing waits for the disk any more, or does again. Meanwhile limits hold as long as the process
 * lives.
 */
void meter_book_set_volatile(MeterBook *book, bool is_volatile);
bool meter_book_is_volatile(const MeterBook *book);

/* Pages, of meters that live and of those that are remembered. */
unsigned meter_book_count(const MeterBook *book);

/* ---- at the start ---- */

/*
 * Takes in the file of the process before, into an empty book. NULL: success. Else what is wrong,
 * for a person: nothing was taken in then, and nothing is known of the past. The caller's.
 */
char *meter_book_read(MeterBook *book, const char *text, size_t size_bytes,
                      const MeterBookOwner *owner, int64_t now_us,
                      int64_t wall_us) G_GNUC_WARN_UNUSED_RESULT;

/* Those of the same file. They are due, written and read with the meters. The book's. */
LevelBook *meter_book_levels(MeterBook *book);

/* Asserts every invariant; for tests. */
void meter_book_check(const MeterBook *book);

#endif
