#include "src/ipc/resolver_internal.h"
#include "tests/ipc_peer.h"
#include "tests/runner.h"

#define PATH   "private/rewrite"
#define SENDER "s@example.org"

static const ResolverPace hurried = {
    .first_retry_ms = 1, .retry_ms = 20, .reconnect_ms = 5, .cache_ms = 10 * 1000};

static Resolver *resolver;
static Peer peer;
static int done_count, wanted_count, fatal_count;
static GString *got, *asked, *trouble;

static void setup(void)
{
    ipc_setup();
    done_count = fatal_count = 0;
    wanted_count = 1;
    got = g_string_new(NULL);
    asked = g_string_new(NULL);
    trouble = g_string_new(NULL);
}

static void teardown(void)
{
    g_clear_pointer(&resolver, resolver_free);
    (void)g_string_free(got, TRUE);
    (void)g_string_free(asked, TRUE);
    (void)g_string_free(trouble, TRUE);
    ipc_teardown();
}

static void on_trouble(const char *text, bool is_fatal, void *ctx)
{
    ck_assert_ptr_eq(ctx, &trouble);
    g_string_append_printf(trouble, "%s\n", text);
    fatal_count += is_fatal;
    if (is_fatal)
        event_base_loopbreak(base);
}

static void note_done(const char *answer)
{
    g_string_append_printf(got, "%s ", answer);
    if (++done_count == wanted_count)
        event_base_loopbreak(base);
}

static void on_resolved(const ResolveReply *reply, void *ctx)
{
    ck_assert_ptr_eq(ctx, &got);
    ck_assert_str_eq(reply->nexthop, "host");
    note_done(reply->recipient);
}

static void on_rewritten(const char *address, void *ctx)
{
    ck_assert_ptr_eq(ctx, &got);
    note_done(address);
}

static ResolverQuestion *ask(const char *address)
{
    int done_before = done_count;
    ResolverQuestion *question =
        resolver_ask(resolver, "resolve", SENDER, address, on_resolved, &got);

    ck_assert_int_eq(done_count, done_before);
    return question;
}

static void ask_and_wait(const char *address)
{
    wanted_count = done_count + 1;
    (void)ask(address);
    run_loop();
}

static void start(int connection_limit, int idle_s, int ttl_s)
{
    ResolverSettings settings = {.service = PATH,
                                 .connection_limit = connection_limit,
                                 .idle_s = idle_s,
                                 .ttl_s = ttl_s,
                                 .timeout_s = 1};

    resolver = resolver_new_paced(base, &settings, &hurried, on_trouble, &trouble);
}

static void put_resolved(GByteArray *reply, int flags, const char *transport, const char *address)
{
    attr_put_int(reply, "flags", flags);
    attr_put_str(reply, "transport", transport);
    attr_put_str(reply, "nexthop", "host");
    attr_put_str(reply, "recipient", address);
    attr_put_int(reply, "flags", RESOLVE_CLASS_DEFAULT);
    attr_put_end(reply);
}

/* The server: "x" becomes "x@resolved"; some addresses get special answers. */
static void put_answer(GByteArray *reply, const char *request, const char *address)
{
    g_autofree char *answer = NULL;

    g_byte_array_set_size(reply, 0);
    if (g_str_equal(request, "rewrite")) {
        attr_put_int(reply, "flags", 0);
        attr_put_str(reply, "address", "canonical");
        attr_put_end(reply);
    } else if (g_str_equal(address, "no-transport")) {
        put_resolved(reply, 0, "", address);
    } else if (g_str_equal(address, "no-recipient")) {
        put_resolved(reply, 0, "smtp", "");
    } else {
        answer = g_strdup_printf("%s@%s", address, request);
        put_resolved(reply, g_str_equal(address, "last") ? 1 : 0, "smtp", answer);
    }
}

