#include "tests/support/resolver_fixture.h"

const ResolverPace hurried = {
    .first_retry_ms = 1, .retry_ms = 20, .reconnect_ms = 5, .cache_ms = 10 * 1000};

const char *const only[] = {PATH, NULL};

Resolver *resolver;
Peer peer;
int done_count, wanted_count, fatal_count;
GString *got, *asked, *trouble;

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

void on_trouble(const char *text, bool is_fatal, void *ctx)
{
    ck_assert_ptr_eq(ctx, &trouble);
    g_string_append_printf(trouble, "%s\n", text);
    fatal_count += is_fatal;
    if (is_fatal)
        event_base_loopbreak(base);
}

void note_done(const char *answer)
{
    g_string_append_printf(got, "%s ", answer);
    if (++done_count == wanted_count)
        event_base_loopbreak(base);
}

void on_resolved(const ResolveReply *reply, void *ctx)
{
    ck_assert_ptr_eq(ctx, &got);
    ck_assert_str_eq(reply->nexthop, "host");
    note_done(reply->recipient);
}

void on_rewritten(const char *address, void *ctx)
{
    ck_assert_ptr_eq(ctx, &got);
    note_done(address != NULL ? address : "(null)");
}

ResolverQuestion *ask(const char *address)
{
    int done_before = done_count;
    ResolverQuestion *question =
        resolver_ask(resolver, "resolve", SENDER, address, on_resolved, &got);

    ck_assert_int_eq(done_count, done_before);
    return question;
}

void ask_and_wait(const char *address)
{
    wanted_count = done_count + 1;
    (void)ask(address);
    run_loop();
}

void start_resolver(int connection_limit, int idle_s, int ttl_s)
{
    ResolverSettings settings = {.services = only,
                                 .connection_limit = connection_limit,
                                 .idle_s = idle_s,
                                 .ttl_s = ttl_s,
                                 .timeout_s = 1};

    resolver = resolver_new_paced(base, &settings, &hurried, on_trouble, &trouble);
    resolver->moved_ms = NEVER_MOVED; /* this process is the only server, however slow */
}

static void put_reply(GByteArray *reply, int server_flags, const char *transport,
                      const char *address, int flags)
{
    attr_put_int(reply, "flags", server_flags);
    attr_put_str(reply, "transport", transport);
    attr_put_str(reply, "nexthop", "host");
    attr_put_str(reply, "recipient", address);
    attr_put_int(reply, "flags", flags);
    attr_put_end(reply);
}

static void put_resolved(GByteArray *reply, int server_flags, const char *transport,
                         const char *address)
{
    put_reply(reply, server_flags, transport, address, RESOLVE_CLASS_DEFAULT);
}

/* The server: "x" becomes "x@resolved"; some addresses get special answers. */
static void put_answer(GByteArray *reply, const char *request, const char *address)
{
    g_autofree char *answer = NULL;

    g_byte_array_set_size(reply, 0);
    if (g_str_equal(address, "no-form")) {
        attr_put_int(reply, "nonsense", 0);
    } else if (g_str_equal(request, "rewrite")) {
        attr_put_int(reply, "flags", 0);
        attr_put_str(reply, "address", "canonical");
        attr_put_end(reply);
    } else if (g_str_equal(address, "no-transport")) {
        put_resolved(reply, 0, "", address);
    } else if (g_str_equal(address, "failed")) {
        put_reply(reply, 0, "", address, RESOLVE_FAIL);
    } else if (g_str_equal(address, "no-recipient")) {
        put_resolved(reply, 0, "smtp", "");
    } else {
        answer = g_strdup_printf("%s@%s", address, request);
        put_resolved(reply, g_str_equal(address, "last") ? 1 : 0, "smtp", answer);
    }
}

bool answer(const GByteArray *received, GByteArray *reply)
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
    return !g_str_has_prefix(address, "hang"); /* what is not complete is not answered */
}

void start_peer(const char *const *scripts)
{
    peer_start(&peer, PATH, REWRITE_PROTOCOL, scripts, answer, g_byte_array_new());
}

void stop_peer(void)
{
    peer_stop(&peer, PATH);
}

const char *const lasting[] = {"AQR*", NULL};

TCase *resolver_tcase(const char *name)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, setup, teardown);
    return tcase;
}
