#include <stdio.h>
#include <time.h>

#include "base/readable.h"
#include "src/ctl/policy/affected_internal.h"
#include "src/ctl/policy/differences_internal.h"
#include "src/ctl/policy/instance_internal.h"
#include "src/ctl/policy/numbers_internal.h"
#include "src/ctl/policy/policy_internal.h"
#include "src/ctl/policy/sections_internal.h"
#include "src/ctl/show_internal.h"
#include "src/ctl/table_internal.h"
#include "src/ctl/text_internal.h"

/* "policy check", "policy show", "policy diff" and "policy explain". */

#define STATUS_ERRORS 1
#define UNSET         "eqmgr_policy_file is not set: name a file"

static int policy_refuse(const char *text)
{
    (void)fprintf(stderr, "eqmgrctl: policy: %s; see eqmgrctl help policy\n", text);
    return SESSION_USAGE;
}

static void print_findings(const Invocation *invocation, const char *severity,
                           const GPtrArray *texts)
{
    for (guint i = 0; i < texts->len; i++) {
        g_autofree char *printable = text_printable(texts->pdata[i]);
        Row row = row_empty();

        (void)g_hash_table_insert(row.values, g_strdup("severity"), g_strdup(severity));
        (void)g_hash_table_insert(row.values, g_strdup("text"), g_strdup(texts->pdata[i]));
        if (!show_as_json(invocation, view_find("finding"), &row))
            (void)printf("%s: %s\n", severity, printable);
        g_hash_table_destroy(row.values);
    }
}

static void print_count(const char *path, const PolicyFindings *findings)
{
    g_autofree char *printable = text_printable(path);
    g_autofree char *errors = readable_counted(findings->errors->len, "error", "errors");
    g_autofree char *warnings = readable_counted(findings->warnings->len, "warning", "warnings");
    unsigned section_count = findings->sites != NULL ? sites_count(findings->sites) : 0;
    g_autofree char *sections = readable_counted(section_count, "section", "sections");

    if (findings->sites == NULL)
        (void)printf("%s: %s\n", printable, errors);
    else
        (void)printf("%s: no errors, %s, %s\n", printable, warnings, sections);
}

/* "": there is none. */
static const char *path_of_file(const Invocation *invocation, const Settings *settings)
{
    return invocation->second != NULL ? invocation->second
                                      : settings_values(settings)->eqmgr_policy_file;
}

static int check_file(const Invocation *invocation, const Settings *settings)
{
    const char *path = path_of_file(invocation, settings);
    PolicyFindings findings;
    int status;

    if (*path == '\0')
        return policy_refuse(UNSET);
    instance_find(&findings, path, settings);
    print_findings(invocation, "error", findings.errors);
    print_findings(invocation, "warning", findings.warnings);
    if (!invocation->json)
        print_count(path, &findings);
    status = findings.sites != NULL ? 0 : STATUS_ERRORS;
    instance_clear(&findings);
    return status;
}

static void print_rows(const Invocation *invocation, const View *view, const GPtrArray *rows)
{
    Table *table = table_new(view, 0);

    for (guint i = 0; i < rows->len; i++)
        if (!show_as_json(invocation, view, rows->pdata[i]))
            table_add(table, rows->pdata[i]);
    if (!invocation->json)
        table_print(table, stdout, 0);
    table_free(table);
}

static int explain_destination(const Invocation *invocation, const Settings *settings,
                               const Sites *sites)
{
    const PolicySubject subject = {
        .settings = settings,
        .path = settings_values(settings)->eqmgr_policy_file,
        .site = sites_match(sites, invocation->second, invocation->third),
        .replies = sites_replies(sites),
        .transport = invocation->second,
        .day = ramp_local_day(time(NULL)),
    };
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) rows = numbers_of(&subject, &error);

    if (rows == NULL) {
        g_autofree char *printable = text_printable(error->message);

        (void)fprintf(stderr, "eqmgrctl: %s\n", printable);
        return STATUS_ERRORS;
    }
    print_rows(invocation, view_find("policy"), rows);
    return 0;
}

static int show_file(const Invocation *invocation, const Settings *settings)
{
    const char *path = path_of_file(invocation, settings);
    PolicyFindings findings;
    int status = STATUS_ERRORS;

    if (*path == '\0')
        return policy_refuse(UNSET);
    instance_find(&findings, path, settings);
    print_findings(invocation, "error", findings.errors);
    if (findings.sites != NULL) {
        g_autoptr(GPtrArray) rows = sections_rows(findings.sites);

        print_rows(invocation, view_find("policy_line"), rows);
        status = 0;
    }
    instance_clear(&findings);
    return status;
}

