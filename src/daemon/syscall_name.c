#include <string.h>

#include <glib.h>

#include "sandbox_internal.h"

/* The table is filled before the filter is in force: libseccomp calls malloc() to tell a name, and
 * a signal handler must not. */
static const char *known_names[SYSCALL_NUMBERS];

static bool is_in_table(int number)
{
    return number >= 0 && number < SYSCALL_NUMBERS;
}

void syscall_name_set(int number, const char *name)
{
    if (is_in_table(number) && known_names[number] == NULL)
        known_names[number] = g_strdup(name);
}

static bool syscall_is_named(int number)
{
    return is_in_table(number) && known_names[number] != NULL;
}

const char *syscall_name(int number, char room[SYSCALL_NAME_ROOM])
{
    char *digit = room + SYSCALL_NAME_ROOM - 1;
    unsigned rest = (unsigned)number;

    if (syscall_is_named(number))
        return known_names[number];
    *digit = '\0';
    do {
        *--digit = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    digit -= strlen("number ");
    memcpy(digit, "number ", strlen("number "));
    return digit;
}
