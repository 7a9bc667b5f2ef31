#ifndef EQMGR_POLICY_SITE_H
#define EQMGR_POLICY_SITE_H

/*
 * policy/site: the sections [site NAME] of a policy file (traffic.md 1): which one a destination
 * belongs to, and the numbers that it says.
 *
 * Sections are tried in their order, and the first that matches wins whole: nothing is merged. A
 * section matches if each condition that it has is met. A condition is met by a name if one of its
 * words is, and none that begins with '!'; if it has only these, each other name meets it.
 *
 *   gmail.com    this name        .gmail.com   names that end with it, and not gmail.com
 *   *.olc.*      '*' stands for anything
 *
 * Case does not count. No section matches the transports "retry" and "error", which take in what is
 * deferred and returned.
 *
 * To look up a destination takes a few probes of a hash table for each label of its name, and the
 * sections with wildcards that come before the one found. Order of life: sites_new(), sites_add()
 * and its words, sites_seal(), sites_match().
 */

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

#include "policy/meter.h"
#include "policy/ramp.h"
#include "policy/retry.h"

#define SITES_MAX            1000
#define SITES_WORDS_MAX      1000000 /* of all sections */
#define SITE_WORD_MAX_BYTES  255
#define SITE_NAME_MAX_BYTES  64
#define SITE_CONCURRENCY_MAX 10000
#define SITE_SHARE_MAX       100

typedef enum SiteCondition {
    SITE_TRANSPORT,   /* its name */
    SITE_DOMAIN,      /* the host or domain in the nexthop, without brackets and port */
    SITE_DESTINATION, /* the nexthop as a whole */
    SITE_CONDITION_COUNT
} SiteCondition;

/* Whom the numbers hold for. */
typedef enum SiteShared {
    SITE_SHARED_NO,              /* each destination by itself */
    SITE_SHARED_YES,             /* all destinations of one transport together */
    SITE_SHARED_OVER_TRANSPORTS, /* all destinations together */
    SITE_SHARED_COUNT
} SiteShared;

typedef enum SiteSetting {
    SITE_CONCURRENCY,
    SITE_RATE,
    SITE_RECIPIENT_RATE,
    SITE_SHARED,
    SITE_RAMP,
    SITE_RETRY,
    SITE_JITTER,
    SITE_LIFETIME,
    SITE_BOUNCE_LIFETIME,
    SITE_ACTIVE_SHARE,
    SITE_READ_BOUNCES,
    SITE_SETTING_COUNT
} SiteSetting;

typedef struct Site {
    const char *name;
    unsigned line;                              /* of the file */
    unsigned setting_lines[SITE_SETTING_COUNT]; /* 0: the section does not say it */
    unsigned condition_lines[SITE_CONDITION_COUNT];
    const char *condition_texts[SITE_CONDITION_COUNT]; /* for people: see sites_spell() */
    int concurrency;
    MeterLimit rate, recipient_rate;
    SiteShared shared;
    Ramp ramp;
    RetryPlan retry;
    int active_share;  /* percent; 0: it has no allowance (policy/allowance.h) */
    bool read_bounces; /* answers for which mail was returned are looked at, too */
} Site;

const char *site_condition_str(SiteCondition condition); /* "transport" */
const char *site_setting_str(SiteSetting setting);       /* "recipient_rate" */
const char *site_shared_str(SiteShared shared);          /* "over-transports" */
bool site_shared_parse(const char *text, SiteShared *ret_shared);

/* No section is for this transport: it is "retry" or "error". */
bool site_excludes(const char *transport);

/* What is wrong with the name of a section; NULL: nothing. */
const char *site_name_fault(const char *name);

/* The rate on this day, by itself or by its ramp. False: the section says none. */
bool site_rate(const Site *site, int64_t day, MeterLimit *ret_limit);

typedef struct Sites Sites;
typedef struct ReplyRules ReplyRules; /* policy/reply_rules.h */

Sites *sites_new(void) G_GNUC_WARN_UNUSED_RESULT;
void sites_free(Sites *sites); /* NULL is a no-op */

/* An empty section, whose members the caller fills. There must be fewer than SITES_MAX. */
Site *sites_add(Sites *sites, const char *name, unsigned line);

/* Of the section that was added last. NULL: success; else what is wrong with the word. */
const char *sites_add_word(Sites *sites, SiteCondition condition,
                           const char *word) G_GNUC_WARN_UNUSED_RESULT;

/* Of the section that was added last: what people are told of the words; copied. */
void sites_spell(Sites *sites, SiteCondition condition, const char *text);

/* The last section has a word of this condition. */
bool sites_has_words(const Sites *sites, SiteCondition condition);

/*
 * The words of a condition that the section of another file has not, sorted, with '!'; the
 * caller's, with the words.
 */
GPtrArray *sites_words_only_in(const Sites *sites, unsigned place, SiteCondition condition,
                               const Sites *others, unsigned other_place) G_GNUC_WARN_UNUSED_RESULT;

/* The sections [reply NAME] of the same file: empty until they are added. */
ReplyRules *sites_replies(const Sites *sites);

/* No section and no word is added any more. */
void sites_seal(Sites *sites);

unsigned sites_count(const Sites *sites);
const Site *sites_at(const Sites *sites, unsigned place);

/* Some section has a share of the active queue. */
bool sites_have_shares(const Sites *sites);

/* The section of the one named so, or NULL. */
const Site *sites_find(const Sites *sites, const char *name);

/* The section that a destination belongs to, or NULL. The nexthop as trivial-rewrite(8) says it. */
const Site *sites_match(const Sites *sites, const char *transport, const char *nexthop);

/*
 * An earlier section because of which this one can never match; NULL if there is none. Not every
 * such case is found.
 */
const Site *sites_shadow(const Sites *sites, unsigned place);

#endif
