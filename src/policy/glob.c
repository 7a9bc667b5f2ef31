#include <stddef.h>
#include <string.h>

#include "glob_internal.h"

/* Only the last '*' that was met is tried again. */
bool glob_match(const char *glob, const char *text)
{
    const char *star = NULL, *retry = NULL;

    while (*text != '\0') {
        if (*glob == '*') {
            star = glob++;
            retry = text;
        } else if (*glob == *text) {
            glob++;
            text++;
        } else if (star != NULL) {
            glob = star + 1;
            text = ++retry;
        } else {
            return false;
        }
    }
    return glob[strspn(glob, "*")] == '\0';
}
