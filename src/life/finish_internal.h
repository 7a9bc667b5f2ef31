#ifndef EQMGR_LIFE_FINISH_INTERNAL_H
#define EQMGR_LIFE_FINISH_INTERNAL_H

/*
 * finish: the completion pipeline.
 */

#include "src/life/life_internal.h"

void finish_init(Life *life);
void finish_stop(Life *life);

/* Starts the pipeline of all idle messages. */
void finish_turn(Life *life);

#endif
