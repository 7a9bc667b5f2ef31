/* The file of rules: any bytes give a sound set, and what is printed of it is whole and the same.
 */

#include <stdint.h>

#include "policy/rule_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Rules *rules = rules_new(), *again = rules_new();
    RuleFileReport report;
    GString *text, *second;

    rule_file_parse(rules, (const char *)data, size, &report);
    g_assert((report.fault_count > 0) == (report.first_fault != NULL));
    g_free(report.first_fault);
    rules_check(rules);
    text = rule_file_format(rules);
    rule_file_parse(again, text->str, text->len, &report);
    g_assert(report.fault_count == 0);
    rules_check(again);
    second = rule_file_format(again);
    g_assert(g_string_equal(text, second));
    (void)g_string_free(text, TRUE);
    (void)g_string_free(second, TRUE);
    rules_free(rules);
    rules_free(again);
    return 0;
}
