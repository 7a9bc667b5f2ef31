#include <string.h>

#include "src/ctl/web/route_internal.h"
#include "tests/support/runner.h"

/* asked: "verb name=value ..." of each question, separated by " + "; or a part of the problem. */
static const struct {
    const char *path, *query;
    int status;
    WebView view;
    const char *asked;
} routes[] = {
    {"/metrics",                   NULL,                           200, WEB_METRICS,     "metrics"                                      },
    {"/ready",                     NULL,                           200, WEB_READY,       "status"                                       },
    {"/healthy",                   NULL,                           200, WEB_HEALTHY,     ""                                             },
    {"/destination/example.com",   NULL,                           200, WEB_DESTINATION, "destination destination=example.com"          },
    {"/destination/%5B::1%5D:25",  "transport=smtp&refresh=off",   200, WEB_DESTINATION,
     "destination destination=[::1]:25 transport=smtp"                                                                                  },
    {"/destination/a%2Fb",         NULL,                           200, WEB_DESTINATION, "destination destination=a/b"                  },
    {"/transport/smtp",            NULL,                           200, WEB_TRANSPORT,   "transports transport=smtp"                    },
    {"/transport/",                NULL,                           404, WEB_TRANSPORT,   "no such page"                                 },
    {"/transport/a/b",             NULL,                           404, WEB_TRANSPORT,   "no such page"                                 },
    {"/transport/%00",             NULL,                           404, WEB_TRANSPORT,   "no such page"                                 },
    {"/transport/%zz",             NULL,                           404, WEB_TRANSPORT,   "no such page"                                 },
    {"/../etc/passwd",             NULL,                           404, WEB_FRONT,       "no such page"                                 },
    {"//",                         NULL,                           404, WEB_FRONT,       "no such page"                                 },
    {"",                           NULL,                           404, WEB_FRONT,       "no such page"                                 },
    {"/metrics/",                  NULL,                           404, WEB_FRONT,       "no such page"                                 },
    {"/api/1/status",              NULL,                           200, WEB_ROWS,        "status"                                       },
    {"/api/1/throttled",           NULL,                           200, WEB_ROWS,        "throttled limit=20"                           },
    {"/api/1/destinations",        "state=full&sort=name&limit=3", 200, WEB_ROWS,
     "destinations limit=3 sort=name state=full"                                                                                        },
    {"/api/1/destinations",        "limit=3&sort=name&state=full", 200, WEB_ROWS,
     "destinations limit=3 sort=name state=full"                                                                                        },
    {"/api/1/destinations/*.b.c",  NULL,                           200, WEB_ROWS,        "destinations pattern=*.b.c limit=20"          },
    {"/api/1/destination/a%2Fb+c", NULL,                           200, WEB_ROWS,        "destination destination=a/b+c limit=20"       },
    {"/api/1/transports/smtp",     NULL,                           200, WEB_ROWS,        "transports transport=smtp limit=20"           },
    {"/api/1/due",                 "within=2h",                    200, WEB_ROWS,        "due limit=20 within=7200"                     },
    {"/api/1/due",                 "within=%32h",                  200, WEB_ROWS,        "due limit=20 within=7200"                     },
    {"/api/1/due",                 "within=long",                  400, WEB_ROWS,        "within: a time such as"                       },
    {"/api/1/due",                 "limit=0",                      400, WEB_ROWS,        "limit: 1 to 1000"                             },
    {"/api/1/due",                 "limit=1001",                   400, WEB_ROWS,        "limit: 1 to 1000"                             },
    {"/api/1/due",                 "limit=1e3",                    400, WEB_ROWS,        "limit: 1 to 1000"                             },
    {"/api/1/due",                 "level=view",                   400, WEB_ROWS,        "does not take \"level\""                      },
    {"/api/1/status",              "limit=1",                      400, WEB_ROWS,        "does not take \"limit\""                      },
    {"/api/1/status/x",            NULL,                           404, WEB_ROWS,        "takes no name"                                },
    {"/api/1/destination",         NULL,                           400, WEB_ROWS,        "DESTINATION is missing"                       },
    {"/api/1/destination/",        NULL,                           400, WEB_ROWS,        "no name behind the last /"                    },
    {"/api/1/destination/%00",     NULL,                           400, WEB_ROWS,        "no name behind the last /"                    },
    {"/api/1/messages",            NULL,                           403, WEB_ROWS,        "needs level view"                             },
    {"/api/1/explain/A1",          NULL,                           404, WEB_ROWS,        "no such verb; there are: status, transports, "},
    {"/api/1/web",                 NULL,                           404, WEB_ROWS,        "no such verb"                                 },
    {"/api/1/",                    NULL,                           404, WEB_ROWS,        "no such verb"                                 },
    {"/api/2/status",              NULL,                           404, WEB_FRONT,       "no such page"                                 },
    {"/ready",                     "%",                            400, WEB_FRONT,       "the query is not one"                         },
    {"/ready",                     "a=%00",                        400, WEB_FRONT,       "the query is not one"                         },
    {"/ready",                     "a=1&a=2",                      400, WEB_FRONT,       "the query is not one"                         },
    {"/ready",                     "&&",                           200, WEB_READY,       "status"                                       },
};

