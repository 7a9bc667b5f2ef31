#ifndef EQMGR_LIFE_RELEASE_INTERNAL_H
#define EQMGR_LIFE_RELEASE_INTERNAL_H

/*
 * release: what a change of the rules does to mail that is here already: what waits in active is
 * redirected when it is suspended, and what is deferred comes back when a suspension ends. Both go
 * on in pieces.
 */

#include <stdbool.h>
#include <stdint.h>

#include "src/life/life_internal.h"

void release_init(Life *life);
void release_stop(Life *life);

/* Looks through all destinations for waiting mail that is suspended now. */
void release_sweep(Life *life);

/* The rule has ended: its mail is due at once, or at the times that it has. */
void release_rule(Life *life, uint32_t rule_number, bool is_now);

/* As life_make_due() and life_revive(). */
bool release_message(Life *life, const char *queue_id);
void release_revive(Life *life, const char *transport, const char *destination);

/* A piece of both. True: there is more to do at once. */
bool release_turn(Life *life);

#endif
