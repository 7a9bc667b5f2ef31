#ifndef EQMGR_TESTS_BENCH_BARE_BARE_H
#define EQMGR_TESTS_BENCH_BARE_BARE_H

/*
 * tests/bench/bare: the bare loop. It delivers the letters of W1 and W2 and makes only those calls
 * of the system that no queue manager can leave out (README.md of the benchmark has the list). What
 * it costs is the least that one can cost on this machine.
 *
 * It is no queue manager. It knows one kind of letter (one recipient, as letters.c writes it) and
 * one end (delivered); it ends at anything else, and then there is no result. The working directory
 * is the queue directory, as master(8) leaves it.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/time.h>

#include <glib.h>

#define BARE_ID_BYTES       64
#define BARE_LOG_BYTES      512
#define BARE_LINES_AT_ONCE  64
#define BARE_ATTRIBUTES_MAX 16

/* A source of input. `on_input` may free it. */
typedef struct BareSource BareSource;

struct BareSource {
    int fd;
    void (*on_input)(BareSource *source);
};

typedef struct BareSite BareSite;

/* A letter in active. Texts point into `bytes`. */
typedef struct BareLetter {
    char id[BARE_ID_BYTES];
    struct timeval arrival, active;
    int64_t content_offset, content_bytes, recipient_offset;
    const char *sender, *recipient, *original, *dsn_original;
    const char *attributes[BARE_ATTRIBUTES_MAX]; /* NAME=VALUE */
    unsigned attribute_count;
    char *transport, *nexthop, *address; /* what the resolver says */
    BareSite *site;
    TAILQ_ENTRY(BareLetter) link;
    char bytes[]; /* the envelope, and one more */
} BareLetter;

/* main.c */
void bare_watch(BareSource *source, int fd, void (*on_input)(BareSource *source));

/* letter.c */
BareLetter *bare_letter_take(const char *id); /* from incoming; NULL: it is not complete */
void bare_letter_remove(BareLetter *letter);  /* from active; frees it */
const char *bare_letter_attribute(const BareLetter *letter, const char *name);

/* peers.c */
void bare_peers_start(void);
bool bare_peers_want(void);              /* a resolver connection has nothing to do */
void bare_peers_add(BareLetter *letter); /* gives it to that */
void bare_peers_connect(void);           /* to as many agents as there is work for */

/* log.c */
void bare_log_open(void);
void bare_log(const char *format, ...) G_GNUC_PRINTF(1, 2); /* kept for the end of the turn */
void bare_log_flush(void);

#endif
