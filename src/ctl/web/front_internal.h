#ifndef EQMGR_CTL_WEB_FRONT_INTERNAL_H
#define EQMGR_CTL_WEB_FRONT_INTERNAL_H

/* web/front: what is between header and footer of the front page. */

#include "src/ctl/web/html_internal.h"
#include "src/ctl/web/respond_internal.h"

typedef enum Verdict { VERDICT_OK, VERDICT_ATTENTION, VERDICT_TROUBLE } Verdict;

/* All is well, or not: of all that the answers say. */
Verdict front_verdict(WebAnswer *const *answers);
const char *front_verdict_str(Verdict verdict);

void front_put_verdict(Html *html, WebAnswer *const *answers);
void front_put_rules(Html *html, const WebAnswer *answer, int64_t now_s);
void front_put_jobs(Html *html, const WebAnswer *answer, int64_t now_s);
void front_put(Html *html, WebAnswer *const *answers, int64_t now_s);

#endif
