#ifndef EQMGR_CODEC_LOGLINE_H
#define EQMGR_CODEC_LOGLINE_H

/*
 * codec/logline: the log lines that log watchers match (behaviour.md 15, ipc.md 8.4 - 8.5).
 * Each function returns a new string: the text without severity.
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "codec/envelope.h"

/* info_log_address_format. */
typedef enum AddressFormat { ADDRESS_EXTERNAL, ADDRESS_INTERNAL } AddressFormat;

/* External (quoted) form of an internal address; a new string. */
char *address_quote(const char *address);

/* Internal form of an external (quoted) address; a new string. */
char *address_unquote(const char *address);

char *logline_address(const char *address, AddressFormat format);

/* "<id>: from=<s>, size=N, nrcpt=N (queue active)" */
char *logline_active(const char *queue_id, const char *sender, AddressFormat format, int64_t size,
                     int64_t recipient_count);

/* "<id>: from=<s>, status=expired, returned to sender", or force-expired */
char *logline_expired(const char *queue_id, const char *sender, AddressFormat format, bool forced);

typedef struct LoglineDelivery {
    const char *queue_id;
    const Recipient *recipient;
    const Envelope *envelope;
    int64_t active_s;
    int32_t active_us;
    int64_t now_s;
    int32_t now_us;
    const char *dsn, *status, *reason;
    int resolution_limit; /* delay_logging_resolution_limit, 0..6 */
    AddressFormat format;
} LoglineDelivery;

/* The queue manager's own recipient line, relay=none (ipc.md 8.4). */
char *logline_delivery(const LoglineDelivery *delivery);

/* A rule of an administrator was set, or is no more. */
typedef struct LoglineRule {
    const char *verb; /* what was done: "suspend" */
    unsigned number;
    const char *object, *name; /* "domain", "a.test"; a name of "": there is none */
    int64_t until_s;           /* wall clock; 0: for ever */
    int64_t uid;               /* who did it; -1: time did, which is not told then */
    const char *reason;
    const char *measure, *amount; /* of a limit: "concurrency", "5"; NULL: it is none */
} LoglineRule;

/*
 * "control: suspend #7 domain=a.test until=2026-11-23T10:00:00Z uid=1000: ticket 4711"
 * "control: limit #8 domain=a.test concurrency=5 until=forever uid=0: slow"
 */
char *logline_rule(const LoglineRule *rule);

/* "control: flush domain=a.test uid=1000: messages=20, revived=1" */
char *logline_flush(const LoglineRule *rule, int64_t message_count, int64_t destination_count);

/* "control: expedite 4F1A2B3C4D --force uid=0": this message next. */
char *logline_expedite(const char *queue_id, bool is_forced, int64_t uid);

/* Deliveries to a destination are slowed because of what it has answered, or not any more. */
typedef struct LoglineSlowed {
    const char *transport;   /* "": all */
    const char *destination; /* or "site NAME", "nexthop NAME": those that share it */
    const char *amount;      /* "4/1s, 5 at a time"; NULL: not any more */
    const char *rule;        /* the section [reply] */
    const char *reason;      /* the answer */
} LoglineSlowed;

/*
 * "smtp/gmail.com: slowed to 4/1s by [reply gmail-rate]: 421 4.7.28 ..."
 * "smtp/site google: slowed to 4/1s by ...", "site google: slowed to 4/1s by ..."
 * "smtp/gmail.com: not slowed any more"
 */
char *logline_slowed(const LoglineSlowed *slowed);

/* Mail of a site waits for a place in the active queue (traffic.md 5). */
typedef struct LoglineParked {
    const char *transport, *destination; /* as in LoglineSlowed */
    unsigned waiting_count, active_count;
    const char *rate; /* what the site takes, "100/1h"; NULL: not known */
} LoglineParked;

/* "smtp/gmail.com: 4980 messages wait for their turn, 109 in active (100/1h)" */
char *logline_parked(const LoglineParked *parked);

/* A job of an administrator begins, or ends: then its state and the counts are told. */
typedef struct LoglineJob {
    const char *verb;
    unsigned number;
    const char *object, *name; /* as in LoglineRule */
    int64_t uid;               /* -1: it ended by itself */
    const char *state;         /* NULL: it begins */
    const char *reason;        /* NULL: none */
    int64_t tried_count, through_count, back_count, left_count;
} LoglineJob;

/*
 * "control: flush job=3 domain=a.test uid=0: begun"
 * "control: end of job job=3 domain=a.test: stopped: died again: 4.4.1 timeout; tried=20,
 * through=12, back=8, left=4100"
 */
char *logline_job(const LoglineJob *job);

/* Mail for one destination clogs the active queue. */
typedef struct LoglineClog {
    const char *transport, *nexthop;
    int limit, window, running_count; /* concurrency of the destination */
    int entry_count;                  /* of the destination */
    unsigned message_count;           /* in the active queue */
    int active_limit;                 /* qmgr_message_active_limit */
    unsigned destination_count;       /* of the transport */
    const char *holder;               /* who wants it to be slow, as a sentence; NULL: nobody */
    /* Of its site, as in LoglineParked, if that has a share of active (traffic.md 5): how many
     * messages may be there, and how many wait outside of it for a place. */
    unsigned allowance, parked_count; /* allowance 0: it has none */
    const char *site_transport, *site;
} LoglineClog;

/* The lines of the warning with its advice; g_strfreev(). */
char **logline_clog(const LoglineClog *clog);

/* The concurrency window of a destination. */
typedef struct LoglineWindow {
    const char *name;
    int limit, window;
    double success, failure, cohorts;
} LoglineWindow;

/* Debug lines of destination_concurrency_feedback_debug; is_negative: after a failure. */
char *logline_feedback_type(const char *transport, const char *parameter, int type, int window,
                            double value);
char *logline_feedback(bool is_negative, double feedback);
char *logline_window(bool is_negative, const LoglineWindow *window);

/* "1.2" and the like: seconds with two significant digits (ipc.md 8.4). Appends to `out`. */
void logline_put_delay(GString *out, int64_t delay_us, int resolution_limit);

#endif
