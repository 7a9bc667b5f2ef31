#ifndef EQMGR_CONFIG_COMPARE_INTERNAL_H
#define EQMGR_CONFIG_COMPARE_INTERNAL_H

/* compare: the operators of "${{left} op {right}}" (configuration.md 3.2), on expanded texts. */

#include <stddef.h>

typedef enum CompareOp {
    COMPARE_UNKNOWN,
    COMPARE_EQ,
    COMPARE_NE,
    COMPARE_LT,
    COMPARE_LE,
    COMPARE_GE,
    COMPARE_GT,
} CompareOp;

typedef enum CompareResult {
    COMPARE_FALSE,
    COMPARE_TRUE,
    COMPARE_BAD_NUMBER, /* an operand of digits only does not fit a long */
    COMPARE_BAD_LEVEL,
} CompareResult;

/* How many bytes at `text` belong to the operator, known or not. */
size_t compare_op_span(const char *text);
CompareOp compare_op_parse(const char *text, size_t length);
const char *compare_op_str(CompareOp op);

/* As numbers if both are digits only, else as bytes. *ret_bad, set with COMPARE_BAD_..., is the
 * operand to blame. */
CompareResult compare_texts(CompareOp op, const char *left, const char *right,
                            const char **ret_bad);

/* As compatibility levels. */
CompareResult compare_levels(CompareOp op, const char *left, const char *right,
                             const char **ret_bad);

#endif
