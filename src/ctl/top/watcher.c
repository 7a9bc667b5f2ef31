/* Requests go in by one queue, looks come out by another; the session belongs to the thread alone.
 */

#include "src/ctl/top/watcher_internal.h"

struct Watcher {
    GAsyncQueue *requests, *looks;
    char *queue_directory;
    int timeout_s;
    bool is_busy; /* of whoever asks */
};

/* On a connection of its own: one that is refused must not cost the look. */
static char *watcher_change(const Watcher *watcher, const LookRequest *request)
{
    Session *session = NULL;
    g_autofree char *problem = NULL;
    char *told;

    if (session_open(watcher->queue_directory, watcher->timeout_s, &session, &problem) !=
        SESSION_OK)
        return g_strdup_printf("not done: %s", problem);
    told = look_change(session, request);
    session_close(session);
    return told;
}

static Look *watcher_look(const Watcher *watcher, Session **session, const LookRequest *request)
{
    SessionStatus status = SESSION_OK;
    char *problem = NULL;
    Look *look;

    if (*session == NULL)
        status = session_open(watcher->queue_directory, watcher->timeout_s, session, &problem);
    if (status != SESSION_OK)
        return look_failed(status, problem);
    look = look_take(*session, request);
    if (look->problem != NULL)
        g_clear_pointer(session, session_close);
    return look;
}

static gpointer watcher_work(gpointer ctx)
{
    Watcher *watcher = ctx;
    Session *session = NULL;

    for (;;) {
        LookRequest *request = g_async_queue_pop(watcher->requests);
        char *told = request->change != NULL ? watcher_change(watcher, request) : NULL;
        Look *look = watcher_look(watcher, &session, request);

        look->told = told;
        g_async_queue_push(watcher->looks, look);
        look_request_clear(request);
        g_free(request);
    }
    return NULL;
}

Watcher *watcher_new(const char *queue_directory, int timeout_s)
{
    Watcher *watcher = g_new0(Watcher, 1);

    watcher->requests = g_async_queue_new();
    watcher->looks = g_async_queue_new();
    watcher->queue_directory = g_strdup(queue_directory);
    watcher->timeout_s = timeout_s;
    g_thread_unref(g_thread_new("watcher", watcher_work, watcher));
    return watcher;
}

bool watcher_ask(Watcher *watcher, const LookRequest *request)
{
    LookRequest *copy;

    if (watcher->is_busy)
        return false;
    copy = g_new(LookRequest, 1);
    *copy = look_request_copy(request);
    watcher->is_busy = true;
    g_async_queue_push(watcher->requests, copy);
    return true;
}

Look *watcher_pop(Watcher *watcher, int64_t timeout_us)
{
    Look *look = watcher->is_busy
                     ? g_async_queue_timeout_pop(watcher->looks, (guint64)MAX(timeout_us, 0))
                     : NULL;

    watcher->is_busy = watcher->is_busy && look == NULL;
    return look;
}
