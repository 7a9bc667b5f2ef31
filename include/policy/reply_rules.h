#ifndef EQMGR_POLICY_REPLY_RULES_H
#define EQMGR_POLICY_REPLY_RULES_H

/*
 * policy/reply_rules: the sections [reply NAME] of a policy file (traffic.md 4, 6): which answers
 * of a site slow it down, and by how much; and after which mail is tried again at times of its own.
 *
 * Rules are tried in their order, and the first that matches an answer wins. A rule is for the
 * sites that it names, or if it names none for all destinations. It matches if one of its patterns
 * does:
 *
 *   4.7.28     this status (RFC 3463)        4.7.    each status that begins so
 *   /busy/     a text in which this stands; '*' stands for anything, and case does not count
 *
 * What a rule does is done to the site that has answered so, or with "scope = transport" to all
 * destinations of its transport together.
 *
 * The rules that are for a site are found at once, so an answer costs the patterns of these. Order
 * of life: reply_rules_new(), reply_rules_add() and its patterns and sites, reply_rules_seal(),
 * reply_rules_match().
 */

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

#include "policy/level.h"
#include "policy/retry.h"
#include "policy/site.h"

#define REPLY_RULES_MAX         1000
#define REPLY_PATTERN_MAX_BYTES 128
#define REPLY_TEXT_MAX_BYTES    512 /* of an answer; the rest is not looked at */
#define REPLY_SUSPEND_MAX_S     (7 * 86400)
#define REPLY_HOLD_DEFAULT_S    1800
#define REPLY_TRIGGER_DEFAULT_S 600

/* What can be said in a section. */
typedef enum ReplyName {
    REPLY_SITE,
    REPLY_MATCH,
    REPLY_ACTION,
    REPLY_HOLD,
    REPLY_TRIGGER,
    REPLY_SCOPE,
    REPLY_RETRY,
    REPLY_NAME_COUNT
} ReplyName;

typedef struct ReplyRule {
    const char *name;
    unsigned line;                    /* of the file */
    unsigned lines[REPLY_NAME_COUNT]; /* 0: the section does not say it */
    bool is_for_transport; /* what is said below is for all destinations of the transport */
    int64_t suspend_s;     /* the site is suspended for so long; 0: it is slowed by a step */
    LevelStep step;        /* of a suspension only the trigger counts */
    RetrySchedule retry;   /* of what is answered so; a count of 0: it is that of the site */
} ReplyRule;

/* It slows the site, or suspends it. */
bool reply_rule_acts(const ReplyRule *rule);

const char *reply_name_str(ReplyName name); /* "trigger" */

/*
 * "slow 1/2 floor 6/1m", "concurrency 1/2 floor 1": the floor may be left out, and is one a day, or
 * one. "suspend 3h". Sets that of the rule. NULL: success; else what is wrong, in words that say
 * what would be right.
 */
const char *reply_action_parse(const char *text, ReplyRule *rule) G_GNUC_WARN_UNUSED_RESULT;

/* "2 in 10m", or "2": the time is REPLY_TRIGGER_DEFAULT_S then. Sets the trigger. */
const char *reply_trigger_parse(const char *text, LevelStep *step) G_GNUC_WARN_UNUSED_RESULT;

/* "30m". Sets the hold time. */
const char *reply_hold_parse(const char *text, LevelStep *step) G_GNUC_WARN_UNUSED_RESULT;

/* "transport": whom the action is for. */
const char *reply_scope_parse(const char *text, ReplyRule *rule) G_GNUC_WARN_UNUSED_RESULT;
const char *reply_scope_str(const ReplyRule *rule);

/* "6m 10m 20m". Sets the schedule. */
const char *reply_retry_parse(const char *text, ReplyRule *rule) G_GNUC_WARN_UNUSED_RESULT;

/* As they are parsed. The caller's. */
char *reply_retry_format(const ReplyRule *rule) G_GNUC_WARN_UNUSED_RESULT;
char *reply_action_format(const ReplyRule *rule) G_GNUC_WARN_UNUSED_RESULT;
char *reply_trigger_format(const LevelStep *step) G_GNUC_WARN_UNUSED_RESULT;
char *reply_hold_format(const LevelStep *step) G_GNUC_WARN_UNUSED_RESULT;

ReplyRules *reply_rules_new(void) G_GNUC_WARN_UNUSED_RESULT;
void reply_rules_free(ReplyRules *rules); /* NULL is a no-op */

/*
 * A rule without patterns, for all destinations, with the defaults of the step; the caller sets the
 * rest of it. There must be fewer than REPLY_RULES_MAX.
 */
ReplyRule *reply_rules_add(ReplyRules *rules, const char *name, unsigned line);

/* Of the rule that was added last. NULL: success; else what is wrong with the pattern. */
const char *reply_rules_add_pattern(ReplyRules *rules,
                                    const char *pattern) G_GNUC_WARN_UNUSED_RESULT;

/* Of the rule that was added last: it is for this site, and others that are named. */
void reply_rules_add_site(ReplyRules *rules, const char *site);

/* Nothing is added any more. */
void reply_rules_seal(ReplyRules *rules);

unsigned reply_rules_count(const ReplyRules *rules);
const ReplyRule *reply_rules_at(const ReplyRules *rules, unsigned place);
const ReplyRule *reply_rules_find(const ReplyRules *rules, const char *name);

/* The names of sites that a rule is for, NULL at the end; it is empty if it is for all. */
const char *const *reply_rules_sites_of(const ReplyRules *rules, unsigned place);

/* The patterns of a rule, as they were added, NULL at the end. */
const char *const *reply_rules_patterns_of(const ReplyRules *rules, unsigned place);

/* There is a rule for this site; NULL: for a destination without one. */
bool reply_rules_concern(const ReplyRules *rules, const Site *site);

/* This rule is one of those. */
bool reply_rules_is_for(const ReplyRules *rules, unsigned place, const Site *site);

/* One of those says when mail is tried again. */
bool reply_rules_say_retry(const ReplyRules *rules, const Site *site);

/* Some rule is for transports. */
bool reply_rules_slow_transports(const ReplyRules *rules);

/* An earlier rule, if whatever answer this one is for belongs to that or one before it: it can
 * never win. NULL: it can, as far as that can be seen. */
const ReplyRule *reply_rules_shadow(const ReplyRules *rules, unsigned place);

/* The rule for this answer of a site, or NULL. The status is "" if there is none. */
const ReplyRule *reply_rules_match(const ReplyRules *rules, const Site *site, const char *status,
                                   const char *text);

#endif
