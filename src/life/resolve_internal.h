#ifndef EQMGR_LIFE_RESOLVE_INTERNAL_H
#define EQMGR_LIFE_RESOLVE_INTERNAL_H

/*
 * resolve: asks trivial-rewrite(8) where recipients go.
 */

#include "ipc/resolver.h"
#include "src/life/message_internal.h"

void resolve_init(Life *life);
void resolve_stop(Life *life); /* drops all questions */
void resolve_check(const Life *life);

/*
 * Takes the recipients out of `reading`, holds the message, and binds them when all answers are
 * there.
 */
void resolve_batch(Message *message, SpoolReading *reading);

/*
 * The same for recipients that waited for this destination, and whose message has a batch open for
 * them (sched_batch_withdraw()). Takes them over.
 */
void resolve_again(Message *message, Chain *recipients, unsigned count, const char *transport,
                   const char *destination);

/* Messages for which that goes on; and the recipients so far that wait for another one now. */
unsigned resolve_again_count(const Life *life);
int64_t resolve_moved_count(const Life *life);

/*
 * A map has changed: forgets all answers. Recipients that are asked for from now on have this
 * number, or one after it (Recipient.asked_in); it may wrap.
 */
uint16_t resolve_note_change(Life *life);

/* Messages that are being resolved since before that: some of their answers may be older. */
unsigned resolve_old_count(const Life *life);

/* Messages whose new batch is being resolved: all, and those that were taken from this queue. */
unsigned resolve_count(const Life *life);
unsigned resolve_count_from(const Life *life, SpoolQueue queue);

/* True if the pool has connections on which nothing is asked. */
bool resolve_has_spare(const Life *life);

/* No message is being resolved, and another question would be asked at once. */
bool resolve_is_idle(const Life *life);

/* A question that is not about a message in memory; resolver_cancel() withdraws it. */
ResolverQuestion *resolve_ask_about(const Life *life, const char *sender, const char *address,
                                    ResolverDoneFn *done, void *ctx);

/*
 * Where a content filter leads mail for this address: returns a new string, the transport. The
 * nexthop is borrowed from the arguments and the settings.
 */
char *resolve_filter(const Life *life, const char *filter, const char *address,
                     const char **ret_nexthop) G_GNUC_WARN_UNUSED_RESULT;

/* Forgets all answers that are remembered. */
void resolve_forget(Life *life);

#endif
