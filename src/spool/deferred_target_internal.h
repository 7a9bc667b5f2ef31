#ifndef EQMGR_SPOOL_DEFERRED_TARGET_INTERNAL_H
#define EQMGR_SPOOL_DEFERRED_TARGET_INTERNAL_H

/* spool/deferred_target: the destinations that deferred files wait for, each kept once. */

#include "src/spool/deferred_causes_internal.h"

typedef struct TargetKey {
    const char *transport, *name;
} TargetKey;

/* In no table; free it with deferred_target_free(). */
DeferredTarget *deferred_target_new(const char *name) G_GNUC_WARN_UNUSED_RESULT;
void deferred_target_free(DeferredTarget *target);

DeferredTarget *deferred_target_find(const DeferredCauses *causes, const TargetKey *key);

/* The one of what is not known, if the name is too long or there is no room for one more. */
DeferredTarget *deferred_target_get(DeferredCauses *causes, const DeferredCause *cause);

/* Frees it if no file waits for it. */
void deferred_target_drop(DeferredCauses *causes, DeferredTarget *target);

/* Asserts their order; returns how many there are. */
size_t deferred_target_check(const DeferredCauses *causes);

#endif
