#include "tests/support/ctl_line.h"

Invocation *ctl_line_parse(const char *line, int *ret_status)
{
    static char **words;

    g_strfreev(words);
    words = g_strsplit(line, " ", -1);
    return command_parse((int)g_strv_length(words), words, ret_status);
}

char *ctl_line_request(const Invocation *invocation)
{
    GString *out = g_string_new(NULL);
    char **words = (char **)invocation->arguments->pdata;

    for (; words[0] != NULL; words += 2)
        if (words[1] != NULL)
            g_string_append_printf(out, "%s%s=%s", out->len > 0 ? " " : "", words[0], words[1]);
    return g_string_free(out, FALSE);
}
