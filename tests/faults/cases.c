#include "tests/faults/cases.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ERRORS_MAX   6
#define KILL_WORD    "KILL"
#define LASTS_S      600
#define AGENT_PREFIX "agent:"

typedef struct ErrorName {
    int error;
    const char *name;
    bool may_last; /* a state of the machine; the others are moments */
} ErrorName;

static const ErrorName error_names[] = {
    {EIO,          "EIO",          true },
    {ENOSPC,       "ENOSPC",       true },
    {EACCES,       "EACCES",       true },
    {EROFS,        "EROFS",        true },
    {EMFILE,       "EMFILE",       true },
    {ENFILE,       "ENFILE",       true },
    {ENOMEM,       "ENOMEM",       true },
    {ENOBUFS,      "ENOBUFS",      true },
    {ENOLCK,       "ENOLCK",       true },
    {ENOENT,       "ENOENT",       false},
    {EINTR,        "EINTR",        false},
    {EAGAIN,       "EAGAIN",       false},
    {EPIPE,        "EPIPE",        false},
    {ECONNRESET,   "ECONNRESET",   false},
    {ECONNREFUSED, "ECONNREFUSED", true },
    {ECONNABORTED, "ECONNABORTED", false},
    {FAULT_SHORT,  "SHORT",        false},
    {FAULT_EOF,    "EOF",          false},
};

/* What each call may say. A file that is there is not said to be gone, except where the program has
 * just renamed it itself and must not believe it. write() is to the status channel: if that
 * is broken master is gone, and so is the daemon, without a word. */
static const struct {
    const char *call;
    int errors[ERRORS_MAX];
} calls[] = {
    {"open",              {EIO, EACCES, EMFILE, EINTR, ENOENT, ENOMEM}       },
    {"open64",            {EIO, EACCES, EMFILE, EINTR}                       },
    {"fopen64",           {EIO, EACCES, EMFILE, EINTR}                       },
    {"read",              {EIO, EINTR, EAGAIN, FAULT_SHORT}                  },
    {"readv",             {ECONNRESET, EINTR, EAGAIN}                        },
    {"pread",             {EIO, EINTR, FAULT_SHORT}                          },
    {"__pread_chk",       {EIO, EINTR, FAULT_SHORT}                          },
    {"write",             {EINTR, EAGAIN}                                    },
    {"writev",            {EPIPE, EINTR, EAGAIN}                             },
    {"pwrite",            {EIO, ENOSPC, EINTR, FAULT_SHORT}                  },
    {"send",              {EPIPE, EINTR, EAGAIN, ENOBUFS, FAULT_SHORT}       },
    {"sendmsg",           {EPIPE, EINTR, EAGAIN, ENOBUFS, ECONNREFUSED}      },
    {"sendmmsg",          {EPIPE, EINTR, EAGAIN, ENOBUFS, ECONNREFUSED}      },
    {"recv",              {ECONNRESET, EINTR, EAGAIN, FAULT_SHORT, FAULT_EOF}},
    {"recvmsg",           {ECONNRESET, EINTR, EAGAIN, FAULT_SHORT, FAULT_EOF}},
    {"rename",            {EIO, ENOSPC, EACCES, EROFS}                       },
    {"unlink",            {EIO, EACCES, EROFS}                               },
    {"mkdir",             {EIO, ENOSPC, EACCES}                              },
    {"stat",              {EIO, EACCES, ENOMEM}                              },
    {"stat64",            {EIO, EACCES, ENOMEM}                              },
    {"lstat",             {EIO, EACCES, ENOMEM, ENOENT}                      },
    {"lstat64",           {EIO, EACCES, ENOMEM}                              },
    {"fstat",             {EIO, ENOMEM}                                      },
    {"fstat64",           {EIO, ENOMEM}                                      },
    {"fchmod",            {EIO, EROFS}                                       },
    {"chown",             {EIO, EROFS}                                       },
    {"utimensat",         {EIO, EACCES, EROFS}                               },
    {"flock",             {ENOLCK, EINTR}                                    },
    {"opendir",           {EIO, EACCES, EMFILE}                              },
    {"readdir",           {EIO}                                              },
    {"chdir",             {EIO, EACCES}                                      },
    {"close",             {EIO, EINTR}                                       },
    {"fcntl",             {ENOMEM}                                           },
    {"fcntl64",           {ENOMEM}                                           },
    {"ioctl",             {EIO}                                              },
    {"socket",            {EMFILE, ENFILE, ENOBUFS}                          },
    {"connect",           {EAGAIN, ECONNREFUSED, ENOENT, EINTR, EACCES}      },
    {"accept4",           {EMFILE, ECONNABORTED, EINTR, EAGAIN}              },
    {"getsockopt",        {ENOBUFS}                                          },
    {"poll",              {EINTR}                                            },
    {"epoll_create1",     {EMFILE, ENOMEM}                                   },
    {"epoll_ctl",         {ENOMEM, ENOSPC}                                   },
    {"epoll_wait",        {EINTR}                                            },
    {"eventfd",           {EMFILE}                                           },
    {"inotify_init1",     {EMFILE}                                           },
    {"inotify_add_watch", {ENOSPC, ENOMEM, EACCES}                           },
    {"inotify_rm_watch",  {ENOMEM}                                           },
    {"getrlimit",         {EIO}                                              },
    {"setrlimit",         {EACCES}                                           },
};

