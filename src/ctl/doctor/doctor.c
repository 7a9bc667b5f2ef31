/* Advice as sentences for people, or as rows for programs. */

#include <stdio.h>

#include "src/ctl/doctor/advice_internal.h"
#include "src/ctl/doctor/doctor_internal.h"
#include "src/ctl/show_internal.h"
#include "src/ctl/text_internal.h"

#define STATUS_ADVICE 1

static void print_advice(const Invocation *invocation, const Row *row)
{
    g_autofree char *text = text_printable(row_text(row, "text"));

    if (show_as_json(invocation, view_find("advice"), row))
        return;
    (void)printf("%s: %s\n    %s\n", row_text(row, "severity"), text, row_text(row, "help"));
}

int doctor_run(const Invocation *invocation)
{
    g_autofree char *problem = NULL;
    Session *session = NULL;
    SessionStatus status;
    Facts facts;
    int result = show_connect(invocation, &session);

    if (result != 0)
        return result;
    facts_init(&facts);
    status = facts_take(&facts, session, &problem);
    facts_read_settings(&facts, invocation->config_directory);
    if (status == SESSION_OK) {
        g_autoptr(GPtrArray) rows = advice_of(&facts);

        for (guint i = 0; i < rows->len; i++)
            print_advice(invocation, rows->pdata[i]);
        if (rows->len == 0 && !invocation->json)
            (void)puts("Nothing to advise: all is well.");
        result = rows->len == 0 ? 0 : STATUS_ADVICE;
    } else {
        result = show_problem(invocation, status, problem);
    }
    facts_clear(&facts);
    session_close(session);
    return result;
}
