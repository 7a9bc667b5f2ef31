#ifndef EQMGR_TESTS_LAB_SERVICES_H
#define EQMGR_TESTS_LAB_SERVICES_H

/*
 * tests/lab/services: bounce, defer, trace, verify and flush (ipc.md 5, 6).
 *
 * Every request is traced with all its attributes and answered on the stage. An answer of status 0
 * goes with what the real service does to its logs: an append creates the log, a flush removes it.
 */

#include "tests/lab/core.h"
#include "tests/lab/manner.h"

typedef struct Services Services;

Services *services_new(const Core *core);
void services_free(Services *services);

/* Takes ownership of the manner's texts. false: no such service. */
bool services_set(Services *services, const char *name, Manner usually);
bool services_set_socket(Services *services, const char *name, bool listening, bool keep_file);

/* NULL: no such service. */
MannerQueue *services_next(Services *services, const char *name);

uint64_t services_request_count(const Services *services);

#endif
