#include "base/clock.h"
#include "tests/support/resolver_fixture.h"

/* Servers that are missing, go away or talk nonsense; and how long connections are kept. */

static void close_sessions(void)
{
    for (guint i = 0; i < peer.sessions->len; i++)
        peer_session_close(g_ptr_array_index(peer.sessions, i));
}

START_TEST(server_that_goes_away_while_idle_makes_us_forget)
{
    start_peer(lasting);
    start_resolver(4, 5, 1000);
    ask_and_wait("a");
    close_sessions();
    run_for_ms(5);
    ck_assert_int_eq(resolver->cache.count, 0);
    ask_and_wait("a");
    ck_assert_int_eq(peer.question_count, 2);
    ck_assert_int_eq(peer.accepted_count, 2);
    ck_assert_str_eq(trouble->str, "");
    stop_peer();
}
END_TEST

#define PROBLEM "problem talking to service rewrite: "
#define GARBAGE "unexpected attribute garbage from " PATH " socket (expecting: flags)\n"

static const struct {
    const char *name;
    const char *scripts[4];
    const char *want_trouble;
} losses[] = {
    {"hangs up once",                {"AQX", "AQR*"},        ""                              },
    {"hangs up in greeting once",    {"X", "AQR*"},          ""                              },
    {"hangs up after greeting once", {"AX", "AQR*"},         ""                              },
    {"hangs up twice",               {"AQX", "AQX", "AQR*"}, PROBLEM "Application error\n"   },
    {"breaks off",
     {"AQrX", "AQR*"},
     "unexpected end-of-input from " PATH " socket while reading input attribute value\n"    },
    {"answers garbage",              {"AQG", "AQR*"},        GARBAGE                         },
    {"answers garbage twice",
     {"AQG", "AQG", "AQR*"},
     GARBAGE GARBAGE PROBLEM "Application error\n"                                           },
    {"is of another kind",
     {"W", "AQR*"},
     "unexpected protocol other_protocol from " PATH
     " socket (expected: trivial_rewrite_protocol)\n"                                        },
    {"does not answer",              {"AQ", "AQR*"},         PROBLEM "Connection timed out\n"},
    {"does not greet",               {"", "AQR*"},           PROBLEM "Connection timed out\n"},
    {"says more than asked",         {"AQRG", "AQR*"},       ""                              },
};

START_TEST(question_survives_a_server_that)
{
    start_peer(losses[_i].scripts);
    start_resolver(1, 5, 1000);
    ask_and_wait("a");
    ask_and_wait("b");
    ck_assert_str_eq(got->str, "a@resolve b@resolve ");
    ck_assert_msg(g_str_equal(trouble->str, losses[_i].want_trouble), "%s: %s", losses[_i].name,
                  trouble->str);
    stop_peer();
}
END_TEST

START_TEST(connections_lost_together_are_one_trouble)
{
    static const char *const scripts[] = {"AQX", "AQX", "AQX", "AQR*", NULL};

    start_peer(scripts);
    start_resolver(3, 5, 1000);
    wanted_count = 3;
    ask("1@a");
    ask("1@b");
    ask("1@c");
    run_loop();
    ck_assert_int_eq(done_count, 3);
    ck_assert_str_eq(trouble->str, "");
    stop_peer();
}
END_TEST

static const struct {
    const char *address, *want_trouble;
} nonsense[] = {
    {"no-transport", "resolve_clnt: null transport result for: <no-transport>\n"},
    {"no-recipient", "resolve_clnt: null recipient result for: <no-recipient>\n"},
};

START_TEST(senseless_answer_is_asked_again)
{
    start_peer(lasting);
    start_resolver(1, 5, 1000);
    ask(nonsense[_i].address);
    while (peer.question_count < 2)
        run_for_ms(5);
    ck_assert_int_eq(done_count, 0);
    ck_assert(g_str_has_prefix(trouble->str, nonsense[_i].want_trouble));
    stop_peer();
}
END_TEST

/* How often `word` was asked for. */
static int asked_count(const char *word)
{
    g_auto(GStrv) words = g_strsplit(asked->str, " ", -1);
    int count = 0;

    for (char **each = words; *each != NULL; each++)
        count += g_str_equal(*each, word);
    return count;
}

/* Asks so many questions, and runs the loop until all are answered. */
static void ask_in_turn(int count)
{
    wanted_count = done_count + count;
    for (int i = 0; i < count; i++) {
        g_autofree char *address = g_strdup_printf("u%d@x", i);

        ask(address);
    }
    run_loop();
}

