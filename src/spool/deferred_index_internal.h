#ifndef EQMGR_SPOOL_DEFERRED_INDEX_INTERNAL_H
#define EQMGR_SPOOL_DEFERRED_INDEX_INTERNAL_H

/* spool/deferred_index, inside: the parts of an index, for the files that answer about it. */

#include "spool/deferred_index.h"
#include "src/spool/deferred_causes_internal.h"
#include "src/spool/deferred_table_internal.h"

struct DeferredIndex;

const DeferredTable *deferred_index_table(const struct DeferredIndex *index);
DeferredCauses *deferred_index_causes(struct DeferredIndex *index);
const DeferredCauses *deferred_index_causes_seen(const struct DeferredIndex *index);

#endif
