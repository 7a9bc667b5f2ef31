#ifndef EQMGR_CODEC_GROUPS_INTERNAL_H
#define EQMGR_CODEC_GROUPS_INTERNAL_H

/*
 * codec/groups: the attribute groups that several requests and replies share (ipc.md 1.1).
 */

#include <glib.h>

#include "codec/attr.h"
#include "codec/envelope.h"

typedef struct DsnGroup {
    const char *status, *action, *reason;
} DsnGroup;

void group_put_recipient(GByteArray *out, const Recipient *recipient);
void group_put_dsn(GByteArray *out, const DsnGroup *dsn);

/* Strings are borrowed from the reader's data; written only on success. */
AttrStatus group_get_dsn(AttrReader *reader, DsnGroup *ret_dsn);

#endif
