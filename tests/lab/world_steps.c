/* The steps that change the world around the daemon: files, agents, services, resolver. */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lab/steps.h"

#define MS_PER_S 1000

static bool usage(GError **error, const char *text)
{
    g_set_error(error, LAB_ERROR, 0, "usage: %s", text);
    return false;
}

static bool failed(GError **error, const char *path)
{
    g_set_error(error, LAB_ERROR, 0, "%s: %s", path, g_strerror(errno));
    return false;
}

/* A word of "agent NAME ..." that is a setting rather than a manner. */
static bool set_agent_word(Lab *lab, const char *name, const char *word, AgentSettings *settings)
{
    static const struct {
        const char *word;
        AgentGreeting greeting;
    } greetings[] = {
        {"announce=ok",      AGENT_GREETS        },
        {"announce=wrong",   AGENT_GREETS_WRONG  },
        {"announce=garbage", AGENT_GREETS_GARBAGE},
        {"announce=partial", AGENT_GREETS_PARTLY },
        {"announce=hangup",  AGENT_HANGS_UP      },
        {"announce=early",   AGENT_ANSWERS       },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(greetings); i++) {
        if (strcmp(word, greetings[i].word) == 0) {
            settings->greeting = greetings[i].greeting;
            return true;
        }
    }
    if (g_str_has_prefix(word, "concurrency="))
        settings->concurrency = (unsigned)strtoul(word + strlen("concurrency="), NULL, 10);
    else if (strcmp(word, "manual") == 0)
        settings->manual = true;
    else if (strcmp(word, "automatic") == 0)
        settings->manual = false;
    else if (strcmp(word, "socket=missing") == 0)
        agents_set_socket(lab->agents, name, false, false);
    else if (strcmp(word, "socket=refused") == 0)
        agents_set_socket(lab->agents, name, false, true);
    else if (strcmp(word, "socket=ok") == 0)
        agents_set_socket(lab->agents, name, true, true);
    else
        return false;
    return true;
}

static bool add_agent_rule(Play *play, char **args, GError **error)
{
    size_t at = 3;
    Manner manner;

    if (args[2] == NULL)
        return usage(error, "agent NAME for PATTERN MANNER");
    if (!manner_parse(args, &at, &manner, error))
        return false;
    agents_add_rule(play->lab->agents, args[0], args[2], manner);
    return true;
}

static bool step_agent(Play *play, char **args, GError **error)
{
    Agents *agents = play->lab->agents;
    AgentSettings settings;

    if (args[0] == NULL)
        return usage(error, "agent NAME [SETTING...] [MANNER]");
    if (agents_get(agents, args[0]) == NULL)
        agents_set(agents, args[0],
                   (AgentSettings){
                       .concurrency = 1, .usually = {.dsn = g_strdup(""), .reason = g_strdup("")}
        });
    if (args[1] != NULL && strcmp(args[1], "for") == 0)
        return add_agent_rule(play, args, error);
    settings = *agents_get(agents, args[0]);
    for (size_t at = 1; args[at] != NULL;) {
        if (set_agent_word(play->lab, args[0], args[at], &settings))
            at++;
        else if (!manner_parse(args, &at, &settings.usually, error))
            return false;
    }
    agents_set(agents, args[0], settings);
    return true;
}

static bool step_next(Play *play, char **args, GError **error)
{
    MannerQueue *queue;
    Manner manner;

    if (args[0] == NULL)
        return usage(error, "next NAME MANNER...");
    queue = services_next(play->lab->services, args[0]);
    if (queue == NULL)
        queue = agents_next(play->lab->agents, args[0]);
    if (queue == NULL)
        return usage(error, "next NAME MANNER... (no such agent or service)");
    for (size_t at = 1; args[at] != NULL;) {
        if (!manner_parse(args, &at, &manner, error))
            return false;
        manner_queue_add(queue, manner);
    }
    return true;
}

/* finish NAME [for PATTERN] MANNER: the reply of a held request. */
static bool step_finish(Play *play, char **args, GError **error)
{
    const char *pattern = NULL;
    size_t at = 1;
    Manner manner;
    bool found;

    if (args[0] != NULL && args[1] != NULL && strcmp(args[1], "for") == 0) {
        pattern = args[2];
        at = 3;
    }
    if (args[0] == NULL || (at == 3 && pattern == NULL))
        return usage(error, "finish NAME [for PATTERN] MANNER");
    if (!manner_parse(args, &at, &manner, error))
        return false;
    found = agents_finish(play->lab->agents, args[0], pattern, &manner);
    manner_clear(&manner);
    if (!found)
        trace_add(play->lab->core.trace, TRACE_NOTES, NULL, "%s: nothing to finish", args[0]);
    lab_settle(play->lab);
    return true;
}

