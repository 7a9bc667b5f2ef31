#ifndef EQMGR_CTL_WEB_HTML_INTERNAL_H
#define EQMGR_CTL_WEB_HTML_INTERNAL_H

/*
 * web/html: the only way to write a page. Markup is a literal of the program; every value goes
 * through %s, which escapes it. So a text of a remote server cannot become markup, and nobody has
 * to remember that.
 */

#include <glib.h>

typedef struct Html {
    GString *out;
} Html;

void html_init(Html *html);
void html_clear(Html *html);
char *html_take(Html *html) G_GNUC_WARN_UNUSED_RESULT; /* the page; the writer is cleared */

/*
 * Markup with values. %s: a text, escaped for elements and for attributes in double quotes; control
 * characters and what is not UTF-8 are shown as '?'. %d: a number. %%: a percent sign. `markup` is
 * a literal: the compiler warns of anything else.
 */
void html_put(Html *html, const char *markup, ...) G_GNUC_PRINTF(2, 3);

/* As one segment of the path of a link in double quotes, whatever it holds. */
void html_put_segment(Html *html, const char *text);

#endif
