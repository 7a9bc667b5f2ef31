#include "tests/support/resolver_fixture.h"

/* Questions and answers: sharing, memory, and what ends them early. */

/*
 * Rounds of questions, separated by blanks; those of a round are asked at once, with '+' between,
 * and awaited. "<>" is the null address; "!" forgets all answers.
 */
static const struct {
    const char *name, *rounds;
    bool remembers;
    const char *want_answers;
    int want_questions; /* that the server got */
} shared[] = {
    {"one question",                             "a",     true,  "a@resolve ",                     1},
    {"identical questions are asked once",       "a+a+a", true,  "a@resolve a@resolve a@resolve ", 1},
    {"answers are remembered",                   "a a+a", true,  "a@resolve a@resolve a@resolve ", 1},
    {"until they are forgotten on demand",       "a ! a", true,  "a@resolve a@resolve ",           2},
    {"or not at all",                            "a a",   false, "a@resolve a@resolve ",           2},
    {"nor for the null address, whatever it is", "<> <>", true,  "@resolve @resolve ",             2},
};

static void ask_round(const char *round)
{
    g_auto(GStrv) addresses = g_strsplit(round, "+", -1);

    if (g_str_equal(round, "!")) {
        resolver_forget(resolver);
        return;
    }
    wanted_count = done_count + (int)g_strv_length(addresses);
    for (char **address = addresses; *address != NULL; address++)
        (void)ask(g_str_equal(*address, "<>") ? "" : *address);
    run_loop();
}

START_TEST(answers_are_shared_and_remembered)
{
    const ResolverSettings forgetful = {.services = only, .connection_limit = 1, .timeout_s = 1};
    g_auto(GStrv) rounds = g_strsplit(shared[_i].rounds, " ", -1);

    start_peer(lasting);
    if (shared[_i].remembers)
        start_resolver(4, 5, 1000);
    else
        resolver = resolver_new(base, &forgetful, on_trouble, &trouble);
    for (char **round = rounds; *round != NULL; round++)
        ask_round(*round);
    ck_assert_str_eq(got->str, shared[_i].want_answers);
    ck_assert_msg(peer.question_count == shared[_i].want_questions, "%s: %d questions",
                  shared[_i].name, peer.question_count);
    ck_assert_str_eq(trouble->str, "");
    stop_peer();
}
END_TEST

START_TEST(probes_and_rewriting_have_their_own_requests)
{
    start_peer(lasting);
    start_resolver(1, 5, 1000);
    wanted_count = 3;
    ask("a");
    resolver_ask(resolver, "verify", SENDER, "a", on_resolved, &got);
    resolver_ask_rewrite(resolver, "local", "a", on_rewritten, &got);
    run_loop();
    ck_assert_str_eq(got->str, "a@resolve a@verify canonical ");
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
    start_resolver(widths[_i].limit, 5, 1000);
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

START_TEST(answers_are_forgotten_in_time)
{
    ResolverSettings settings = {.services = only, .connection_limit = 1, .timeout_s = 1};
    ResolverPace pace = {.cache_ms = 30};

    start_peer(lasting);
    resolver = resolver_new_paced(base, &settings, &pace, on_trouble, &trouble);
    ask_and_wait("a");
    while (resolver->cache.count > 0)
        run_for_ms(5);
    ask_and_wait("a");
    ck_assert_int_eq(peer.question_count, 2);
    stop_peer();
}
END_TEST

/* A question asked before the change may have been looked up before it, too. */
START_TEST(answer_on_its_way_is_forgotten_too)
{
    static const char *const slow[] = {"AQttttR*", NULL};

    start_peer(slow);
    start_resolver(4, 5, 1000);
    ask("a");
    while (peer.question_count == 0)
        run_for_ms(1);
    resolver_forget(resolver);
    if (done_count == 0)
        run_loop();
    ask_and_wait("a");
    ck_assert_int_eq(peer.question_count, 2);
    stop_peer();
}
END_TEST

/* Who asks after the change gets no answer of before it. */
START_TEST(question_on_its_way_is_asked_again_for_those_who_ask_later)
{
    static const char *const slow[] = {"AQttttR*", NULL};

    start_peer(slow);
    start_resolver(1, 5, 1000);
    wanted_count = 2;
    ask("a");
    while (peer.question_count == 0)
        run_for_ms(1);
    resolver_forget(resolver);
    ask("a");
    if (done_count < wanted_count)
        run_loop();
    ck_assert_int_eq(peer.question_count, 2);
    ask_and_wait("a");
    ck_assert_int_eq(peer.question_count, 2);
    stop_peer();
}
END_TEST

/* It was not asked yet when all was forgotten. */
START_TEST(question_that_waits_is_asked_once)
{
    static const char *const slow[] = {"AQttttR*", NULL};

    start_peer(slow);
    start_resolver(1, 5, 1000);
    wanted_count = 2;
    ask("a");
    ask("b");
    while (peer.question_count == 0)
        run_for_ms(1);
    resolver_forget(resolver);
    if (done_count < wanted_count)
        run_loop();
    ck_assert_int_eq(peer.question_count, 2);
    stop_peer();
}
END_TEST

START_TEST(memory_of_answers_is_bounded)
{
    start_peer(lasting);
    start_resolver(4, 5, 1000);
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

START_TEST(cancelled_questions_are_not_answered)
{
    ResolverQuestion *waiting, *wired, *first, *second, *known;

    start_peer(lasting);
    start_resolver(1, 5, 1000);
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
    start_resolver(1, 5, 1000);
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
    start_resolver(2, 5, 1000);
    wanted_count = 2;
    ask("1@a");
    ask("1@b");
    run_for_ms(10);
    wanted_count = 100;
    ask(got->str[2] == 'a' ? "1@a" : "1@b"); /* from memory */
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
    start_resolver(2, 5, 1000);
    resolver_ask(resolver, "resolve", SENDER, "a", free_when_resolved, &got);
    ask("a");
    ask("b");
    run_loop();
    ck_assert_str_eq(got->str, "a@resolve ");
    stop_peer();
}
END_TEST

int main(void)
{
    TCase *table = resolver_tcase("table"), *single = resolver_tcase("single");

    tcase_add_loop_test(table, answers_are_shared_and_remembered, 0, G_N_ELEMENTS(shared));
    tcase_add_loop_test(table, questions_share_the_connections_in_order, 0, G_N_ELEMENTS(widths));
    tcase_add_test(single, probes_and_rewriting_have_their_own_requests);
    tcase_add_test(single, answers_are_forgotten_in_time);
    tcase_add_test(single, answer_on_its_way_is_forgotten_too);
    tcase_add_test(single, question_on_its_way_is_asked_again_for_those_who_ask_later);
    tcase_add_test(single, question_that_waits_is_asked_once);
    tcase_add_test(single, memory_of_answers_is_bounded);
    tcase_add_test(single, cancelled_questions_are_not_answered);
    tcase_add_test(single, question_lost_after_its_cancellation_ends);
    tcase_add_test(single, freeing_drops_questions_in_every_state);
    tcase_add_test(single, resolver_may_be_freed_by_an_answer);
    return run_suite("ipc/resolver", table, single, NULL);
}
