#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/log_transport.h"
#include "src/daemon/log_internal.h"
#include "tests/support/daemon_child.h"
#include "tests/support/runner.h"

enum { STAMP_TEXT_BYTES = LOG_STAMP_BYTES + 1 };

static const struct {
    int64_t local_s;
    const char *want;
} stamp_cases[] = {
    {0,           "Jan 01 00:00:00"},
    {59,          "Jan 01 00:00:59"},
    {-1,          "Dec 31 23:59:59"},
    {951782399,   "Feb 28 23:59:59"}, /* 2000: a leap year of the 400-year rule */
    {951782400,   "Feb 29 00:00:00"},
    {951868800,   "Mar 01 00:00:00"},
    {1709210096,  "Feb 29 12:34:56"},
    {1763792570,  "Nov 22 06:22:50"},
    {1767225599,  "Dec 31 23:59:59"},
    {4107542399,  "Feb 28 23:59:59"}, /* 2100: none */
    {4107542400,  "Mar 01 00:00:00"},
    {13574563200, "Feb 29 00:00:00"}, /* 2400 */
};

START_TEST(stamp_is_month_day_time)
{
    char got[STAMP_TEXT_BYTES] = "";

    log_stamp_format(stamp_cases[_i].local_s, got);
    ck_assert_str_eq(got, stamp_cases[_i].want);
}
END_TEST

START_TEST(stamp_agrees_with_the_c_library_on_every_day)
{
    const int64_t day_s = 86400, last_s = 40000 * day_s;

    for (int64_t at_s = 12345; at_s < last_s; at_s += day_s + 61) {
        char got[STAMP_TEXT_BYTES] = "", want[STAMP_TEXT_BYTES] = "";
        time_t when = (time_t)at_s;
        struct tm calendar;

        log_stamp_format(at_s, got);
        ck_assert_ptr_nonnull(gmtime_r(&when, &calendar));
        ck_assert_uint_eq(strftime(want, sizeof want, "%b %d %H:%M:%S", &calendar),
                          LOG_STAMP_BYTES);
        ck_assert_str_eq(got, want);
    }
}
END_TEST

/* The receiver: a datagram socket where postlogd's would be. */
static char *directory, *path;
static int receiver_fd = -1;

static void start_receiver(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    ck_assert_uint_lt(g_strlcpy(address.sun_path, path, sizeof address.sun_path),
                      sizeof address.sun_path);
    receiver_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(receiver_fd, (const struct sockaddr *)&address, sizeof address), 0);
}

static void stop_receiver(void)
{
    if (receiver_fd >= 0)
        (void)close(receiver_fd);
    receiver_fd = -1;
    (void)unlink(path);
}

static void set_up(void)
{
    directory = g_dir_make_tmp("eqmgr-check-XXXXXX", NULL);
    path = g_build_filename(directory, "postlog", NULL);
    start_receiver();
}

static void tear_down(void)
{
    stop_receiver();
    (void)rmdir(directory);
    g_clear_pointer(&directory, g_free);
    g_clear_pointer(&path, g_free);
    log_set_sink(NULL, NULL);
}

static LogTransport to_receiver(void)
{
    return (LogTransport){.tag = "postfix/qmgr",
                          .postlog_path = path,
                          .hostname = "mail.example.org",
                          .facility = "mail"};
}

/* The next datagram without its time, or NULL. Fails the test if it has no time. */
static char *receive(void)
{
    char line[3000];
    ssize_t count = recv(receiver_fd, line, sizeof line, 0);

    if (count < 0)
        return NULL;
    ck_assert_int_ge(count, LOG_STAMP_BYTES);
    ck_assert_ptr_null(memchr(line, '\0', (size_t)count));
    ck_assert(g_ascii_isupper(line[0]) && g_ascii_isdigit(line[14]));
    return g_strndup(line + LOG_STAMP_BYTES, (gsize)count - LOG_STAMP_BYTES);
}

static void assert_received(const char *want_text)
{
    g_autofree char *got = receive();
    g_autofree char *want = want_text == NULL ? NULL
                                              : g_strdup_printf(" mail postfix/qmgr[%ld]: %s",
                                                                (long)getpid(), want_text);

    ck_assert_pstr_eq(got, want);
}

