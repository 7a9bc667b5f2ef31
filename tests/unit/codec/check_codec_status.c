#include "codec/status.h"
#include "tests/support/runner.h"

/* Captures of daemon.md 9 and ipc.md 2.4; little endian. */
static const struct {
    int32_t pid;
    uint32_t generation;
    MasterStatus status;
    const char *want;
} cases[] = {
    {12842,  2,  MASTER_STATUS_TAKEN, "\x2a\x32\0\0\x02\0\0\0\0\0\0\0"  },
    {12842,  2,  MASTER_STATUS_AVAIL, "\x2a\x32\0\0\x02\0\0\0\x01\0\0\0"},
    {0x401a, 17, MASTER_STATUS_AVAIL, "\x1a\x40\0\0\x11\0\0\0\x01\0\0\0"},
};

START_TEST(the_status_message_equals_the_captures)
{
    uint8_t bytes[MASTER_STATUS_BYTES];

    master_status_encode(bytes, cases[_i].pid, cases[_i].generation, cases[_i].status);
    ck_assert_mem_eq(bytes, cases[_i].want, sizeof(bytes));
}
END_TEST

int main(void)
{
    TCase *table = tcase_create("table");

    tcase_add_loop_test(table, the_status_message_equals_the_captures, 0, G_N_ELEMENTS(cases));
    return run_suite("codec/status", table, NULL);
}
