#ifndef EQMGR_TESTS_LAB_AGENTS_H
#define EQMGR_TESTS_LAB_AGENTS_H

/*
 * tests/lab/agents: the delivery agents behind private/<transport>.
 *
 * A connection waits until its announcement's turn on the stage (at most `concurrency` announced
 * connections per transport at a time), then gets a request, which is traced with all its
 * attributes; the reply is another turn on the stage. Agents do to the queue file what real ones
 * do: recipients are marked done, refused ones noted in the bounce log, postponed ones in the defer
 * log.
 */

#include <stdbool.h>
#include <stdint.h>

#include "tests/lab/core.h"
#include "tests/lab/manner.h"

typedef struct Agents Agents;

typedef enum AgentGreeting {
    AGENT_GREETS,
    AGENT_GREETS_WRONG,   /* another protocol name */
    AGENT_GREETS_GARBAGE, /* another attribute */
    AGENT_GREETS_PARTLY,  /* and hangs up */
    AGENT_HANGS_UP,       /* instead of greeting */
    AGENT_ANSWERS,        /* in one piece with the greeting, that all went well */
} AgentGreeting;

typedef struct AgentSettings {
    AgentGreeting greeting;
    unsigned concurrency;
    bool manual;    /* announces itself only by agents_announce() */
    bool no_marks;  /* leaves queue files and logs alone (measurements) */
    Manner usually; /* takes ownership of the texts */
} AgentSettings;

Agents *agents_new(const Core *core);
void agents_free(Agents *agents);

/* Makes the transport if it is new; otherwise changes it. */
void agents_set(Agents *agents, const char *transport, AgentSettings settings);
void agents_set_socket(Agents *agents, const char *transport, bool listening, bool keep_file);

/* NULL: no such transport. */
const AgentSettings *agents_get(const Agents *agents, const char *transport);

/* Requests whose first recipient matches the glob pattern are handled this way. */
void agents_add_rule(Agents *agents, const char *transport, const char *pattern, Manner manner);

/* The queue for the next requests, whoever they are for. NULL: no such transport. */
MannerQueue *agents_next(Agents *agents, const char *transport);

/* Lets the oldest waiting connection announce itself. false: there is none. */
bool agents_announce(Agents *agents, const char *transport);

/* Answers the oldest held request, at once unless the manner has a delay; `recipient` not NULL: the
 * oldest whose first recipient matches the glob pattern. false: there is none. */
bool agents_finish(Agents *agents, const char *transport, const char *recipient,
                   const Manner *manner);

/* Counts for conditions and notes. */
unsigned agents_waiting_count(const Agents *agents, const char *transport);
unsigned agents_running_count(const Agents *agents, const char *transport);
uint64_t agents_request_count(const Agents *agents);
uint64_t agents_reply_count(const Agents *agents);

#endif