/* A name of a scan whose file is gone has been taken by somebody; in life, it has. A request that
 * cannot be read is lost; in life, master's wake-up follows. The signal handler adds one to a
 * counter, which is always possible. */
static const struct {
    const char *function, *call;
    int error;
} not_in_life[] = {
    {"spool_check<-intake_turn<-", "lstat", ENOENT},
    {"on_request<-",               "read",  EIO   },
    {"last_words_on_end<-",        "write", EINTR },
    {"last_words_on_end<-",        "write", EAGAIN},
};

void case_free(void *data)
{
    Case *one = data;

    if (one == NULL)
        return;
    g_free(one->name);
    g_free(one->site);
    g_free(one);
}

static const ErrorName *find_error(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(error_names); i++)
        if (strcmp(error_names[i].name, name) == 0)
            return &error_names[i];
    return NULL;
}

static const ErrorName *name_error(int error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(error_names); i++)
        if (error_names[i].error == error)
            return &error_names[i];
    g_assert_not_reached();
}

static const char *ordinal(unsigned number)
{
    unsigned last = number % 10;

    if (number % 100 / 10 == 1)
        return "th";
    return last == 1 ? "st" : last == 2 ? "nd" : last == 3 ? "rd" : "th";
}

static Case *case_new(const char *site, FaultMode mode, int error, unsigned nth, int64_t lasts_s)
{
    Case *one = g_new0(Case, 1);
    const char *word = mode == FAULT_KILL ? KILL_WORD : name_error(error)->name;
    g_autofree char *lasts =
        lasts_s > 0 ? g_strdup_printf("+%" G_GINT64_FORMAT "s", lasts_s) : g_strdup("");

    one->site = g_strdup(site);
    one->name = g_strdup_printf("%s/%s/%u%s%s", site, word, nth, ordinal(nth), lasts);
    one->fault = (Fault){mode, one->site, nth, error, lasts_s};
    return one;
}

/* "a<-b/rename" "ENOSPC" "2nd+600s" */
Case *case_parse(const char *name)
{
    g_auto(GStrv) parts = g_strsplit(name, "/", -1);
    guint count = g_strv_length(parts);
    const ErrorName *error;
    const char *plus;
    unsigned nth;
    g_autofree char *site = NULL;

    if (count != 4)
        return NULL;
    site = g_strdup_printf("%s/%s", parts[0], parts[1]);
    error = find_error(parts[2]);
    nth = (unsigned)strtoul(parts[3], NULL, 10);
    plus = strchr(parts[3], '+');
    if (nth == 0 || (error == NULL && strcmp(parts[2], KILL_WORD) != 0))
        return NULL;
    return case_new(site, error == NULL ? FAULT_KILL : FAULT_FAIL, error != NULL ? error->error : 0,
                    nth, plus != NULL ? strtol(plus + 1, NULL, 10) : 0);
}

static const int *errors_of(const char *site)
{
    const char *call = strrchr(site, '/') + 1;

    for (size_t i = 0; i < G_N_ELEMENTS(calls); i++)
        if (strcmp(calls[i].call, call) == 0)
            return calls[i].errors;
    return NULL;
}

