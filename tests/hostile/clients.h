#ifndef EQMGR_TESTS_HOSTILE_CLIENTS_H
#define EQMGR_TESTS_HOSTILE_CLIENTS_H

/*
 * tests/hostile/clients: ill clients of the control socket: garbage, half a request, one that is
 * too long, listings that nobody reads or whose reader vanishes, too many connections; and now and
 * then one that behaves, who must be answered.
 */

#include <glib.h>

#include "tests/lab/lab.h"

typedef struct Clients {
    GArray *fds;            /* of connections that stay open */
    unsigned polite_count;  /* who behaved */
    unsigned unheard_count; /* of these: without a whole answer */
} Clients;

Clients *clients_new(void);
void clients_free(Clients *clients);

/* Throws the dice; often nobody does anything. */
void clients_act(Clients *clients, Lab *lab, GRand *dice);

/* How many of those that did not behave are still connected. */
unsigned clients_open(Clients *clients);

#endif
