/*
 * The undefined-behaviour sanitizer reads its options from /proc when it complains for the first
 * time. A daemon that has given up root may not read that any more, and its complaint would be lost
 * with its standard error. Linked into the daemon in MODE=asan.
 */

#include <stdlib.h>

const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void)
{
    const char *options = getenv("UBSAN_OPTIONS");

    return options != NULL ? options : "";
}