static char *questions_of(const Route *route)
{
    GString *all = g_string_new(NULL);

    for (unsigned i = 0; i < route->question_count; i++) {
        const WebQuestion *question = &route->questions[i];

        g_string_append_printf(all, "%s%s", i > 0 ? " + " : "", question->verb);
        for (guint k = 0; k + 2 < question->arguments->len; k += 2)
            g_string_append_printf(all, " %s=%s", (char *)question->arguments->pdata[k],
                                   (char *)question->arguments->pdata[k + 1]);
    }
    return g_string_free(all, FALSE);
}

START_TEST(addresses_mean_what_they_say)
{
    g_autofree char *asked = NULL;
    Route route;

    route_parse(routes[_i].path, routes[_i].query, &route);
    asked = route.status == 200 ? questions_of(&route) : g_strdup(route.problem);
    ck_assert_msg(route.status == routes[_i].status && strstr(asked, routes[_i].asked) != NULL &&
                      (route.status != 200 || strlen(asked) == strlen(routes[_i].asked)) &&
                      (route.status != 200 || route.view == routes[_i].view),
                  "%s?%s: status %d, view %d: %s", routes[_i].path, routes[_i].query, route.status,
                  (int)route.view, asked);
    route_clear(&route);
}
END_TEST

START_TEST(the_page_asks_for_all_that_it_shows)
{
    Route route;

    route_parse("/", NULL, &route);
    ck_assert_int_eq(route.status, 200);
    ck_assert_uint_eq(route.question_count, FRONT_COUNT);
    ck_assert_str_eq(route.questions[FRONT_STATUS].verb, "status");
    ck_assert_str_eq(route.questions[FRONT_STANDSTILL].verb, "throttled");
    ck_assert_str_eq(route.questions[FRONT_DESTINATIONS].verb, "destinations");
    ck_assert_str_eq(route.questions[FRONT_TRANSPORTS].verb, "transports");
    ck_assert_str_eq(route.questions[FRONT_DUE].verb, "due");
    ck_assert_str_eq(route.questions[FRONT_CONNECTIONS].verb, "connections");
    ck_assert_str_eq(route.questions[FRONT_EVENTS].verb, "events");
    ck_assert_str_eq(route.questions[FRONT_RULES].verb, "rules");
    ck_assert(!route.is_still);
    route_clear(&route);
    route_parse("/", "refresh=off", &route);
    ck_assert(route.is_still);
    route_clear(&route);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("route");

    tcase_add_loop_test(tcase, addresses_mean_what_they_say, 0, G_N_ELEMENTS(routes));
    tcase_add_test(tcase, the_page_asks_for_all_that_it_shows);
    return run_suite("ctl/web/route", tcase, NULL);
}