static bool step_announce(Play *play, char **args, GError **error)
{
    unsigned long count = args[0] != NULL && args[1] != NULL ? strtoul(args[1], NULL, 10) : 1;

    if (args[0] == NULL)
        return usage(error, "announce NAME [COUNT]");
    for (; count > 0; count--) {
        if (!agents_announce(play->lab->agents, args[0]))
            trace_add(play->lab->core.trace, TRACE_NOTES, NULL, "%s: nobody waits", args[0]);
        lab_settle(play->lab);
    }
    return true;
}

static bool set_service_socket(Play *play, const char *name, const char *word)
{
    if (strcmp(word, "missing") == 0)
        return services_set_socket(play->lab->services, name, false, false);
    if (strcmp(word, "refused") == 0)
        return services_set_socket(play->lab->services, name, false, true);
    return strcmp(word, "listening") == 0 &&
           services_set_socket(play->lab->services, name, true, true);
}

static bool step_service(Play *play, char **args, GError **error)
{
    size_t at = 1;
    Manner manner;

    if (args[0] == NULL || args[1] == NULL)
        return usage(error, "service NAME MANNER|missing|refused|listening");
    if (set_service_socket(play, args[0], args[1]))
        return true;
    if (!manner_parse(args, &at, &manner, error))
        return false;
    if (services_set(play->lab->services, args[0], manner))
        return true;
    manner_clear(&manner);
    return usage(error, "service NAME MANNER (no such service)");
}

static bool step_resolve(Play *play, char **args, GError **error)
{
    return resolver_add_rule(play->lab->resolver, args, error);
}

static bool step_resolver(Play *play, char **args, GError **error)
{
    if (args[0] != NULL && strcmp(args[0], "restart") == 0)
        resolver_restart(play->lab->resolver);
    else if (args[0] != NULL && strcmp(args[0], "missing") == 0)
        resolver_set_socket(play->lab->resolver, false, false);
    else if (args[0] != NULL && strcmp(args[0], "listening") == 0)
        resolver_set_socket(play->lab->resolver, true, true);
    else
        return usage(error, "resolver restart|missing|listening");
    return true;
}

static bool step_touch(Play *play, char **args, GError **error)
{
    g_autofree char *path = NULL;
    struct timespec times[2] = {0};
    int64_t offset_ms;

    if (args[0] == NULL || args[1] == NULL || !manner_parse_duration_ms(args[1], &offset_ms))
        return usage(error, "touch PATH OFFSET");
    path = spool_find(play->lab->spool, args[0]);
    times[0].tv_sec = times[1].tv_sec = lab_now_s(play->lab) + offset_ms / MS_PER_S;
    return utimensat(AT_FDCWD, path, times, 0) == 0 || failed(error, path);
}

static bool step_chmod(Play *play, char **args, GError **error)
{
    g_autofree char *path = NULL;

    if (args[0] == NULL || args[1] == NULL)
        return usage(error, "chmod PATH MODE");
    path = spool_find(play->lab->spool, args[0]);
    return chmod(path, (mode_t)strtoul(args[1], NULL, 8)) == 0 || failed(error, path);
}

static bool step_chown(Play *play, char **args, GError **error)
{
    g_autofree char *path = NULL;

    if (args[0] == NULL || args[1] == NULL)
        return usage(error, "chown PATH UID");
    path = spool_find(play->lab->spool, args[0]);
    return chown(path, (uid_t)strtoul(args[1], NULL, 10), (gid_t)-1) == 0 || failed(error, path);
}

static bool step_remove(Play *play, char **args, GError **error)
{
    for (; *args != NULL; args++) {
        g_autofree char *path = spool_find(play->lab->spool, *args);

        if (remove(path) < 0)
            return failed(error, path);
    }
    return true;
}

static bool step_rename(Play *play, char **args, GError **error)
{
    g_autofree char *from = NULL;
    g_autofree char *to = NULL;

    if (args[0] == NULL || args[1] == NULL)
        return usage(error, "rename FROM TO");
    from = spool_find(play->lab->spool, args[0]);
    to = spool_find(play->lab->spool, args[1]);
    core_make_directories(&play->lab->core, to);
    return rename(from, to) == 0 || failed(error, from);
}

/* In the text, @(N) becomes the wall-clock second N after the start. */
static char *with_times(Play *play, const char *text)
{
    int64_t start_s = vclock_start_wall_ns(play->lab->clock) / 1000000000;
    GString *out = g_string_new(NULL);
    const char *at;

    while ((at = strstr(text, "@(")) != NULL && strchr(at, ')') != NULL) {
        g_string_append_len(out, text, at - text);
        g_string_append_printf(out, "%" PRId64, start_s + atol(at + 2));
        text = strchr(at, ')') + 1;
    }
    g_string_append(out, text);
    return g_string_free(out, FALSE);
}

/* write PATH TEXT: a file of any content, mode 0600; "" makes an empty one, and escapes are those
 * of C. */
