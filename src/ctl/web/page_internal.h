#ifndef EQMGR_CTL_WEB_PAGE_INTERNAL_H
#define EQMGR_CTL_WEB_PAGE_INTERNAL_H

/* web/page: HTML pages, whole. They have no script, no form, and load nothing. */

#include "src/ctl/web/respond_internal.h"

extern const char page_style[]; /* CSS of all pages */

/* If the first answer is missing, the page says since when, and shows no numbers. */
char *page_html(const Route *route, WebAnswer *const *answers,
                const WebMoment *moment) G_GNUC_WARN_UNUSED_RESULT;

#endif
