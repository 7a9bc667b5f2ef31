#ifndef EQMGR_CONTROL_RULE_WORDS_INTERNAL_H
#define EQMGR_CONTROL_RULE_WORDS_INTERNAL_H

/*
 * rule_words: rules as clients write them, and as rows. What is said in `false` or NULL was put as
 * an error row.
 */

#include "base/nearest.h"
#include "control/steer.h"
#include "src/control/verb_internal.h"

/* What it is about: "what" and "name"; the text belongs to the request. */
bool rule_words_object(Query *query, Rule *rule);

/* Its end: exactly one of "for", "until" and "forever". */
bool rule_words_end(Query *query, Rule *rule);

/* What a limit allows: "concurrency" or "rate". */
bool rule_words_limit(Query *query, Rule *rule);

bool rule_words_check(Query *query, const Rule *rule);

/* The rule that "what" and "name" say: any by its number, a suspension by what it is about. */
const Rule *rule_words_find(Query *query);

/* It is about mail for this destination, as far as that tells the domains of its recipients. */
bool rule_words_is_about(const Rule *rule, const char *transport, const char *name);

/* For who meant another one: a name that is known, of what `about` is about. */
void rule_words_offer(Nearest *nearest, const Rule *about, const char *transport, const char *name,
                      bool is_user);

/* Its name as this client may see it; NULL: it has none. Borrowed. */
const char *rule_words_shown_name(const Query *query, const Rule *rule);

/* Begins a row and leaves it to be ended. */
void row_of_rule(Query *query, const Rule *rule);

#endif
