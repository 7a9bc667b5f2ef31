/*
 * The functions that others call: a question goes to resolver_query.c, which knows all questions,
 * and then the pool sends what can be sent.
 */

#include "ipc/resolver.h"

#include "src/ipc/resolver_internal.h"

ResolverQuestion *resolver_ask(Resolver *resolver, const char *request, const char *sender,
                               const char *address, ResolverDoneFn *done, void *ctx)
{
    ResolverQuestion *question = g_new(ResolverQuestion, 1);
    GByteArray *encoded = g_byte_array_sized_new(REQUEST_USUAL_BYTES);
    g_autoptr(GBytes) key = NULL;

    g_assert(done != NULL);
    *question = (ResolverQuestion){.resolver = resolver, .done = done, .ctx = ctx};
    resolve_request_encode(encoded, request, sender, address);
    key = g_byte_array_free_to_bytes(encoded);
    question_join(question, key, address);
    resolver_pool_dispatch(resolver);
    return question;
}

ResolverQuestion *resolver_ask_rewrite(Resolver *resolver, const char *rule, const char *address,
                                       ResolverRewrittenFn *done, void *ctx)
{
    ResolverQuestion *question = g_new(ResolverQuestion, 1);
    GByteArray *encoded = g_byte_array_sized_new(REQUEST_USUAL_BYTES);
    g_autoptr(GBytes) key = NULL;

    g_assert(done != NULL && *address != '\0');
    *question = (ResolverQuestion){.resolver = resolver, .rewritten = done, .ctx = ctx};
    rewrite_request_encode(encoded, rule, address);
    key = g_byte_array_free_to_bytes(encoded);
    question_join(question, key, address);
    resolver_pool_dispatch(resolver);
    return question;
}

bool resolver_is_remembered(const ResolverQuestion *question)
{
    return question->query == NULL;
}

void resolver_cancel(ResolverQuestion *question)
{
    if (question != NULL)
        question_withdraw(question);
}

static void copy_services(Resolver *resolver, const char *const *paths)
{
    while (paths[resolver->service_count] != NULL)
        resolver->service_count++;
    g_assert(resolver->service_count > 0);
    resolver->services = g_new0(RewriteService, resolver->service_count);
    for (guint i = 0; i < resolver->service_count; i++)
        resolver->services[i].path = g_strdup(paths[i]);
}

static void free_services(Resolver *resolver)
{
    for (guint i = 0; i < resolver->service_count; i++)
        g_free(resolver->services[i].path);
    g_free(resolver->services);
}

Resolver *resolver_new_paced(struct event_base *base, const ResolverSettings *settings,
                             const ResolverPace *pace, ResolverTroubleFn *on_trouble, void *ctx)
{
    Resolver *resolver = g_new(Resolver, 1);

    g_assert(settings->connection_limit > 0 && on_trouble != NULL);
    *resolver = (Resolver){.base = base,
                           .settings = *settings,
                           .pace = *pace,
                           .on_trouble = on_trouble,
                           .trouble_ctx = ctx};
    resolver->settings.services = NULL; /* the caller's */
    copy_services(resolver, settings->services);
    resolver_query_init(resolver);
    resolver_pool_init(resolver);
    return resolver;
}

Resolver *resolver_new(struct event_base *base, const ResolverSettings *settings,
                       ResolverTroubleFn *on_trouble, void *ctx)
{
    const ResolverPace stock = {.first_retry_ms = 100,
                                .retry_ms = 1000,
                                .reconnect_ms = 10 * 1000,
                                .cache_ms = settings->cache_s * INT64_C(1000)};

    return resolver_new_paced(base, settings, &stock, on_trouble, ctx);
}

void resolver_forget(Resolver *resolver)
{
    answer_cache_forget_all(&resolver->cache);
    resolver->wish_count++;
}

void resolver_free(Resolver *resolver)
{
    if (resolver == NULL)
        return;
    resolver_pool_clear(resolver);
    resolver_query_clear(resolver);
    free_services(resolver);
    g_free(resolver);
}