static bool is_possible(const char *site, int error)
{
    const char *call = strrchr(site, '/') + 1;

    for (size_t i = 0; i < G_N_ELEMENTS(not_in_life); i++)
        if (error == not_in_life[i].error && strcmp(call, not_in_life[i].call) == 0 &&
            g_str_has_prefix(site, not_in_life[i].function))
            return false;
    return true;
}

static void add_errors(GPtrArray *cases, const FaultSite *site, int error)
{
    for (unsigned nth = 1; nth <= site->count; nth++)
        g_ptr_array_add(cases, case_new(site->name, FAULT_FAIL, error, nth, 0));
    if (!name_error(error)->may_last)
        return;
    g_ptr_array_add(cases, case_new(site->name, FAULT_FAIL, error, 1, LASTS_S));
    if (site->count > 2)
        g_ptr_array_add(cases,
                        case_new(site->name, FAULT_FAIL, error, (site->count + 1) / 2, LASTS_S));
}

static void add_failures(GPtrArray *cases, const FaultSite *site)
{
    const int *errors = errors_of(site->name);

    for (size_t i = 0; errors != NULL && i < ERRORS_MAX && errors[i] != 0; i++)
        if (is_possible(site->name, errors[i]))
            add_errors(cases, site, errors[i]);
}

static void add_kills(GPtrArray *cases, const FaultSite *site)
{
    for (unsigned nth = 1; nth <= site->count; nth++)
        g_ptr_array_add(cases, case_new(site->name, FAULT_KILL, 0, nth, 0));
}

GPtrArray *cases_of(const FaultPage *page, FaultMode mode)
{
    GPtrArray *cases = g_ptr_array_new_with_free_func(case_free);

    for (uint32_t i = 0; i < page->site_count; i++) {
        if (mode == FAULT_KILL)
            add_kills(cases, &page->sites[i]);
        else if (!g_str_has_prefix(page->sites[i].name, AGENT_PREFIX))
            add_failures(cases, &page->sites[i]);
    }
    return cases;
}

/* The seed decides on the order of the cases of a site, and of the sites. */
typedef struct Draw {
    Case *one;
    guint case_hash, site_hash, round;
} Draw;

static guint hash(const char *text, unsigned seed)
{
    guint value = g_str_hash(text) ^ (seed * 2654435761U);

    value ^= value >> 16;
    value *= 0x45d9f3bU;
    value ^= value >> 16;
    value *= 0x45d9f3bU;
    return value ^ value >> 16;
}

static int by_site(const void *a, const void *b)
{
    const Draw *left = a, *right = b;
    int order = strcmp(left->one->site, right->one->site);

    if (order != 0)
        return order;
    return left->case_hash < right->case_hash ? -1 : left->case_hash > right->case_hash;
}

static int by_round(const void *a, const void *b)
{
    const Draw *left = a, *right = b;

    if (left->round != right->round)
        return left->round < right->round ? -1 : 1;
    return left->site_hash < right->site_hash ? -1 : left->site_hash > right->site_hash;
}

void cases_sample(GPtrArray *cases, unsigned count, unsigned seed)
{
    g_autofree Draw *draws = g_new0(Draw, cases->len + 1); /* there is one, even of nothing */

    for (guint i = 0; i < cases->len; i++) {
        Case *one = g_ptr_array_index(cases, i);

        draws[i] = (Draw){one, hash(one->name, seed), hash(one->site, seed), 0};
    }
    qsort(draws, cases->len, sizeof(*draws), by_site);
    for (guint i = 1; i < cases->len; i++)
        if (strcmp(draws[i].one->site, draws[i - 1].one->site) == 0)
            draws[i].round = draws[i - 1].round + 1;
    qsort(draws, cases->len, sizeof(*draws), by_round);
    for (guint i = 0; i < cases->len; i++)
        cases->pdata[i] = draws[i].one;
    if (count < cases->len)
        g_ptr_array_set_size(cases, (int)count);
}

bool cases_add_from(GPtrArray *cases, const char *path, FaultMode mode, GError **error)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    gint at = 0;

    if (!g_file_get_contents(path, &text, NULL, error))
        return false;
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        Case *one = **line != '\0' && **line != '#' ? case_parse(*line) : NULL;

        if (one == NULL && **line != '\0' && **line != '#') {
            g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: not a case: %s", path, *line);
            return false;
        }
        if (one != NULL && one->fault.mode == mode)
            g_ptr_array_insert(cases, at++, one);
        else
            case_free(one);
    }
    return true;
}