static bool answer(const GByteArray *received, GByteArray *reply)
{
    AttrReader reader;
    const char *request, *context, *address;

    attr_reader_init(&reader, received->data, received->len);
    if (attr_get_str(&reader, "request", &request) != ATTR_OK ||
        attr_get_str(&reader, g_str_equal(request, "rewrite") ? "rule" : "sender", &context) !=
            ATTR_OK ||
        attr_get_str(&reader, "address", &address) != ATTR_OK || attr_get_end(&reader) != ATTR_OK)
        return false;
    ck_assert_int_eq(reader.pos, received->len); /* nothing is pipelined */
    g_string_append_printf(asked, "%s ", address);
    put_answer(reply, request, address);
    return true;
}

static void start_peer(const char *const *scripts)
{
    peer_start(&peer, PATH, REWRITE_PROTOCOL, scripts, answer, g_byte_array_new());
}

static void stop_peer(void)
{
    peer_stop(&peer, PATH);
}

static const char *const lasting[] = {"AQR*", NULL};

START_TEST(question_is_answered_later)
{
    start_peer(lasting);
    start(4, 5, 1000);
    ck_assert_ptr_nonnull(ask("a"));
    run_loop();
    ck_assert_str_eq(got->str, "a@resolve ");
    ck_assert_str_eq(trouble->str, "");
    stop_peer();
}
END_TEST

START_TEST(probes_and_rewriting_have_their_own_requests)
{
    start_peer(lasting);
    start(1, 5, 1000);
    wanted_count = 3;
    ask("a");
    resolver_ask(resolver, "verify", SENDER, "a", on_resolved, &got);
    resolver_ask_rewrite(resolver, "local", "a", on_rewritten, &got);
    run_loop();
    ck_assert_str_eq(got->str, "a@resolve a@verify canonical ");
    stop_peer();
}
END_TEST

START_TEST(null_address_may_have_any_recipient_and_is_not_remembered)
{
    start_peer(lasting);
    start(1, 5, 1000);
    ask_and_wait("");
    ask_and_wait("");
    ck_assert_str_eq(got->str, "@resolve @resolve ");
    ck_assert_int_eq(peer.question_count, 2);
    stop_peer();
}
END_TEST

static const struct {
    int limit, questions, want_connections;
} widths[] = {
    {1, 20, 1},
    {4, 20, 4},
    {8, 3,  3},
};

/* The server answers in order of arrival, so order on the wire shows in the order of answers. */
START_TEST(questions_share_the_connections_in_order)
{
    g_autoptr(GString) want = g_string_new(NULL);

    start_peer(lasting);
    start(widths[_i].limit, 5, 1000);
    wanted_count = widths[_i].questions;
    for (int i = 0; i < widths[_i].questions; i++) {
        g_autofree char *address = g_strdup_printf("u%d", i);

        ask(address);
        g_string_append_printf(want, "u%d ", i);
    }
    run_loop();
    ck_assert_int_eq(peer.accepted_count, widths[_i].want_connections);
    ck_assert_int_eq(done_count, widths[_i].questions);
    if (widths[_i].limit == 1)
        ck_assert_str_eq(asked->str, want->str);
    stop_peer();
}
END_TEST

START_TEST(identical_questions_are_asked_once)
{
    start_peer(lasting);
    start(4, 5, 1000);
    wanted_count = 3;
    ask("a");
    ask("a");
    ask("a");
    run_loop();
    ck_assert_str_eq(got->str, "a@resolve a@resolve a@resolve ");
    ck_assert_int_eq(peer.question_count, 1);
    stop_peer();
}
END_TEST

START_TEST(answers_are_remembered)
{
    start_peer(lasting);
    start(4, 5, 1000);
    ask_and_wait("a");
    wanted_count = 3;
    ask("a");
    ask("a");
    run_loop();
    ck_assert_int_eq(peer.question_count, 1);
    ck_assert_int_eq(done_count, 3);
    stop_peer();
}
END_TEST

START_TEST(answers_are_forgotten_in_time)
{
    ResolverSettings settings = {.service = PATH, .connection_limit = 1, .timeout_s = 1};
    ResolverPace pace = {.cache_ms = 30};

    start_peer(lasting);
    resolver = resolver_new_paced(base, &settings, &pace, on_trouble, &trouble);
    ask_and_wait("a");
    run_for_ms(60);
    ask_and_wait("a");
    ck_assert_int_eq(peer.question_count, 2);
    stop_peer();
}
END_TEST

