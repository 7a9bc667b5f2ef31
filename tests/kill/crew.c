#include "tests/kill/crew.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kill/carrier.h"
#include "tests/kill/rewriter.h"

#define BACKLOG      1024
#define LEDGER_AT    3 /* descriptors of a member of the crew */
#define LISTEN_AT    4
#define FIRST_UNUSED 5

typedef struct Post {
    const char *service;
    CrewKind kind;
    unsigned places;
} Post;

static const Post posts[] = {
    {"smtp",    CREW_CARRIER,  30},
    {"retry",   CREW_CARRIER,  4 },
    {"error",   CREW_CARRIER,  1 },
    {"rewrite", CREW_REWRITER, 6 },
};

typedef struct Member {
    const Post *post;
    int listen_fd;
    pid_t pid;
} Member;

struct Crew {
    const Core *core;
    const Common *common;
    GRand *dice;
    int listen_fds[G_N_ELEMENTS(posts)];
    GArray *members;
};

static int listen_at(const Post *post)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int flags = SOCK_STREAM | SOCK_CLOEXEC | (post->kind == CREW_REWRITER ? SOCK_NONBLOCK : 0);
    int fd = socket(AF_UNIX, flags, 0);

    (void)g_snprintf(address.sun_path, sizeof(address.sun_path), "private/%s", post->service);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
        chmod(address.sun_path, 0666) < 0 || listen(fd, BACKLOG) < 0)
        g_error("listen at %s: %s", address.sun_path, g_strerror(errno));
    return fd;
}

static void close_from(int first)
{
    DIR *dir = opendir("/proc/self/fd");
    const struct dirent *entry;

    if (dir == NULL)
        g_error("/proc/self/fd: %s", g_strerror(errno));
    while ((entry = readdir(dir)) != NULL) {
        int fd = (int)g_ascii_strtoll(entry->d_name, NULL, 10);

        if (fd >= first && fd != dirfd(dir))
            (void)close(fd);
    }
    (void)closedir(dir);
}

/* Keeps only the descriptors it needs: a copy of a connection would keep that connection open. */
static G_GNUC_NORETURN void join(const Crew *crew, const Member *member, uint32_t seed)
{
    Common common = *crew->common;
    const CarrierRole role = {
        .core = crew->core,
        .common = &common,
        .transport = member->post->service,
        .listen_fd = LISTEN_AT,
        .seed = seed,
    };
    int ledger_fd = fcntl(common.ledger_fd, F_DUPFD_CLOEXEC, FIRST_UNUSED);
    int listen_fd = fcntl(member->listen_fd, F_DUPFD_CLOEXEC, FIRST_UNUSED);

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    common.ledger_fd = dup2(ledger_fd, LEDGER_AT);
    if (common.ledger_fd < 0 || dup2(listen_fd, LISTEN_AT) < 0)
        g_error("dup2: %s", g_strerror(errno));
    close_from(FIRST_UNUSED);
    if (member->post->kind == CREW_REWRITER)
        rewriter_run(&common, LISTEN_AT);
    carrier_run(&role);
}

static void hire(const Crew *crew, Member *member)
{
    uint32_t seed = g_rand_int(crew->dice);

    member->pid = fork();
    if (member->pid < 0)
        g_error("fork: %s", g_strerror(errno));
    if (member->pid == 0)
        join(crew, member, seed);
}

static void dismiss(const Member *member)
{
    (void)kill(member->pid, SIGKILL);
    (void)waitpid(member->pid, NULL, 0);
}

Crew *crew_new(const Core *core, const Common *common, GRand *dice)
{
    Crew *crew = g_new0(Crew, 1);

    crew->core = core;
    crew->common = common;
    crew->dice = dice;
    crew->members = g_array_new(FALSE, FALSE, sizeof(Member));
    for (size_t i = 0; i < G_N_ELEMENTS(posts); i++) {
        crew->listen_fds[i] = listen_at(&posts[i]);
        for (unsigned place = 0; place < posts[i].places; place++) {
            Member member = {.post = &posts[i], .listen_fd = crew->listen_fds[i]};

            hire(crew, &member);
            g_array_append_val(crew->members, member);
        }
    }
    return crew;
}

void crew_kill_one(Crew *crew, CrewKind kind)
{
    Member *member;

    do {
        guint32 index = (guint32)g_rand_int_range(crew->dice, 0, (gint32)crew->members->len);

        member = &g_array_index(crew->members, Member, index);
    } while (member->post->kind != kind);
    dismiss(member);
    hire(crew, member);
}

bool crew_has_lost_one(const Crew *crew)
{
    for (guint i = 0; i < crew->members->len; i++) {
        siginfo_t info = {0};
        pid_t pid = g_array_index(crew->members, Member, i).pid;

        if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != 0)
            return true;
    }
    return false;
}

void crew_free(Crew *crew)
{
    if (crew == NULL)
        return;
    for (guint i = 0; i < crew->members->len; i++)
        dismiss(&g_array_index(crew->members, Member, i));
    for (size_t i = 0; i < G_N_ELEMENTS(posts); i++)
        (void)close(crew->listen_fds[i]);
    g_array_free(crew->members, TRUE);
    g_free(crew);
}
