/* What printf() does, for the three things that pages need. */

#include "src/ctl/text_internal.h"
#include "src/ctl/web/html_internal.h"

void html_init(Html *html)
{
    html->out = g_string_new(NULL);
}

char *html_take(Html *html)
{
    return g_string_free(g_steal_pointer(&html->out), FALSE);
}

void html_clear(Html *html)
{
    if (html->out != NULL)
        (void)g_string_free(g_steal_pointer(&html->out), TRUE);
}

static void html_put_escaped(Html *html, const char *text)
{
    g_autofree char *printable = text_printable(text);

    for (const char *at = printable; *at != '\0'; at++) {
        switch (*at) {
        case '<':
            g_string_append(html->out, "&lt;");
            break;
        case '>':
            g_string_append(html->out, "&gt;");
            break;
        case '&':
            g_string_append(html->out, "&amp;");
            break;
        case '"':
            g_string_append(html->out, "&quot;");
            break;
        case '\'':
            g_string_append(html->out, "&#39;");
            break;
        default:
            g_string_append_c(html->out, *at);
        }
    }
}

/* What stands for %s, %d or %%. (clang-tidy 14 does not see the va_start() of the caller.) */
static void html_put_converted(Html *html, char kind, va_list *values)
{
    switch (kind) {
    case 's':
        html_put_escaped(
            html, va_arg(*values, const char *)); // NOLINT(clang-analyzer-valist.Uninitialized)
        break;
    case 'd':
        g_string_append_printf(html->out, "%d",
                               va_arg(*values, int)); // NOLINT(clang-analyzer-valist.Uninitialized)
        break;
    default:
        g_assert(kind == '%');
        g_string_append_c(html->out, '%');
    }
}

void html_put(Html *html, const char *markup, ...)
{
    va_list values;

    va_start(values, markup);
    for (; *markup != '\0'; markup++) {
        if (*markup == '%')
            html_put_converted(html, *++markup, &values);
        else
            g_string_append_c(html->out, *markup);
    }
    va_end(values);
}

void html_put_segment(Html *html, const char *text)
{
    g_string_append_uri_escaped(html->out, text, NULL, FALSE);
}