/* Questions asked in vain rest for a minute. */
static void start_resolver_that_rests(int connection_limit)
{
    const ResolverSettings settings = {.services = only,
                                       .connection_limit = connection_limit,
                                       .idle_s = 5,
                                       .ttl_s = 1000,
                                       .timeout_s = 1};
    const ResolverPace pace = {.retry_ms = 60 * 1000, .cache_ms = 10 * 1000};

    resolver = resolver_new_paced(base, &settings, &pace, on_trouble, &trouble);
    resolver->moved_ms = NEVER_MOVED; /* this process is the only server, however slow */
}

START_TEST(others_are_asked_while_a_question_rests)
{
    start_peer(lasting);
    start_resolver_that_rests(1);
    ask("no-transport");
    ask_in_turn(50);
    ck_assert_int_eq(done_count, 50);
    ck_assert_int_eq(asked_count("no-transport"), 1);
    ck_assert_str_eq(trouble->str, nonsense[0].want_trouble);
    ck_assert_int_eq(peer.accepted_count, 1);
    stop_peer();
}
END_TEST

START_TEST(question_may_be_cancelled_while_it_rests)
{
    ResolverQuestion *question;

    start_peer(lasting);
    start_resolver(1, 5, 1000);
    question = ask("no-transport");
    while (trouble->len == 0)
        run_for_ms(1);
    resolver_cancel(question);
    ck_assert_int_eq(g_hash_table_size(resolver->queries), 0);
    ck_assert_int_eq(resolver->line.count, 0);
    stop_peer();
}
END_TEST

static void end_rests(void)
{
    GHashTableIter queries;
    gpointer each;

    g_hash_table_iter_init(&queries, resolver->queries);
    while (g_hash_table_iter_next(&queries, NULL, &each)) {
        const ResolverQuery *query = each;

        if (query->rest != NULL && evtimer_pending(query->rest, NULL))
            event_active(query->rest, EV_TIMEOUT, 0);
    }
}

/* Asks other questions one by one; each that succeeds ends the rest of those asked in vain. */
static void ask_until_given_up(const char *name)
{
    for (int i = 0; strstr(got->str, name) == NULL; i++) {
        g_autofree char *address = g_strdup_printf("u%d@x", i);

        ask_and_wait(address);
        end_rests();
        run_for_ms(5);
    }
}

static void on_given_up(const ResolveReply *reply, void *ctx)
{
    ck_assert_ptr_eq(ctx, &got);
    ck_assert_int_eq(reply->flags, RESOLVE_FAIL);
    note_done(reply->recipient);
}

START_TEST(what_is_asked_in_vain_while_others_succeed_is_given_up)
{
    start_peer(lasting);
    start_resolver_that_rests(2);
    (void)resolver_ask(resolver, "resolve", SENDER, "no-transport", on_given_up, &got);
    ask_until_given_up("no-transport ");
    ck_assert_int_eq(asked_count("no-transport"), VAIN_MAX);
    ck_assert_int_eq(g_hash_table_size(resolver->queries), 0);
    (void)resolver_ask(resolver, "resolve", SENDER, "no-transport", on_given_up, &got);
    wanted_count = done_count + 1;
    run_loop(); /* it is remembered, as any answer */
    ck_assert_int_eq(asked_count("no-transport"), VAIN_MAX);
    stop_peer();
}
END_TEST

START_TEST(rewriting_is_given_up_as_well)
{
    start_peer(lasting);
    start_resolver_that_rests(2);
    (void)resolver_ask_rewrite(resolver, "local", "no-form", on_rewritten, &got);
    ask_until_given_up("(null) ");
    ck_assert_int_eq(asked_count("no-form"), VAIN_MAX);
    stop_peer();
}
END_TEST

START_TEST(failed_lookup_needs_no_transport)
{
    start_peer(lasting);
    start_resolver(1, 5, 1000);
    (void)resolver_ask(resolver, "resolve", SENDER, "failed", on_given_up, &got);
    run_loop();
    ck_assert_str_eq(got->str, "failed ");
    ck_assert_str_eq(trouble->str, "");
    stop_peer();
}
END_TEST

/* All questions about one domain hang. */
START_TEST(who_waits_for_a_silent_domain_is_given_up_with_it)
{
    start_peer(lasting);
    start_resolver(4, 5, 1000);
    for (int i = 0; i < 6; i++) {
        g_autofree char *address = g_strdup_printf("hang%d@h", i);

        (void)resolver_ask(resolver, "resolve", SENDER, address, on_given_up, &got);
    }
    run_for_ms(20);
    ck_assert_int_eq(resolver->connection_counts[CONNECTION_ASKED], 2); /* half of them */
    ck_assert(resolver_has_spare(resolver));
    ask_until_given_up("hang5@h ");
    ck_assert_int_lt(asked_count("hang5@h"), VAIN_MAX);
    stop_peer();
}
END_TEST

