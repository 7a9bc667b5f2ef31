/* What is not a page: texts and lines. */

#include <string.h>

#include "src/ctl/metrics_internal.h"
#include "src/ctl/view_internal.h"
#include "src/ctl/web/page_internal.h"
#include "src/ctl/web/respond_internal.h"

#define TYPE_TEXT        "text/plain; charset=utf-8"
#define TYPE_JSON_LINES  "application/x-ndjson"
#define TYPE_HTML        "text/html; charset=utf-8"
#define TYPE_PROMETHEUS  "text/plain; version=0.0.4; charset=utf-8"
#define TYPE_OPENMETRICS "application/openmetrics-text; version=1.0.0; charset=utf-8"

int web_status_of(const WebAnswer *answer)
{
    switch (answer->status) {
    case SESSION_OK:
        return 200;
    case SESSION_NOT_FOUND:
        return 404;
    case SESSION_USAGE:
        return 400;
    case SESSION_PROTOCOL:
        return 502;
    case SESSION_NO_DAEMON:
    case SESSION_INCOMPLETE:
    case SESSION_DENIED: /* it is this server that may not ask */
        break;
    }
    return 503;
}

static void respond_text(WebResponse *response, int status, const char *text)
{
    response->status = status;
    response->type = TYPE_TEXT;
    response->body = g_strdup_printf("%s\n", text);
}

/* ---- metrics ---- */

/* How much the client wants this type, 0 to 1; of the most specific range that has it. */
static double quality_of(const char *range)
{
    g_auto(GStrv) parts = g_strsplit(range, ";", -1);

    for (unsigned i = 1; parts[0] != NULL && parts[i] != NULL; i++) {
        const char *parameter = g_strstrip(parts[i]);

        if (g_ascii_strncasecmp(parameter, "q=", 2) == 0)
            return g_ascii_strtod(parameter + 2, NULL);
    }
    return 1;
}

static bool is_of_type(const char *range, const char *type)
{
    size_t length = strlen(type);

    return g_ascii_strncasecmp(range, type, length) == 0 &&
           (range[length] == '\0' || strchr("; \t", range[length]) != NULL);
}

/* A client that does not ask for OpenMetrics gets the older format. */
static MetricsFormat negotiate(const char *accept)
{
    g_auto(GStrv) ranges = g_strsplit(accept != NULL ? accept : "", ",", -1);
    double open = 0, text = 0;

    for (char **range = ranges; *range != NULL; range++) {
        const char *wanted = g_strstrip(*range);
        double quality = quality_of(wanted);

        if (is_of_type(wanted, "application/openmetrics-text"))
            open = MAX(open, quality);
        else if (is_of_type(wanted, "text/plain"))
            text = MAX(text, quality);
    }
    return open > 0 && open >= text ? METRICS_OPENMETRICS : METRICS_PROMETHEUS;
}

static void respond_metrics(WebResponse *response, const char *accept, const WebAnswer *answer)
{
    MetricsFormat format = negotiate(accept);
    Metrics *metrics = metrics_new();

    for (guint i = 0; i < answer->rows->len; i++)
        metrics_add(answer->rows->pdata[i], metrics);
    response->body = metrics_text(metrics, format);
    response->type = format == METRICS_OPENMETRICS ? TYPE_OPENMETRICS : TYPE_PROMETHEUS;
    metrics_free(metrics);
}

/* ---- rows ---- */

static void respond_rows(WebResponse *response, const WebAnswer *answer)
{
    GString *lines = g_string_new(NULL);

    for (guint i = 0; i < answer->rows->len; i++) {
        const Row *row = answer->rows->pdata[i];
        const View *view = view_find(row_text(row, "object"));
        g_autofree char *line = view != NULL ? view_json(view, row) : NULL;

        if (line != NULL)
            g_string_append_printf(lines, "%s\n", line);
    }
    response->body = g_string_free(lines, FALSE);
    response->type = TYPE_JSON_LINES;
    response->matched = row_number(&answer->ends.end, "matched", 0);
    response->is_truncated = row_number(&answer->ends.end, "truncated", 0) != 0;
}

/* ---- all ---- */

static bool is_page(WebView view)
{
    return view == WEB_FRONT || view == WEB_DESTINATION || view == WEB_TRANSPORT;
}

static void respond_page(WebResponse *response, const Route *route, WebAnswer *const *answers,
                         const WebMoment *moment)
{
    response->status = web_status_of(answers[0]);
    response->type = TYPE_HTML;
    response->refresh_s = route->is_still ? 0 : REFRESH_S;
    response->body = page_html(route, answers, moment);
}

static void respond_one(WebResponse *response, const Route *route, const char *accept,
                        const WebAnswer *answer)
{
    if (answer->status != SESSION_OK)
        respond_text(response, web_status_of(answer), answer->problem);
    else if (route->view == WEB_METRICS)
        respond_metrics(response, accept, answer);
    else if (route->view == WEB_READY)
        respond_text(response, 200, "ready");
    else
        respond_rows(response, answer);
}

void web_respond(const Route *route, const char *accept, WebAnswer *const *answers,
                 const WebMoment *moment, WebResponse *ret_response)
{
    *ret_response = (WebResponse){.status = 200, .matched = -1};
    if (route->status != 200)
        respond_text(ret_response, route->status, route->problem);
    else if (route->view == WEB_HEALTHY)
        respond_text(ret_response, 200, "healthy");
    else if (is_page(route->view))
        respond_page(ret_response, route, answers, moment);
    else
        respond_one(ret_response, route, accept, answers[0]);
}

void web_response_clear(WebResponse *response)
{
    g_clear_pointer(&response->body, g_free);
}
