#ifndef EQMGR_TESTS_FAULTS_JUDGE_H
#define EQMGR_TESTS_FAULTS_JUDGE_H

/*
 * tests/faults/judge: what must hold after a run, whatever failed in it.
 *
 * In the first life, with the fault: all mail is through within a time that depends on the kind of
 * fault, nothing needs a restart, the daemon ends only where it says why. In the end, after a clean
 * restart: each recipient delivered once or returned once, or still where it has to be; no file in
 * corrupt that is not damaged, no log without a message, no notice about nothing.
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "tests/faults/ledger.h"
#include "tests/faults/run.h"
#include "tests/lab/lab.h"

/* Whether incoming, active and deferred hold only what has to stay there. */
bool judge_is_drained(void);

/* Virtual time within which all mail has to be through. */
int64_t judge_limit_s(const Fault *fault);

/* How much later than usual the last recipient may end. */
void judge_delay(const Fault *fault, int64_t delay_s, GPtrArray *complaints);

/* Each complaint is one line of text. */
void judge_first_life(const Lab *lab, int64_t drained_s, GPtrArray *complaints);
void judge_mail(const Lab *lab, const Ledger *ledger, const Fault *fault, GPtrArray *complaints);

/* The mail, and how the daemon ended. */
void judge_end(const Lab *lab, const Ledger *ledger, const Fault *fault, GPtrArray *complaints);

/* Removes the files that stay, too, for another round. */
void judge_remove_rest(const Lab *lab);

#endif
