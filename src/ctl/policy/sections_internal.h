#ifndef EQMGR_CTL_POLICY_SECTIONS_INTERNAL_H
#define EQMGR_CTL_POLICY_SECTIONS_INTERNAL_H

/*
 * sections: a policy file as it is understood, [site] and [reply] alike: sections of terms, which
 * are conditions and settings, each with its value and its line. First come all [site], then all
 * [reply], for these are tried for themselves.
 */

#include "policy/site.h"

typedef enum SectionKind { SECTION_SITE, SECTION_REPLY, SECTION_KIND_COUNT } SectionKind;

typedef struct PolicySection {
    const Sites *sites;
    SectionKind kind;
    unsigned place; /* among those of its kind */
} PolicySection;

unsigned sections_count(const Sites *sites, SectionKind kind);
const char *section_name(const PolicySection *section);
unsigned section_line(const PolicySection *section);
char *section_title(const PolicySection *section) G_GNUC_WARN_UNUSED_RESULT; /* "[site NAME]" */

/* All that a section of the kind can say. */
unsigned section_term_count(SectionKind kind);
const char *section_term_name(const PolicySection *section, unsigned term);

/* 0: the section does not say it. */
unsigned section_term_line(const PolicySection *section, unsigned term);

/*
 * As it can be written in the file, but for a file of words, which has its number of words; what
 * is not said but has a default that is not of main.cf, the default. NULL: neither. The caller's.
 */
char *section_term_value(const PolicySection *section, unsigned term) G_GNUC_WARN_UNUSED_RESULT;

/* Rows of the view "policy_line" (row_free()): all terms that have a value. */
GPtrArray *sections_rows(const Sites *sites) G_GNUC_WARN_UNUSED_RESULT;

#endif
