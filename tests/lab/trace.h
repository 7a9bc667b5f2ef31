#ifndef EQMGR_TESTS_LAB_TRACE_H
#define EQMGR_TESTS_LAB_TRACE_H

/*
 * tests/lab/trace: what happened, in a form that two runs can be compared by.
 *
 * Each event belongs to a stream; the streams are printed one after the other, since the order of
 * events of different streams (a log line and a request, say) is no property of a queue manager.
 * Within a stream order counts: everywhere for deliveries and notes; among the events of one
 * message for log lines and requests to services; not at all for questions to the resolver, whose
 * number and order nobody can see in the results. trace_set_strict() makes a stream's order count
 * everywhere. Every line begins with the virtual time in seconds since the start.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <glib.h>

typedef struct Trace Trace;

typedef enum TraceStream {
    TRACE_NOTES, /* what the scenario notes, the end of the daemon, status messages */
    TRACE_DELIVERIES,
    TRACE_SERVICES,
    TRACE_RESOLVER,
    TRACE_LOG,
    TRACE_SPOOL,
    TRACE_STREAMS
} TraceStream;

/* A trace that is not `enabled` ignores everything; ask trace_is_on() before formatting. */
Trace *trace_new(bool enabled);
void trace_free(Trace *trace);
bool trace_is_on(const Trace *trace);

/* Nothing has happened yet. */
void trace_forget(Trace *trace);

void trace_set_time(Trace *trace, int64_t since_start_ns);
void trace_set_strict(Trace *trace, TraceStream stream);
bool trace_stream_parse(const char *name, TraceStream *ret_stream) G_GNUC_WARN_UNUSED_RESULT;

/* `group` is a queue ID, or NULL for events of no message. */
void trace_add(Trace *trace, TraceStream stream, const char *group, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* How many events the stream holds whose text contains `text`. */
unsigned trace_count(const Trace *trace, TraceStream stream, const char *text);

void trace_print(const Trace *trace, FILE *out);

/* All events in the order in which they were seen, for reading. */
void trace_print_raw(const Trace *trace, FILE *out);

#endif
