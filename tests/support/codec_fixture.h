#ifndef EQMGR_TESTS_SUPPORT_CODEC_FIXTURE_H
#define EQMGR_TESTS_SUPPORT_CODEC_FIXTURE_H

/*
 * tests/support/codec_fixture: attribute lists as readable text ('|' stands for the NUL), and
 * envelopes from a table of texts.
 */

#include <check.h>
#include <glib.h>

#include "codec/attr.h"
#include "codec/envelope.h"

/* The bytes of a list, for a reader. They have no NUL of their own at the end, so that ASan sees an
 * overread. Free with g_free(). */
char *list_bytes(const char *list, size_t *ret_size_bytes);

/* Fails the test unless the bytes `got` are the list `want`. */
void assert_list(const GByteArray *got, const char *want);

/* Gives the envelope all its texts, copies of `texts`; NULL becomes "". Clear with
 * envelope_clear(). */
void set_texts(Envelope *envelope, const char *const texts[ENVELOPE_FIELD_COUNT]);

#endif
