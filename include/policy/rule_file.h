#ifndef EQMGR_POLICY_RULE_FILE_H
#define EQMGR_POLICY_RULE_FILE_H

/*
 * policy/rule_file: rules as text and back (operations.md 8), as they are kept between two starts.
 *
 *   eqmgr-control 1
 *   next 9
 *   suspend 7 domain=yahoo.com made=1764380000 until=1764383600 uid=1000 reason=block, ticket 4711
 *   limit 8 destination=[gw.example.com] concurrency=2 made=1764380000 until=forever uid=0 reason=x
 *   end 3
 *
 * The first line has the version of the format, the last one the number of lines between both: so
 * a file that was cut off is noticed. In a rule, attributes stand in any order, the reason comes
 * last and goes to the end of the line; "all=*" is the object that has no name; bytes of a name
 * that are not printable ASCII, and '%', are %XX; until=forever is no end. "next" is the number of
 * the next new rule.
 *
 * A line whose first word, or one of whose attributes, is not known is of a later release. It has
 * no force here, and is kept as it is.
 */

#include <stddef.h>

#include <glib.h>

#include "policy/rules.h"

#define RULE_FILE_VERSION   1
#define RULE_FILE_MAX_BYTES (16 * 1024 * 1024)

/* The caller's. */
GString *rule_file_format(const Rules *rules) G_GNUC_WARN_UNUSED_RESULT;

typedef struct RuleFileReport {
    unsigned fault_count;   /* 0: the file is whole */
    char *first_fault;      /* for a person: "line 3: the end is not a time"; NULL: none. Free it */
    unsigned unknown_count; /* lines that are kept and have no force */
} RuleFileReport;

/*
 * Adds what the text says to an empty set. Faults end nothing: each line that can be understood
 * counts. Of lines for the same object, or of the same number, the first one counts.
 */
void rule_file_parse(Rules *rules, const char *text, size_t size_bytes, RuleFileReport *ret_report);

#endif