START_TEST(line_is_one_datagram)
{
    LogTransport transport = to_receiver();

    ck_assert(log_transport_open(&transport));
    log_info("4F: removed");
    log_warning("no %s", "space");
    assert_received("4F: removed");
    assert_received("warning: no space");
    assert_received(NULL);
}
END_TEST

static void hold(void)
{
    LogTransport transport = to_receiver();

    ck_assert(log_transport_open(&transport));
    log_transport_hold();
}

START_TEST(held_lines_come_in_order_when_flushed)
{
    hold();
    log_info("one");
    log_info("two");
    assert_received(NULL);
    log_transport_flush();
    assert_received("one");
    assert_received("two");
    log_transport_flush();
    assert_received(NULL);
}
END_TEST

START_TEST(warning_waits_for_nothing_and_overtakes_nothing)
{
    hold();
    log_info("one");
    log_warning("two");
    assert_received("one");
    assert_received("warning: two");
}
END_TEST

START_TEST(held_lines_survive_a_new_receiver)
{
    hold();
    stop_receiver();
    log_info("one");
    log_info("two");
    start_receiver();
    log_transport_flush();
    assert_received("one");
    assert_received("two");
}
END_TEST

START_TEST(time_is_local)
{
    LogTransport transport = to_receiver();
    char want[STAMP_TEXT_BYTES] = "", line[200] = "";
    time_t before_s, after_s;
    struct tm calendar;

    ck_assert(g_setenv("TZ", "XYZ-05:45", TRUE)); /* east of Greenwich */
    ck_assert(log_transport_open(&transport));
    do { /* in one second */
        before_s = time(NULL);
        log_info("x");
        ck_assert_int_gt(recv(receiver_fd, line, LOG_STAMP_BYTES, 0), 0);
        after_s = time(NULL);
    } while (before_s != after_s);
    before_s += (5 * 60 + 45) * 60;
    ck_assert_ptr_nonnull(gmtime_r(&before_s, &calendar));
    ck_assert_uint_eq(strftime(want, sizeof want, "%b %d %H:%M:%S", &calendar), LOG_STAMP_BYTES);
    ck_assert_str_eq(line, want);
    g_unsetenv("TZ");
}
END_TEST

START_TEST(unknown_hostname_is_no_trouble)
{
    LogTransport transport = to_receiver();
    g_autofree char *line = NULL;

    transport.hostname = NULL;
    ck_assert(log_transport_open(&transport));
    log_info("x");
    line = receive();
    ck_assert_msg(g_str_has_prefix(line, " unknown postfix/qmgr["), "%s", line);
}
END_TEST

START_TEST(longest_line_goes_through)
{
    LogTransport transport = to_receiver();
    g_autofree char *text = g_strnfill(LOG_TEXT_MAX_BYTES, 'A');

    ck_assert(log_transport_open(&transport));
    log_info("%s", text);
    assert_received(text);
}
END_TEST

START_TEST(new_receiver_under_the_old_name_is_found)
{
    LogTransport transport = to_receiver();

    ck_assert(log_transport_open(&transport));
    stop_receiver();
    log_info("lost");
    start_receiver();
    log_info("found");
    assert_received("found");
    assert_received(NULL);
}
END_TEST

START_TEST(receiver_may_come_later_than_we)
{
    LogTransport transport = to_receiver();

    stop_receiver();
    ck_assert(log_transport_open(&transport));
    log_info("lost");
    start_receiver();
    log_info("found");
    assert_received("found");
}
END_TEST

START_TEST(transport_can_be_switched)
{
    LogTransport transport = to_receiver();

    transport.tag = "before";
    transport.hostname = "localhost";
    ck_assert(log_transport_open(&transport));
    log_info("x");
    g_free(receive());
    transport = to_receiver();
    ck_assert(log_transport_open(&transport));
    log_info("x");
    assert_received("x");
}
END_TEST

