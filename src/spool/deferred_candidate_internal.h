#ifndef EQMGR_SPOOL_DEFERRED_CANDIDATE_INTERNAL_H
#define EQMGR_SPOOL_DEFERRED_CANDIDATE_INTERNAL_H

/*
 * spool/deferred_candidate: the file that a run has taken out of the deferred index last. If it is
 * noted again, because it stays, what was known of its cause is known again.
 */

#include <stdbool.h>

#include "src/spool/deferred_causes_internal.h"
#include "src/spool/deferred_table_internal.h"

typedef struct DeferredCandidate {
    GString *name;
    bool has_cause, was_given; /* both false: nothing is known, or it was forgotten */
    DeferredCause cause;
    char *texts[4]; /* of the cause */
} DeferredCandidate;

void deferred_candidate_init(DeferredCandidate *candidate);
void deferred_candidate_clear(DeferredCandidate *candidate); /* the name stays */
void deferred_candidate_stop(DeferredCandidate *candidate);

/* Before the file is taken out. */
void deferred_candidate_set(DeferredCandidate *candidate, const DeferredFile *file,
                            const DeferredTable *table, const DeferredCauses *causes);

/* A file of this name was added; no-op if it is another one. */
void deferred_candidate_stays(DeferredCandidate *candidate, const char *queue_id,
                              const DeferredTable *table, DeferredCauses *causes);

/* The file is gone; no-op if it is another one. */
void deferred_candidate_forget(DeferredCandidate *candidate, const char *queue_id);

#endif
