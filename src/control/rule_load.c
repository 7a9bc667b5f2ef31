#include <errno.h>

#include "base/readable.h"
#include "control/rule_store.h"
#include "policy/rule_file.h"

/* Rule_load: the file of rules is read, once, before the first scan. */

const DataFileNames rule_store_names = {RULE_STORE_FILE, RULE_STORE_NEW, RULE_STORE_BROKEN};

RuleLoad rule_store_load(int directory_fd, Rules *rules, char **ret_problem)
{
    g_autoptr(GByteArray) bytes =
        data_file_read(directory_fd, &rule_store_names, RULE_FILE_MAX_BYTES);
    g_autofree char *faults = NULL, *in_force = NULL;
    RuleFileReport report;

    *ret_problem = NULL;
    if (bytes == NULL && errno == ENOENT)
        return RULE_LOAD_OK;
    if (bytes == NULL) {
        *ret_problem = g_strdup_printf("%s: %s: the rules of the administrator are not known, and "
                                       "none is in force",
                                       RULE_STORE_FILE, g_strerror(errno));
        return RULE_LOAD_FAILED;
    }
    rule_file_parse(rules, (const char *)bytes->data, bytes->len, &report);
    if (report.fault_count == 0)
        return RULE_LOAD_OK;
    faults = readable_counted(report.fault_count, "fault", "faults");
    in_force = readable_counted(rules_count(rules), "rule is", "rules are");
    *ret_problem = g_strdup_printf("%s: %s (%s); %s in force%s", RULE_STORE_FILE,
                                   report.first_fault, faults, in_force,
                                   data_file_keep_broken(directory_fd, &rule_store_names)
                                       ? "; it is kept as " RULE_STORE_BROKEN
                                       : "");
    g_free(report.first_fault);
    return RULE_LOAD_BROKEN;
}