START_TEST(memory_of_answers_is_bounded)
{
    start_peer(lasting);
    start(4, 5, 1000);
    wanted_count = ANSWER_CACHE_MAX + 10;
    for (int i = 0; i < wanted_count; i++) {
        g_autofree char *address = g_strdup_printf("u%d", i);

        ask(address);
    }
    run_loop();
    ck_assert_int_eq(resolver->cache.count, ANSWER_CACHE_MAX);
    ck_assert_int_eq(g_hash_table_size(resolver->cache.answers), ANSWER_CACHE_MAX);
    stop_peer();
}
END_TEST

static void close_sessions(void)
{
    for (guint i = 0; i < peer.sessions->len; i++)
        session_close(g_ptr_array_index(peer.sessions, i));
}

START_TEST(server_that_goes_away_while_idle_makes_us_forget)
{
    start_peer(lasting);
    start(4, 5, 1000);
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
    start(1, 5, 1000);
    wanted_count = 2;
    ask("a");
    ask("b");
    run_loop();
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
    start(3, 5, 1000);
    wanted_count = 3;
    ask("a");
    ask("b");
    ask("c");
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
    start(1, 5, 1000);
    ask(nonsense[_i].address);
    run_for_ms(50);
    ck_assert_int_eq(done_count, 0);
    ck_assert_int_ge(peer.accepted_count, 2);
    ck_assert(g_str_has_prefix(trouble->str, nonsense[_i].want_trouble));
    stop_peer();
}
END_TEST

START_TEST(server_flags_close_the_connection)
{
    start_peer(lasting);
    start(1, 5, 1000);
    ask_and_wait("last");
    ask_and_wait("a");
    ck_assert_str_eq(got->str, "last@resolve a@resolve ");
    ck_assert_int_eq(peer.accepted_count, 2);
    stop_peer();
}
END_TEST

