#ifndef EQMGR_BASE_CPU_CLOCK_H
#define EQMGR_BASE_CPU_CLOCK_H

/*
 * base/cpu_clock: how long this thread has run so far. Unlike a clock of the world it stands still
 * while other programs have the core. It costs a call of the system.
 */

#include <stdint.h>

int64_t cpu_clock_us(void);

#endif
