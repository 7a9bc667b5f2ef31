#ifndef EQMGR_POLICY_RULES_H
#define EQMGR_POLICY_RULES_H

/*
 * policy/rules: what an administrator wants for a time, beyond main.cf (operations.md 8): which
 * rules are in force, and whether one of them concerns a recipient or a destination.
 *
 * A lookup costs the same with one rule as with RULES_MAX of them: a few probes of a hash table,
 * and one more for each label of the recipient's domain if there are rules for subdomains. It
 * allocates nothing. With no rule it costs one comparison.
 *
 * Names are compared without regard to ASCII case and are kept in lower case. Times are wall-clock
 * seconds and always arguments: a rule whose end has passed matches nothing any more, whether or
 * not somebody has removed it.
 *
 * A pointer to a Rule is borrowed until the next change of the set. Who wants to remember a rule
 * keeps its number: a number is never given to another rule.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "policy/meter.h"

#define RULES_MAX             10000
#define RULE_NAME_MAX_BYTES   512 /* of a destination */
#define RULE_DOMAIN_MAX_BYTES 256 /* with the dot before it */
#define RULE_REASON_MAX_BYTES 200
#define RULE_NUMBER_LAST      (UINT32_MAX - 1)
#define RULE_FOREVER          INT64_MAX

typedef enum RuleKind {
    RULE_SUSPEND, /* no new delivery */
    RULE_LIMIT,   /* not more than so much of something, in place of what main.cf says */
    RULE_KIND_COUNT
} RuleKind;

/* What a limit is of, for each destination by itself. */
typedef enum RuleMeasure {
    RULE_NOTHING,     /* the rule is no limit */
    RULE_CONCURRENCY, /* deliveries that run at the same time */
    RULE_RATE,        /* deliveries that begin in a time */
    RULE_MEASURE_COUNT
} RuleMeasure;

#define RULE_CONCURRENCY_MAX 100000

/* What a rule is about. */
typedef enum RuleObject {
    RULE_ALL,         /* all transports but those that cannot be suspended */
    RULE_TRANSPORT,   /* of this name */
    RULE_DESTINATION, /* the scheduler's name for it, or its nexthop, in any transport */
    RULE_DOMAIN,      /* the domain of the recipient, or with a dot before it: its subdomains */
    RULE_OBJECT_COUNT
} RuleObject;

typedef struct Rule {
    uint32_t number; /* from 1 on; 0: it has none yet */
    RuleKind kind;
    RuleMeasure measure;
    RuleObject object;
    const char *name;   /* "" with RULE_ALL */
    int most;           /* a limit: not more than this */
    int64_t period_s;   /* of a rate: in this time; else 0 */
    int64_t made_s;     /* when it was set, or set anew */
    int64_t end_s;      /* the first second in which it is not in force; or RULE_FOREVER */
    int64_t uid;        /* who set it */
    const char *reason; /* printable ASCII: of a suspension, it is sent to those whose mail waits */
} Rule;

typedef struct Rules Rules;

const char *rule_kind_str(RuleKind kind);       /* "suspend" */
const char *rule_object_str(RuleObject object); /* "domain" */
bool rule_kind_parse(const char *word, RuleKind *ret_kind);
bool rule_object_parse(const char *word, RuleObject *ret_object);

/* A limit of a rate as a meter takes it, with the default burst. */
MeterLimit rule_rate(const Rule *rule);

/*
 * What a limit is of, "concurrency" or "rate", and how much, "5" or "100/1m", the caller's; NULL:
 * it is none.
 */
const char *rule_measure_str(const Rule *rule);
char *rule_amount_text(const Rule *rule) G_GNUC_WARN_UNUSED_RESULT;

/* What is wrong with it, in words for a person; NULL: it can be put into a set. */
const char *rule_fault(const Rule *rule);

/* A text as a reason: other bytes than printable ASCII become '?', and it is cut. The caller's. */
char *rule_reason_of(const char *text) G_GNUC_WARN_UNUSED_RESULT;

/* False for the services that take in what is suspended, and for those of bounces: no rule is about
 * them. */
bool rule_may_suspend_transport(const char *transport);

Rules *rules_new(void) G_GNUC_WARN_UNUSED_RESULT;
void rules_free(Rules *rules); /* NULL is a no-op */
Rules *rules_copy(const Rules *rules) G_GNUC_WARN_UNUSED_RESULT;

/* `to` becomes what `from` is, which is freed. */
void rules_take(Rules *to, Rules *from);

/* How many rules there are, and the one at a place, in the order of their numbers. */
unsigned rules_count(const Rules *rules);
unsigned rules_count_of(const Rules *rules, RuleKind kind);
const Rule *rules_at(const Rules *rules, unsigned place);

/* The place of the first rule whose number is not less; rules_count() if there is none. */
unsigned rules_place_from(const Rules *rules, uint32_t number);

const Rule *rules_find(const Rules *rules, uint32_t number); /* NULL: there is none */

/* The rule of this kind and measure for the same object, or NULL. */
const Rule *rules_same(const Rules *rules, const Rule *rule);

/*
 * Copies the rule, which must have no fault. It replaces rules_same(), whose number it gets; else
 * it gets its own number, or the next one if that is 0. NULL: there are RULES_MAX already, another
 * rule has the number, or there are no more numbers.
 */
const Rule *rules_put(Rules *rules, const Rule *rule);
bool rules_remove(Rules *rules, uint32_t number); /* false: there is none */

/* The number that the next new rule gets. It is only ever raised. */
uint32_t rules_next_number(const Rules *rules);
void rules_raise_next_number(Rules *rules, uint32_t number);

/* The rule that ends first; NULL: none has an end. */
const Rule *rules_first_to_end(const Rules *rules);

/* The recipient or destination that a lookup is about. */
typedef struct RuleSubject {
    const char *transport;
    const char *destination, *nexthop; /* NULL: not known */
    const char *domain;                /* NULL or "": none; of a destination, the host in its
                                          nexthop (policy/nexthop.h) */
} RuleSubject;

/*
 * The suspension that holds this recipient, or NULL; of several, the one that ends last, and among
 * these the one of the lowest number.
 */
const Rule *rules_suspension(const Rules *rules, const RuleSubject *subject, int64_t now_s);

/*
 * The limit for this destination, or NULL; of several, that for the smallest object: the
 * destination before its domain, this before domains above it, then the transport, then all.
 */
const Rule *rules_limit(const Rules *rules, const RuleSubject *subject, RuleMeasure measure,
                        int64_t now_s);

/*
 * Lines of the file that this release does not understand, and keeps for one that does.
 * rules_keep_line() copies.
 */
unsigned rules_kept_line_count(const Rules *rules);
const char *rules_kept_line(const Rules *rules, unsigned place);
void rules_keep_line(Rules *rules, const char *line);

/* ---- the text that suspended mail is deferred with ---- */

#define RULE_SUSPENSION_STATUS "4.3.2"

/* "delivery suspended by administrator (#7): REASON"; the caller's. */
char *rule_suspension_text(const Rule *rule) G_GNUC_WARN_UNUSED_RESULT;

/* The number in such a text, which may have the status before it; 0: it is not one. */
uint32_t rule_number_in_text(const char *text);

/* Asserts every invariant; for tests. */
void rules_check(const Rules *rules);

#endif
