#ifndef EQMGR_TESTS_BENCH_ASKER_H
#define EQMGR_TESTS_BENCH_ASKER_H

/*
 * tests/bench/asker: a client of the control socket that waits for its answers and hardly looks at
 * them. The daemon listens below the working directory. What fails ends the process.
 */

#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#define LOOP_BUSY_BUCKETS_MAX 32

int asker_connect(void); /* a descriptor; the caller closes it */

/* `request` as on the wire. Keeps the end of the answer; returns how long it was. */
uint64_t asker_ask(int fd, const char *request, size_t size_bytes, GByteArray *tail);

/* How long turns of the daemon's loop were busy, since its start. */
typedef struct LoopBusy {
    double bounds_us[LOOP_BUSY_BUCKETS_MAX];
    double counts[LOOP_BUSY_BUCKETS_MAX]; /* up to each bound */
    double count;                         /* of all */
    unsigned bucket_count;
} LoopBusy;

void asker_read_loop(int fd, LoopBusy *busy);

/* 99 of 100 turns in between were busy for less; 0: there were none. */
double loop_busy_p99_ms(const LoopBusy *before, const LoopBusy *after);

#endif