static int policy_explain(const Invocation *invocation, const Settings *settings)
{
    PolicyFindings findings;
    int status = STATUS_ERRORS;

    instance_find(&findings, settings_values(settings)->eqmgr_policy_file, settings);
    print_findings(invocation, "error", findings.errors);
    if (findings.sites != NULL)
        status = explain_destination(invocation, settings, findings.sites);
    instance_clear(&findings);
    return status;
}

/* ---- diff ---- */

static void print_compared(const Invocation *invocation, const char *view, const GPtrArray *rows,
                           const char *title)
{
    if (!invocation->json)
        (void)printf("-- %s\n", title);
    if (rows->len > 0)
        print_rows(invocation, view_find(view), rows);
}

static void print_differences(const Invocation *invocation, const PolicyPair *pair)
{
    g_autoptr(GPtrArray) rows = differences_of(pair->before, pair->after);

    print_compared(invocation, "policy_difference", rows,
                   rows->len > 0 ? "sections that differ" : "no section differs");
}

static int print_affected(const Invocation *invocation, const Affected *affected)
{
    g_autoptr(GError) error = NULL;
    AffectedCounts counts;
    g_autoptr(GPtrArray) rows = affected_rows(affected, &counts, &error);
    g_autofree char *title = NULL, *seen = NULL, *changed = NULL, *unseen = NULL;

    if (rows == NULL)
        return show_problem(invocation, (SessionStatus)STATUS_ERRORS, error->message);
    seen = readable_counted(counts.seen_count, "destination", "destinations");
    changed = readable_counted(counts.changed_count, "changes", "change");
    title = g_strdup_printf("of %s with mail now, %s", seen, changed);
    print_compared(invocation, "policy_change", rows, title);
    unseen = readable_counted(counts.unseen_count, "destination was", "destinations were");
    if (counts.unseen_count > 0)
        (void)fprintf(stderr, "-- %s not compared: that needs level view\n", unseen);
    return 0;
}

static int compare_destinations(const Invocation *invocation, const PolicyPair *pair)
{
    const char *const arguments[] = {"limit", "0", NULL};
    SessionAnswer answer = {.problem = NULL};
    Session *session = NULL;
    Affected *affected;
    SessionStatus status;
    int result = show_connect(invocation, &session);

    if (result != 0)
        return result;
    affected = affected_new(pair);
    status = session_ask(session, "destinations", arguments, affected_add, affected, &answer);
    result = status == SESSION_OK ? print_affected(invocation, affected)
                                  : show_problem(invocation, status, answer.problem);
    session_answer_clear(&answer);
    session_close(session);
    affected_free(affected);
    return result;
}

static int compare_files(const Invocation *invocation, const Settings *settings)
{
    PolicyFindings before, after;
    int status = STATUS_ERRORS;

    instance_find(&before, settings_values(settings)->eqmgr_policy_file, settings);
    instance_find(&after, invocation->second, settings);
    print_findings(invocation, "error", before.errors);
    print_findings(invocation, "error", after.errors);
    if (before.sites != NULL && after.sites != NULL) {
        const PolicyPair pair = {settings, before.sites, after.sites, ramp_local_day(time(NULL))};

        print_differences(invocation, &pair);
        status = compare_destinations(invocation, &pair);
    }
    instance_clear(&before);
    instance_clear(&after);
    return status;
}

/* What can be done, how many words it takes, and whether a file that is named is all it needs. */
static const struct {
    const char *name;
    int (*run)(const Invocation *invocation, const Settings *settings);
    bool takes_destination, is_about_file;
} deeds[] = {
    {"check",   check_file,     false, true },
    {"show",    show_file,      false, true },
    {"explain", policy_explain, true,  false},
    {"diff",    compare_files,  false, false},
};

int policy_run(const Invocation *invocation)
{
    Settings *settings;
    size_t i = 0;
    int status;

    while (i < G_N_ELEMENTS(deeds) && !g_str_equal(invocation->operand, deeds[i].name))
        i++;
    if (i == G_N_ELEMENTS(deeds))
        return policy_refuse("say check, show, diff or explain");
    if (deeds[i].takes_destination && invocation->third == NULL)
        return policy_refuse("explain: say TRANSPORT DESTINATION");
    if (deeds[i].run == compare_files && invocation->second == NULL)
        return policy_refuse("diff: say FILE, to be compared with eqmgr_policy_file");
    if (!deeds[i].takes_destination && invocation->third != NULL)
        return policy_refuse("one file at a time");
    settings = instance_settings(invocation, !deeds[i].is_about_file || invocation->second == NULL);
    if (settings == NULL)
        return STATUS_ERRORS;
    status = deeds[i].run(invocation, settings);
    settings_free(settings);
    return status;
}
