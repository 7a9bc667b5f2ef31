#include "model_internal.h"

/*
 * Causes and notices have no indexes: those of the core will do, compiled for the objects of the
 * model.
 */
#define EQMGR_SCHED_SCHED_INTERNAL_H /* model_internal.h stands in its place */
#include "src/sched/cause.c"
#include "src/sched/notice.c"
