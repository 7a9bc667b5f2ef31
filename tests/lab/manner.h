#ifndef EQMGR_TESTS_LAB_MANNER_H
#define EQMGR_TESTS_LAB_MANNER_H

/*
 * tests/lab/manner: how a played process reacts to a request: the word list that agents and
 * services share in scenario files.
 *
 *   ok | fail | defer | bounce | corrupt | hold | never | hangup | garbage | short | early | deaf
 *   suspend [DSN [TEXT]] | final DSN TEXT        optionally followed by: after DURATION
 *
 * What a word means to whom is described in README.md.
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

typedef enum MannerKind {
    MANNER_OK,
    MANNER_FAIL,    /* services: status -1; agents: as MANNER_DEFER, without a record */
    MANNER_DEFER,   /* agents: status -1, destination fine */
    MANNER_SUSPEND, /* agents: status -1 with DSN and reason */
    MANNER_FINAL,   /* agents: status 0 with DSN and reason */
    MANNER_BOUNCE,  /* agents: recipients done, a bounce log written */
    MANNER_CORRUPT, /* agents: the queue file gets mode 0400, then as MANNER_DEFER */
    MANNER_HOLD,    /* answered by a later step of the scenario */
    MANNER_NEVER,
    MANNER_HANGUP,
    MANNER_GARBAGE,
    MANNER_SHORT, /* the answer lacks its last attribute */
    MANNER_EARLY, /* services: a good answer in one piece with the greeting, none to the request */
    MANNER_DEAF,  /* services: no greeting, and requests are not read */
} MannerKind;

typedef struct Manner {
    MannerKind kind;
    char *dsn, *reason; /* never NULL */
    int64_t delay_ms;
} Manner;

/* Reads words[*at...], and moves *at past the words it used. */
bool manner_parse(char *const *words, size_t *at, Manner *ret_manner,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
void manner_clear(Manner *manner);
Manner manner_copy(const Manner *manner);

/* "5s", "2m", "1h", "3d", "250ms"; a lone number is seconds; may be negative. */
bool manner_parse_duration_ms(const char *text, int64_t *ret_ms) G_GNUC_WARN_UNUSED_RESULT;

/* A first-in first-out list of manners for the next few requests. */
typedef struct MannerQueue {
    GArray *manners; /* of Manner */
    guint next;
} MannerQueue;

void manner_queue_init(MannerQueue *queue);
void manner_queue_clear(MannerQueue *queue);
void manner_queue_add(MannerQueue *queue, Manner manner); /* takes ownership of the texts */

/* The next one, borrowed until the queue is changed; NULL: used up. */
const Manner *manner_queue_take(MannerQueue *queue);
const Manner *manner_queue_peek(const MannerQueue *queue); /* it stays */

GQuark lab_error_quark(void);
#define LAB_ERROR lab_error_quark()

#endif
