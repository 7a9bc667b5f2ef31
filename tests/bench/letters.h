#ifndef EQMGR_TESTS_BENCH_LETTERS_H
#define EQMGR_TESTS_BENCH_LETTERS_H

/*
 * tests/bench/letters: queue files by the thousand, as smtpd and cleanup write them: envelope with
 * client and DSN attributes, some 2 kbyte of content. Each has a serial number, which its queue ID
 * carries, so that a delivery request tells which letter it belongs to.
 */

#include <stdint.h>

#include <glib.h>

#include "tests/lab/core.h"

#define LETTERS_STAGE        "stage" /* files wait there for their arrival */
#define LETTER_ID_BYTES      12
#define LETTER_ADDRESS_BYTES 64

/* Short queue IDs (spool.md 1): five digits of microseconds that spread over the hash directories,
 * and the number. */
void letter_format_id(unsigned serial, char ret_id[LETTER_ID_BYTES]);
unsigned letter_parse_serial(const char *id);

/* "user7@word3.test" */
void letter_format_address(char ret_address[LETTER_ADDRESS_BYTES], unsigned user, const char *word,
                           unsigned site);

/* Writes the file of a letter to `queue`. Its time stamp is now plus `due_in_s`. */
void letter_write(const Core *core, const char *queue, unsigned serial, const GPtrArray *recipients,
                  int64_t due_in_s);

/* The same for one recipient. */
void letter_write_to(const Core *core, const char *queue, unsigned serial, const char *recipient,
                     int64_t due_in_s);

/* Moves a letter from the stage to incoming: that is its arrival. */
void letter_arrive(unsigned serial);

#endif