static bool step_write(Play *play, char **args, GError **error)
{
    g_autofree char *path = NULL;
    g_autofree char *raw = NULL, *text = NULL;

    if (args[0] == NULL || args[1] == NULL)
        return usage(error, "write PATH TEXT");
    path = spool_find(play->lab->spool, args[0]);
    raw = g_strcompress(args[1]);
    text = with_times(play, raw);
    core_write_file(&play->lab->core, path, text, strlen(text), false);
    return true;
}

static bool step_make(Play *play, char **args, GError **error)
{
    const char *kind = args[0];
    int result = -1;

    if (kind == NULL || args[1] == NULL)
        return usage(error, "make directory|fifo|link PATH [TARGET]");
    if (strcmp(kind, "directory") == 0)
        result = mkdir(args[1], 0700);
    else if (strcmp(kind, "fifo") == 0)
        result = mkfifo(args[1], 0700);
    else if (strcmp(kind, "link") == 0 && args[2] != NULL)
        result = symlink(args[2], args[1]);
    if (result < 0)
        return failed(error, args[1]);
    core_give_away(&play->lab->core, args[1]);
    return true;
}

/* As a delivery agent holds it (spool.md 4). */
static bool step_lock(Play *play, char **args, GError **error)
{
    g_autofree char *path = NULL;
    int fd;

    if (args[0] == NULL)
        return usage(error, "lock PATH");
    path = spool_find(play->lab->spool, args[0]);
    fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0 || flock(fd, LOCK_SH | LOCK_NB) < 0)
        return failed(error, path);
    (void)g_hash_table_insert(play->locks, g_strdup(args[0]), g_memdup2(&fd, sizeof(fd)));
    return true;
}

static bool step_unlock(Play *play, char **args, GError **error)
{
    const int *fd = args[0] != NULL ? g_hash_table_lookup(play->locks, args[0]) : NULL;

    if (fd == NULL)
        return usage(error, "unlock PATH (of an earlier lock)");
    (void)close(*fd);
    (void)g_hash_table_remove(play->locks, args[0]);
    return true;
}

static bool step_tokens(Play *play, char **args, GError **error)
{
    if (args[0] == NULL)
        return usage(error, "tokens CHANGE");
    daemon_change_tokens(play->lab->daemon, (int)strtol(args[0], NULL, 10));
    return true;
}

static bool step_argv0(Play *play, char **args, GError **error)
{
    if (args[0] == NULL)
        return usage(error, "argv0 NAME");
    g_free(play->lab->argv0);
    play->lab->argv0 = g_strdup(args[0]);
    return true;
}

static bool step_arguments(Play *play, char **args, GError **error)
{
    (void)error;
    g_strfreev(play->lab->own_arguments);
    play->lab->own_arguments = g_strdupv(args);
    return true;
}

static bool step_fifo(Play *play, char **args, GError **error)
{
    (void)args;
    (void)error;
    daemon_use_fifo(play->lab->daemon);
    return true;
}

static bool step_environment(Play *play, char **args, GError **error)
{
    (void)error;
    g_strfreev(play->lab->environment);
    play->lab->environment = g_strdupv(args);
    return true;
}

/* Makes PATH.db of the text file PATH, with the installed program. */
static bool step_postmap(Play *play, char **args, GError **error)
{
    g_autofree char *table = g_strdup_printf("hash:%s", args[0] != NULL ? args[0] : "");
    g_autofree char *command = g_strdup_printf("postmap -c etc %s", table);
    g_autofree char *database = g_strdup_printf("%s.db", args[0] != NULL ? args[0] : "");
    int status;

    (void)play;
    if (args[0] == NULL)
        return usage(error, "postmap PATH");
    if (!g_spawn_command_line_sync(command, NULL, NULL, &status, error))
        return false;
    return g_spawn_check_wait_status(status, error) && chmod(database, 0644) == 0;
}

static const struct {
    const char *word;
    StepFn *perform;
} world[] = {
    {"agent",       step_agent      },
    {"next",        step_next       },
    {"finish",      step_finish     },
    {"announce",    step_announce   },
    {"service",     step_service    },
    {"resolve",     step_resolve    },
    {"resolver",    step_resolver   },
    {"touch",       step_touch      },
    {"chmod",       step_chmod      },
    {"chown",       step_chown      },
    {"remove",      step_remove     },
    {"rename",      step_rename     },
    {"write",       step_write      },
    {"make",        step_make       },
    {"lock",        step_lock       },
    {"unlock",      step_unlock     },
    {"tokens",      step_tokens     },
    {"argv0",       step_argv0      },
    {"arguments",   step_arguments  },
    {"environment", step_environment},
    {"fifo",        step_fifo       },
    {"postmap",     step_postmap    },
    {"control",     step_control    },
};

StepFn *steps_find_world(const char *word)
{
    for (size_t i = 0; i < G_N_ELEMENTS(world); i++)
        if (strcmp(word, world[i].word) == 0)
            return world[i].perform;
    return NULL;
}