START_TEST(missing_service_is_fatal_in_the_end)
{
    start(4, 5, 1000);
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
    start(4, 5, 1000);
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

    start(1, 5, 1000);
    ask("a");
    run_for_ms(TALK_RETRY_MS * TALK_RETRY_COUNT + 100);
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

START_TEST(idle_connections_are_closed)
{
    start_peer(lasting);
    start(1, 1, 1000);
    ask_and_wait("a");
    run_for_ms(500);
    ck_assert_int_eq(peer.open_count, 1);
    run_for_ms(700);
    ck_assert_int_eq(peer.open_count, 0);
    stop_peer();
}
END_TEST

START_TEST(old_connections_are_closed)
{
    start_peer(lasting);
    start(1, 5, 1);
    ask_and_wait("a");
    run_for_ms(500);
    ask_and_wait("b");
    run_for_ms(700);
    ck_assert_int_eq(peer.accepted_count, 1);
    ck_assert_int_eq(peer.open_count, 0);
    stop_peer();
}
END_TEST

START_TEST(cancelled_questions_are_not_answered)
{
    ResolverQuestion *waiting, *wired, *first, *second, *known;

    start_peer(lasting);
    start(1, 5, 1000);
    wanted_count = 1;
    ask("known");
    run_loop();
    known = ask("known");
    wired = ask("wired");
    waiting = ask("waiting");
    first = ask("shared");
    second = ask("shared");
    resolver_cancel(known);
    resolver_cancel(wired);
    resolver_cancel(waiting);
    resolver_cancel(first);
    resolver_cancel(NULL);
    (void)second;
    wanted_count = 2;
    run_loop();
    ck_assert_str_eq(got->str, "known@resolve shared@resolve ");
    ck_assert_str_eq(asked->str, "known wired shared ");
    stop_peer();
}
END_TEST

START_TEST(question_lost_after_its_cancellation_ends)
{
    static const char *const scripts[] = {"AQX", "AQR*", NULL};
    ResolverQuestion *question;

    start_peer(scripts);
    start(1, 5, 1000);
    question = ask("a");
    while (resolver->connection_counts[CONNECTION_ASKED] == 0)
        event_base_loop(base, EVLOOP_ONCE);
    resolver_cancel(question);
    run_for_ms(10);
    ck_assert_int_eq(peer.question_count, 1);
    ck_assert_int_eq(g_hash_table_size(resolver->queries), 0);
    stop_peer();
}
END_TEST

START_TEST(freeing_drops_questions_in_every_state)
{
    static const char *const scripts[] = {"AQR*", "AQ", NULL};

    start_peer(scripts);
    start(2, 5, 1000);
    wanted_count = 2;
    ask("a");
    ask("b");
    run_for_ms(10);
    wanted_count = 100;
    ask(got->str[0] == 'a' ? "a" : "b"); /* from memory */
    for (const char *const *address = (const char *const[]){"c", "d", "e", NULL}; *address != NULL;
         address++)
        ask(*address);
    g_clear_pointer(&resolver, resolver_free);
    resolver_free(NULL);
    run_for_ms(5);
    ck_assert_int_eq(done_count, 1);
    ck_assert_int_eq(peer.open_count, 0);
    stop_peer();
}
END_TEST

static void free_when_resolved(const ResolveReply *reply, void *ctx)
{
    g_clear_pointer(&resolver, resolver_free);
    on_resolved(reply, ctx);
}

START_TEST(resolver_may_be_freed_by_an_answer)
{
    start_peer(lasting);
    start(2, 5, 1000);
    resolver_ask(resolver, "resolve", SENDER, "a", free_when_resolved, &got);
    ask("a");
    ask("b");
    run_loop();
    ck_assert_str_eq(got->str, "a@resolve ");
    stop_peer();
}
END_TEST

START_TEST(stock_pace_is_used_by_default)
{
    ResolverSettings settings = {.service = PATH, .connection_limit = 1, .timeout_s = 1};

    resolver = resolver_new(base, &settings, on_trouble, &trouble);
    ask("a");
    run_for_ms(20);
    ck_assert_str_eq(trouble->str, "connect #1 to subsystem " PATH ": No such file or directory\n");
}
END_TEST

int main(void)
{
    TCase *table = tcase_create("table"), *single = tcase_create("single");

    tcase_add_checked_fixture(table, setup, teardown);
    tcase_add_loop_test(table, questions_share_the_connections_in_order, 0, G_N_ELEMENTS(widths));
    tcase_add_loop_test(table, question_survives_a_server_that, 0, G_N_ELEMENTS(losses));
    tcase_add_loop_test(table, senseless_answer_is_asked_again, 0, G_N_ELEMENTS(nonsense));
    tcase_add_checked_fixture(single, setup, teardown);
    tcase_add_test(single, question_is_answered_later);
    tcase_add_test(single, probes_and_rewriting_have_their_own_requests);
    tcase_add_test(single, null_address_may_have_any_recipient_and_is_not_remembered);
    tcase_add_test(single, identical_questions_are_asked_once);
    tcase_add_test(single, answers_are_remembered);
    tcase_add_test(single, answers_are_forgotten_in_time);
    tcase_add_test(single, memory_of_answers_is_bounded);
    tcase_add_test(single, server_that_goes_away_while_idle_makes_us_forget);
    tcase_add_test(single, connections_lost_together_are_one_trouble);
    tcase_add_test(single, server_flags_close_the_connection);
    tcase_add_test(single, missing_service_is_fatal_in_the_end);
    tcase_add_test(single, service_that_comes_late_is_found);
    tcase_add_test(single, overloaded_service_is_waited_for_in_silence);
    tcase_add_test(single, idle_connections_are_closed);
    tcase_add_test(single, old_connections_are_closed);
    tcase_add_test(single, cancelled_questions_are_not_answered);
    tcase_add_test(single, question_lost_after_its_cancellation_ends);
    tcase_add_test(single, freeing_drops_questions_in_every_state);
    tcase_add_test(single, resolver_may_be_freed_by_an_answer);
    tcase_add_test(single, stock_pace_is_used_by_default);
    return run_suite("ipc/resolver", table, single, NULL);
}
