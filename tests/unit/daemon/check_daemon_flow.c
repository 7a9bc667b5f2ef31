#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "daemon/service.h"
#include "tests/support/runner.h"

static int flow[2];

static void make_flow(void)
{
    ck_assert_int_eq(pipe2(flow, O_NONBLOCK | O_CLOEXEC), 0);
}

static void close_flow(void)
{
    (void)close(flow[0]);
    (void)close(flow[1]);
}

static const struct {
    int put, take, want;
} flow_cases[] = {
    {0,       0,    0    },
    {5,       0,    5    },
    {5,       2,    3    },
    {5,       9,    0    },
    {3000,    1,    2999 },
    {3000,    2999, 1    },
    {1000000, 0,    65536}, /* full */
    {5,       -1,   5    },
};

START_TEST(tokens_are_counted_put_and_taken)
{
    flow_put(flow[1], flow_cases[_i].put);
    flow_take(flow[0], flow_cases[_i].take);
    ck_assert_int_eq(flow_count(flow[0]), flow_cases[_i].want);
}
END_TEST

START_TEST(missing_pipe_has_no_count)
{
    ck_assert_int_eq(flow_count(-1), -1);
    ck_assert_int_eq(errno, EBADF);
}
END_TEST

int main(void)
{
    TCase *tokens = tcase_create("tokens");

    tcase_add_checked_fixture(tokens, make_flow, close_flow);
    tcase_add_loop_test(tokens, tokens_are_counted_put_and_taken, 0, G_N_ELEMENTS(flow_cases));
    tcase_add_test(tokens, missing_pipe_has_no_count);
    return run_suite("daemon/flow", tokens, NULL);
}
