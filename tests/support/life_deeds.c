#include "tests/support/life_deeds.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/life_fixture.h"

#define END_RECORD_BYTES 2

/* The offset of the first recipient; the first "offset" of a delivery is that of the content. */
static off_t request_recipient_offset(const Request *request)
{
    guint seen = 0;

    for (guint i = 0; i + 1 < request->words->len; i += 2)
        if (g_str_equal(g_ptr_array_index(request->words, i), "offset") && seen++ == 1)
            return (off_t)g_ascii_strtoll(g_ptr_array_index(request->words, i + 1), NULL, 10);
    ck_abort_msg("no recipient");
}

char *request_file(const Request *request)
{
    return g_build_filename("active", request_get(request, "queue_id"), NULL);
}

void mark_first_done(const Service *service, const Request *request)
{
    g_autofree char *path = request_file(request);
    int fd = open(path, O_RDWR | O_CLOEXEC);

    (void)service;
    ck_assert_int_eq(pwrite(fd, "D", 1, request_recipient_offset(request)), 1);
    (void)close(fd);
}

static void mark_corrupt(const Service *service, const Request *request)
{
    g_autofree char *path = request_file(request);

    (void)service;
    ck_assert_int_eq(chmod(path, 0400), 0);
}

static void unlink_file(const Service *service, const Request *request)
{
    g_autofree char *path = request_file(request);

    (void)service;
    (void)unlink(path); /* once is enough */
}

/* The file ends before the first recipient. */
static void truncate_file(const Service *service, const Request *request)
{
    g_autofree char *path = request_file(request);

    (void)service;
    ck_assert_int_eq(truncate(path, request_recipient_offset(request)), 0);
}

/* Without its last record. */
static void cut_file(const Service *service, const Request *request)
{
    g_autofree char *path = request_file(request);
    struct stat st;

    (void)service;
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(truncate(path, st.st_size - END_RECORD_BYTES), 0);
}

/* A directory, since unlink(2) cannot remove it. */
static void replace_by_directory(const Service *service, const Request *request)
{
    g_autofree char *path = request_file(request);

    unlink_file(service, request);
    ck_assert_int_eq(mkdir(path, 0700), 0);
}

void write_bounce_log(const Service *service, const Request *request)
{
    g_autofree char *path = g_build_filename("bounce", request_get(request, "queue_id"), NULL);

    (void)service;
    world_file(path, "undeliverable");
}

/* As an agent does when a recipient is to be tried again. */
static void write_defer_log(const Service *service, const Request *request)
{
    g_autofree char *path = g_build_filename("defer", request_get(request, "queue_id"), NULL);

    (void)service;
    world_file(path, "deferred");
}

static void remove_bounce_log(const Service *service, const Request *request)
{
    g_autofree char *path = g_build_filename("bounce", request_get(request, "queue_id"), NULL);

    (void)service;
    (void)unlink(path);
}

static void mark_undeliverable(const Service *service, const Request *request)
{
    write_bounce_log(service, request);
    mark_first_done(service, request);
}

static const struct {
    const char *name;
    ServiceEffectFn *function;
} deeds[] = {
    {"marks-first-done",    mark_first_done     },
    {"marks-undeliverable", mark_undeliverable  },
    {"marks-corrupt",       mark_corrupt        },
    {"unlinks",             unlink_file         },
    {"truncates",           truncate_file       },
    {"cuts-end",            cut_file            },
    {"makes-directory",     replace_by_directory},
    {"writes-bounce-log",   write_bounce_log    },
    {"writes-defer-log",    write_defer_log     },
    {"removes-bounce-log",  remove_bounce_log   },
};

ServiceEffectFn *find_deed(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(deeds); i++)
        if (g_str_equal(deeds[i].name, name))
            return deeds[i].function;
    ck_abort_msg("no deed %s", name);
}
