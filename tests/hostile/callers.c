#include "tests/hostile/callers.h"

#define SILENT_MAX 90 /* below the backlog of the socket */
#define BYTES_MAX  300
#define FLOOD      100000 /* a socket takes that much */

static void call_silently(Lab *lab, GRand *dice)
{
    int count = g_rand_boolean(dice) ? 1 : g_rand_int_range(dice, 2, SILENT_MAX);

    for (; count > 0; count--)
        daemon_trigger(lab->daemon, "", 0, false);
}

static void call_with_bytes(Lab *lab, GRand *dice)
{
    char bytes[BYTES_MAX];
    int count = g_rand_int_range(dice, 1, BYTES_MAX);

    for (int i = 0; i < count; i++)
        bytes[i] = (char)g_rand_int_range(dice, 0, 256);
    daemon_trigger(lab->daemon, bytes, (size_t)count, g_rand_boolean(dice));
}

static void flood(Lab *lab, GRand *dice)
{
    g_autofree char *bytes = g_strnfill(FLOOD, (char)g_rand_int_range(dice, 'A', 'Z' + 1));

    daemon_trigger(lab->daemon, bytes, FLOOD, false);
}

void callers_act(Lab *lab, GRand *dice)
{
    static void (*const callers[])(Lab *, GRand *) = {call_silently, call_with_bytes, flood};
    int choice = g_rand_int_range(dice, 0, 4 * (int)G_N_ELEMENTS(callers));

    if (choice >= (int)G_N_ELEMENTS(callers) || !daemon_is_running(lab->daemon))
        return;
    callers[choice](lab, dice);
    lab_settle(lab);
}

void callers_act_as_master(Lab *lab, GRand *dice)
{
    if (g_rand_int_range(dice, 0, 20) > 0 || !daemon_is_running(lab->daemon))
        return;
    trace_add(lab->core.trace, TRACE_NOTES, NULL, CALLERS_STATUS_NOTE);
    if (g_rand_boolean(dice))
        daemon_abandon(lab->daemon);
    else
        daemon_misuse_status(lab->daemon, "quit", 4);
    lab_settle(lab);
}
