#ifndef EQMGR_CONFIG_MAINCF_INTERNAL_H
#define EQMGR_CONFIG_MAINCF_INTERNAL_H

/*
 * maincf: reads main.cf (and eqmgr.cf) into a lexicon (configuration.md 2).
 *
 * Byte oriented. Texts of errors and warnings are stock's; `path` appears in them.
 */

#include <stddef.h>

#include "lexicon_internal.h"

/* Enters what the file says; warns of a name that is there with another value. */
bool maincf_parse(Lexicon *lexicon, const char *path, GBytes *bytes,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads the file, waiting while it is being written (2.4), and parses it. CONFIG_NO_FILE if it does
 * not exist. */
bool maincf_load(Lexicon *lexicon, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
