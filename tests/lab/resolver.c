#include "tests/lab/resolver.h"

#include <stdlib.h>
#include <string.h>

#include "tests/lab/manner.h"
#include "tests/lab/peer.h"
#include "tests/lab/stage.h"
#include "tests/lab/trace.h"
#include "tests/postfix/wire.h"

#define SOCKET_PATH   "private/rewrite"
#define DEFAULT_CLASS "4096"

typedef struct Rule {
    GPatternSpec *pattern;
    char *transport, *nexthop, *recipient, *flags, *server_flags;
    MannerKind kind; /* MANNER_OK, or what happens instead of an answer */
    int64_t delay_ms;
    int times_left; /* negative: for ever */
} Rule;

typedef struct Client {
    Resolver *resolver;
    Peer *peer;
    StageAction answer;
    char *request, *sender, *address; /* of the question being answered */
} Client;

struct Resolver {
    const Core *core;
    PeerServer *server;
    GPtrArray *rules; /* of Rule */
    Rule *default_rule;
    uint64_t question_count;
};

static void rule_free(void *data)
{
    Rule *rule = data;

    g_pattern_spec_free(rule->pattern);
    g_free(rule->transport);
    g_free(rule->nexthop);
    g_free(rule->recipient);
    g_free(rule->flags);
    g_free(rule->server_flags);
    g_free(rule);
}

static Rule *rule_new(const char *pattern)
{
    Rule *rule = g_new0(Rule, 1);

    rule->pattern = g_pattern_spec_new(pattern);
    rule->transport = g_strdup("smtp");
    rule->nexthop = g_strdup("%d");
    rule->recipient = g_strdup("%r");
    rule->flags = g_strdup(DEFAULT_CLASS);
    rule->server_flags = g_strdup("0");
    rule->times_left = -1;
    return rule;
}

static void set_text(char **member, const char *value)
{
    g_free(*member);
    *member = g_strdup(value);
}

static bool set_value(Rule *rule, const char *name, const char *value)
{
    const struct {
        const char *name;
        char **member;
    } texts[] = {
        {"transport",    &rule->transport   },
        {"nexthop",      &rule->nexthop     },
        {"recipient",    &rule->recipient   },
        {"flags",        &rule->flags       },
        {"server-flags", &rule->server_flags},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        if (strcmp(name, texts[i].name) == 0) {
            set_text(texts[i].member, value);
            return true;
        }
    }
    if (strcmp(name, "after") == 0)
        return manner_parse_duration_ms(value, &rule->delay_ms);
    if (strcmp(name, "times") == 0) {
        rule->times_left = atoi(value); /* NOLINT(cert-err34-c): written by us */
        return true;
    }
    return false;
}

static bool set_word(Rule *rule, const char *word)
{
    const char *equals = strchr(word, '=');
    g_autofree char *name = NULL;

    if (equals != NULL) {
        name = g_strndup(word, (gsize)(equals - word));
        return set_value(rule, name, equals + 1);
    }
    if (strcmp(word, "hangup") == 0)
        rule->kind = MANNER_HANGUP;
    else if (strcmp(word, "never") == 0)
        rule->kind = MANNER_NEVER;
    else if (strcmp(word, "garbage") == 0)
        rule->kind = MANNER_GARBAGE;
    else if (strcmp(word, "short") == 0)
        rule->kind = MANNER_SHORT;
    else
        return false;
    return true;
}

bool resolver_add_rule(Resolver *resolver, char *const *words, GError **error)
{
    Rule *rule;

    if (words[0] == NULL) {
        g_set_error(error, LAB_ERROR, 0, "resolve needs a pattern");
        return false;
    }
    rule = rule_new(words[0]);
    g_ptr_array_insert(resolver->rules, 0, rule);
    for (char *const *word = words + 1; *word != NULL; word++) {
        if (!set_word(rule, *word)) {
            g_set_error(error, LAB_ERROR, 0, "resolve: bad word: %s", *word);
            return false;
        }
    }
    return true;
}

static char *expand(const char *text, const char *address)
{
    const char *at = strrchr(address, '@');
    g_autofree char *local =
        at != NULL ? g_strndup(address, (gsize)(at - address)) : g_strdup(address);
    GString *out = g_string_new(NULL);

    for (; *text != '\0'; text++) {
        if (*text != '%' || text[1] == '\0') {
            g_string_append_c(out, *text);
            continue;
        }
        text++;
        g_string_append(out, *text == 'r'   ? address
                             : *text == 'l' ? local
                             : at != NULL   ? at + 1
                                            : "");
    }
    return g_string_free(out, FALSE);
}

static Rule *choose_rule(Resolver *resolver, const char *address)
{
    for (guint i = 0; i < resolver->rules->len; i++) {
        Rule *rule = g_ptr_array_index(resolver->rules, i);

        if (rule->times_left != 0 && g_pattern_spec_match_string(rule->pattern, address))
            return rule;
    }
    return resolver->default_rule;
}

