/*
 * What a browser asks and what a daemon answers, made into what is sent. The first line is the path
 * with its query, the second one the header Accept, the rest the bytes of the answer.
 */

#include <string.h>

#include "src/ctl/web/respond_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Elements that pages have: no other may come out of any text. */
static bool is_element_of_ours(const char *name, size_t length)
{
    static const char *const names[] = {
        "html",   "head",    "meta",    "title",   "style",   "body",  "header", "main",
        "footer", "h1",      "h2",      "p",       "a",       "b",     "i",      "br",
        "span",   "div",     "ul",      "li",      "dl",      "dt",    "dd",     "strong",
        "small",  "section", "svg",     "rect",    "table",   "thead", "tbody",  "tr",
        "th",     "td",      "caption", "polygon", "polyline"};

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (strlen(names[i]) == length && strncmp(names[i], name, length) == 0)
            return true;
    return false;
}

static void check_page(const char *page)
{
    g_assert(g_utf8_validate(page, -1, NULL));
    g_assert(g_str_has_prefix(page, "<!DOCTYPE html>\n"));
    for (const char *at = strchr(page + 1, '<'); at != NULL; at = strchr(at + 1, '<')) {
        const char *name = at + (at[1] == '/' ? 2 : 1);

        g_assert(is_element_of_ours(name, strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789")));
    }
    for (const char *at = page; *at != '\0'; at++)
        g_assert((unsigned char)*at >= ' ' || *at == '\n');
}

static char *take_line(const uint8_t **data, size_t *size)
{
    const uint8_t *end = *size > 0 ? memchr(*data, '\n', *size) : NULL;
    size_t length = end != NULL ? (size_t)(end - *data) : *size;
    char *line = length > 0 ? g_strndup((const char *)*data, length) : g_strdup("");

    *data += MIN(length + 1, *size);
    *size -= MIN(length + 1, *size);
    return line;
}

static WebAnswer *parse_answer(const uint8_t *data, size_t size)
{
    WebAnswer *answer = web_answer_new();
    Reply reply;

    reply_init(&reply, web_answer_add, answer);
    answer->status = reply_add(&reply, data, size);
    if (answer->status == SESSION_OK && !reply.is_over)
        answer->status = SESSION_INCOMPLETE;
    answer->ends = reply.answer;
    answer->problem = answer->status == SESSION_OK   ? NULL
                      : reply.answer.problem != NULL ? g_strdup(reply.answer.problem)
                                                     : g_strdup("cut off");
    if (answer->status != SESSION_OK)
        g_ptr_array_set_size(answer->rows, 0);
    reply.answer = (SessionAnswer){.problem = NULL};
    reply_clear(&reply);
    return answer;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const WebMoment moment = {1795960270, 1795960211};
    g_autofree char *path = take_line(&data, &size), *accept = take_line(&data, &size);
    char *query = strchr(path, '?');
    WebAnswer *answer = parse_answer(data, size), *answers[ROUTE_QUESTIONS_MAX];
    WebResponse response;
    Route route;

    if (query != NULL)
        *query++ = '\0';
    for (unsigned i = 0; i < ROUTE_QUESTIONS_MAX; i++)
        answers[i] = answer;
    route_parse(path, query, &route);
    web_respond(&route, accept, answers, &moment, &response);
    g_assert(response.body != NULL && response.status >= 200 && response.status < 600);
    if (strstr(response.type, "html") != NULL)
        check_page(response.body);
    web_response_clear(&response);
    route_clear(&route);
    web_answer_unref(answer);
    return 0;
}