START_TEST(server_flags_close_the_connection)
{
    start_peer(lasting);
    start_resolver(1, 5, 1000);
    ask_and_wait("last");
    ask_and_wait("a");
    ck_assert_str_eq(got->str, "last@resolve a@resolve ");
    ck_assert_int_eq(peer.accepted_count, 2);
    stop_peer();
}
END_TEST

START_TEST(missing_service_is_fatal_in_the_end)
{
    start_resolver(4, 5, 1000);
    ask("a");
    ask("b");
    run_loop();
    ck_assert_int_eq(fatal_count, 1);
    ck_assert(g_str_has_prefix(trouble->str,
                               "connect #1 to subsystem " PATH ": No such file or directory\n"
                               "connect #2 to subsystem " PATH ": No such file or directory\n"));
    ck_assert(g_str_has_suffix(trouble->str,
                               "connect #11 to subsystem " PATH ": No such file or directory\n"));
}
END_TEST

START_TEST(service_that_comes_late_is_found)
{
    start_resolver(4, 5, 1000);
    ask("a");
    run_for_ms(8);
    start_peer(lasting);
    run_loop();
    ck_assert_str_eq(got->str, "a@resolve ");
    ck_assert_int_eq(fatal_count, 0);
    stop_peer();
}
END_TEST

START_TEST(overloaded_service_is_waited_for_in_silence)
{
    int listener = peer_listen(PATH, 1);
    GArray *fds = fill_listen_queue(PATH);

    start_resolver(1, 5, 1000);
    ask("a");
    run_for_ms(TALK_PATIENCE_MS + 100);
    close_all(fds);
    close(listener);
    unlink(PATH);
    ck_assert_str_eq(trouble->str, "");
    start_peer(lasting);
    run_loop();
    ck_assert_str_eq(got->str, "a@resolve ");
    stop_peer();
}
END_TEST

/* Until no connection is open; a test that waits in vain is ended. Returns the time since begin_ms.
 */
static int64_t wait_for_close_ms(int64_t begin_ms)
{
    while (peer.open_count > 0)
        run_for_ms(5);
    return clock_mono_ms() - begin_ms;
}

START_TEST(idle_connections_are_closed)
{
    int64_t begin_ms = clock_mono_ms();

    start_peer(lasting);
    start_resolver(1, 1, 1000);
    ask_and_wait("a");
    ck_assert_int_ge(wait_for_close_ms(begin_ms), 900);
    stop_peer();
}
END_TEST

START_TEST(old_connections_are_closed)
{
    int64_t begin_ms = clock_mono_ms(), used_ms;

    start_peer(lasting);
    start_resolver(1, 1000, 1);
    ask_and_wait("a");
    run_for_ms(500);
    ask_and_wait("b");
    used_ms = clock_mono_ms() - begin_ms;
    ck_assert_int_ge(wait_for_close_ms(begin_ms), 900);
    ck_assert(peer.accepted_count == 1 || used_ms >= 900);
    stop_peer();
}
END_TEST

START_TEST(stock_pace_is_used_by_default)
{
    ResolverSettings settings = {.services = only, .connection_limit = 1, .timeout_s = 1};

    resolver = resolver_new(base, &settings, on_trouble, &trouble);
    ask("a");
    run_for_ms(20);
    ck_assert_str_eq(trouble->str, "connect #1 to subsystem " PATH ": No such file or directory\n");
}
END_TEST

int main(void)
{
    TCase *table = resolver_tcase("table"), *single = resolver_tcase("single");

    tcase_set_timeout(single, LONG_TEST_S); /* time-outs of whole seconds */
    tcase_add_loop_test(table, question_survives_a_server_that, 0, G_N_ELEMENTS(losses));
    tcase_add_loop_test(table, senseless_answer_is_asked_again, 0, G_N_ELEMENTS(nonsense));
    tcase_add_test(single, others_are_asked_while_a_question_rests);
    tcase_add_test(single, what_is_asked_in_vain_while_others_succeed_is_given_up);
    tcase_add_test(single, question_may_be_cancelled_while_it_rests);
    tcase_add_test(single, rewriting_is_given_up_as_well);
    tcase_add_test(single, failed_lookup_needs_no_transport);
    tcase_add_test(single, who_waits_for_a_silent_domain_is_given_up_with_it);
    tcase_add_test(single, server_that_goes_away_while_idle_makes_us_forget);
    tcase_add_test(single, connections_lost_together_are_one_trouble);
    tcase_add_test(single, server_flags_close_the_connection);
    tcase_add_test(single, missing_service_is_fatal_in_the_end);
    tcase_add_test(single, service_that_comes_late_is_found);
    tcase_add_test(single, overloaded_service_is_waited_for_in_silence);
    tcase_add_test(single, idle_connections_are_closed);
    tcase_add_test(single, old_connections_are_closed);
    tcase_add_test(single, stock_pace_is_used_by_default);
    return run_suite("ipc/resolver_trouble", table, single, NULL);
}