START_TEST(unknown_facility_changes_nothing)
{
    LogTransport transport = to_receiver();

    ck_assert(log_transport_open(&transport));
    transport.facility = "MAIL";
    transport.tag = "other";
    ck_assert(!log_transport_open(&transport));
    log_info("x");
    assert_received("x");
}
END_TEST

START_TEST(last_words_go_through_at_once)
{
    LogTransport transport = to_receiver();

    ck_assert(log_transport_open(&transport));
    log_transport_last_words("fatal: watchdog timeout");
    assert_received("fatal: watchdog timeout");
}
END_TEST

START_TEST(last_words_do_not_wait_for_a_stuck_receiver)
{
    LogTransport transport = to_receiver();

    ck_assert(log_transport_open(&transport));
    for (int i = 0; i < 10000; i++) /* more than any receive queue holds */
        log_transport_last_words("fatal: watchdog timeout");
    assert_received("fatal: watchdog timeout");
}
END_TEST

static void log_loudly(void *ctx)
{
    LogTransport transport = to_receiver();

    transport.also_stderr = true;
    transport.postlog_path = ctx;
    g_assert(log_transport_open(&transport));
    log_warning("no space");
}

START_TEST(standard_error_gets_a_copy_if_asked)
{
    ChildEnd end = run_child(log_loudly, path, STDERR_FILENO);

    ck_assert_int_eq(end.exit_status, CHILD_RETURNED);
    ck_assert_str_eq(end.output, "postfix/qmgr: warning: no space\n");
}
END_TEST

static const char *const facility_cases[] = {
    "auth",   "authpriv", "cron",   "daemon", "ftp", "kern", "local0", "local1", "local2", "local3",
    "local4", "local5",   "local6", "local7", "lpr", "mail", "news",   "syslog", "user",   "uucp",
};

START_TEST(facilities_are_those_of_stock)
{
    LogTransport transport = to_receiver();

    transport.facility = facility_cases[_i];
    ck_assert(log_transport_open(&transport));
}
END_TEST

static const char *const no_facility_cases[] = {"", "MAIL", "mark", "security", "local8", "ntp"};

START_TEST(others_are_no_facilities)
{
    LogTransport transport = to_receiver();

    transport.facility = no_facility_cases[_i];
    ck_assert(!log_transport_open(&transport));
}
END_TEST

int main(void)
{
    TCase *stamp = tcase_create("stamp"), *postlog = tcase_create("postlog");
    TCase *facility = tcase_create("facility");

    tcase_add_loop_test(stamp, stamp_is_month_day_time, 0, G_N_ELEMENTS(stamp_cases));
    tcase_add_test(stamp, stamp_agrees_with_the_c_library_on_every_day);
    tcase_add_checked_fixture(postlog, set_up, tear_down);
    tcase_add_test(postlog, line_is_one_datagram);
    tcase_add_test(postlog, held_lines_come_in_order_when_flushed);
    tcase_add_test(postlog, warning_waits_for_nothing_and_overtakes_nothing);
    tcase_add_test(postlog, held_lines_survive_a_new_receiver);
    tcase_add_test(postlog, time_is_local);
    tcase_add_test(postlog, unknown_hostname_is_no_trouble);
    tcase_add_test(postlog, longest_line_goes_through);
    tcase_add_test(postlog, new_receiver_under_the_old_name_is_found);
    tcase_add_test(postlog, receiver_may_come_later_than_we);
    tcase_add_test(postlog, transport_can_be_switched);
    tcase_add_test(postlog, unknown_facility_changes_nothing);
    tcase_add_test(postlog, last_words_go_through_at_once);
    tcase_add_test(postlog, last_words_do_not_wait_for_a_stuck_receiver);
    tcase_add_test(postlog, standard_error_gets_a_copy_if_asked);
    tcase_add_checked_fixture(facility, set_up, tear_down);
    tcase_add_loop_test(facility, facilities_are_those_of_stock, 0, G_N_ELEMENTS(facility_cases));
    tcase_add_loop_test(facility, others_are_no_facilities, 0, G_N_ELEMENTS(no_facility_cases));
    return run_suite("daemon/log_transport", stamp, postlog, facility, NULL);
}
