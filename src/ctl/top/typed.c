#include <string.h>

#include "src/ctl/top/typed_internal.h"

#define KEY_DELETE    0x7f
#define KEY_BACKSPACE '\b'

bool typed_is_end(int key)
{
    return key == '\n' || key == '\r';
}

void typed_take_key(char *text, int key, bool with_blanks)
{
    size_t length = strlen(text);

    if ((key == KEY_BACKSPACE || key == KEY_DELETE) && length > 0)
        text[length - 1] = '\0';
    else if (key >= (with_blanks ? ' ' : '!') && key < KEY_DELETE && length < TYPED_MAX)
        text[length] = (char)key, text[length + 1] = '\0';
}
