#ifndef EQMGR_TESTS_FAULTS_CALL_SITE_H
#define EQMGR_TESTS_FAULTS_CALL_SITE_H

/*
 * tests/faults/call_site: the names of the functions that led to where we are, from the symbol
 * table of the running program. Part of the preloaded library.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CALL_SITE_DEPTH 4

typedef struct CallSite {
    uintptr_t frames[CALL_SITE_DEPTH]; /* of the program, the innermost first; 0: no more */
} CallSite;

/* Reads the symbol table. false: there is none. */
bool call_site_init(void);

/* `caller` is where the call returns to. false: it is not the program that calls, nor a library on
 * its behalf. */
bool call_site_take(const void *caller, CallSite *ret_site);

/* "inner<-outer<-outermost": three functions, not counting those of base/loop.h, which stand for
 * calls of the event library. */
void call_site_name(const CallSite *site, char *ret_name, size_t room);

#endif