static void put_resolved(GString *out, const Rule *rule, const char *address)
{
    g_autofree char *nexthop = expand(rule->nexthop, address);
    g_autofree char *recipient = expand(rule->recipient, address);

    wire_put(out, "flags", rule->server_flags);
    wire_put(out, "transport", rule->transport);
    wire_put(out, "nexthop", nexthop);
    wire_put(out, "recipient", recipient);
    if (rule->kind != MANNER_SHORT)
        wire_put(out, "flags", rule->flags);
}

static void put_rewritten(GString *out, const char *address)
{
    g_autofree char *full = g_strconcat(address, strchr(address, '@') ? "" : "@lab.test", NULL);

    wire_put(out, "flags", "0");
    wire_put(out, "address", full);
}

static void forget_question(Client *client)
{
    g_clear_pointer(&client->request, g_free);
    g_clear_pointer(&client->sender, g_free);
    g_clear_pointer(&client->address, g_free);
}

static void on_answer_turn(void *ctx)
{
    Client *client = ctx;
    Rule *rule = choose_rule(client->resolver, client->address);
    g_autoptr(GString) out = g_string_new(NULL);

    if (rule->times_left > 0)
        rule->times_left--;
    if (rule->kind == MANNER_HANGUP) {
        peer_close(client->peer); /* the client is gone */
        return;
    }
    if (strcmp(client->request, "rewrite") == 0)
        put_rewritten(out, client->address);
    else if (rule->kind == MANNER_GARBAGE)
        wire_put(out, "lab", "garbage");
    else
        put_resolved(out, rule, client->address);
    wire_end(out);
    forget_question(client);
    peer_send(client->peer, out->str, out->len);
}

static void trace_question(const Resolver *resolver, const WireList *list)
{
    g_autoptr(GString) text = g_string_new(NULL);

    if (!trace_is_on(resolver->core->trace))
        return;
    wire_describe(list, text);
    trace_add(resolver->core->trace, TRACE_RESOLVER, NULL, "%s", text->str);
}

static void keep_question(Client *client, const WireList *list)
{
    client->request = g_strdup(wire_get(list, "request"));
    client->sender = g_strdup(wire_get(list, "sender"));
    client->address = g_strdup(wire_get(list, "address"));
    client->resolver->question_count++;
    trace_question(client->resolver, list);
}

static void offer_answer(Client *client)
{
    const Resolver *resolver = client->resolver;
    Rule *rule = choose_rule(client->resolver, client->address);

    if (rule->kind == MANNER_NEVER && rule->times_left > 0)
        rule->times_left--;
    else if (rule->kind != MANNER_NEVER)
        stage_offer(resolver->core->stage, STAGE_ANSWER, &client->answer, rule->delay_ms);
}

static void on_received(Peer *peer, void *ctx)
{
    Client *client = peer->user;
    WireList list;
    ssize_t used = wire_take_list((const char *)peer->in->data, peer->in->len, &list);

    (void)ctx;
    if (used == 0)
        return;
    if (used < 0 || client->request != NULL) {
        trace_add(client->resolver->core->trace, TRACE_NOTES, NULL, "rewrite: %s",
                  used < 0 ? "not a request" : "second request before the answer");
        peer_close(peer);
        return;
    }
    keep_question(client, &list);
    peer_consume(peer, (size_t)used);
    offer_answer(client); /* on an open stage the peer may be gone after this */
}

static void on_opened(Peer *peer, void *ctx)
{
    Client *client = g_new0(Client, 1);
    g_autoptr(GString) out = g_string_new(NULL);

    client->resolver = ctx;
    client->peer = peer;
    client->answer.perform = on_answer_turn;
    client->answer.ctx = client;
    peer->user = client;
    wire_put(out, "protocol", "trivial_rewrite_protocol");
    wire_end(out);
    peer_send(peer, out->str, out->len);
}

static void on_closed(Peer *peer, void *ctx)
{
    const Resolver *resolver = ctx;
    Client *client = peer->user;

    stage_withdraw(resolver->core->stage, &client->answer);
    forget_question(client);
    g_free(client);
}

static const PeerHandler handler = {on_opened, on_received, on_closed};

Resolver *resolver_new(const Core *core)
{
    Resolver *resolver = g_new0(Resolver, 1);

    resolver->core = core;
    resolver->rules = g_ptr_array_new_with_free_func(rule_free);
    resolver->default_rule = rule_new("*");
    resolver->server = peer_server_new(core, SOCKET_PATH, &handler, resolver);
    return resolver;
}

void resolver_free(Resolver *resolver)
{
    if (resolver == NULL)
        return;
    peer_server_free(resolver->server);
    g_ptr_array_free(resolver->rules, TRUE);
    rule_free(resolver->default_rule);
    g_free(resolver);
}

void resolver_set_socket(Resolver *resolver, bool listening, bool keep_file)
{
    if (listening) {
        peer_server_free(resolver->server);
        resolver->server = peer_server_new(resolver->core, SOCKET_PATH, &handler, resolver);
    } else {
        peer_server_stop(resolver->server, keep_file);
    }
}

void resolver_restart(Resolver *resolver)
{
    resolver_set_socket(resolver, true, false);
}

uint64_t resolver_question_count(const Resolver *resolver)
{
    return resolver->question_count;
}
