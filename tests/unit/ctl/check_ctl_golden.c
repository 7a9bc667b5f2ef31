/*
 * The whole text that people read, of each verb: tests/data/ctl/VERB.txt. A line "$ eqmgrctl WORDS"
 * is a command; what follows is what it prints, and its exit status if that is not 0. The daemon is
 * played by tests/data/ctl/answers. make golden-ctl writes the texts anew and shows what changed.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "codec/control.h"
#include "src/ctl/command_internal.h"
#include "tests/support/ctl_played.h"
#include "tests/support/runner.h"

#define PLACE  "tests/data/ctl"
#define PROMPT "$ eqmgrctl"
#define NOW_S  1795960000 /* 2026-11-29 13:46:40 UTC */

/* In place of GLib's: ages must not depend on when the test runs. */
gint64 g_get_real_time(void)
{
    return NOW_S * (gint64)G_USEC_PER_SEC;
}

static char queue[] = "/tmp/eqmgr-golden-XXXXXX";
static CtlPlayed *played;

static void set_up(void)
{
    g_autofree char *public = NULL, *here = g_canonicalize_filename(PLACE, NULL);
    g_autofree char *path = g_strdup_printf("%s:%s", here, getenv("PATH"));

    ck_assert_ptr_nonnull(mkdtemp(queue));
    public = g_build_filename(queue, "public", NULL);
    ck_assert_int_eq(mkdir(public, 0700), 0);
    ck_assert_int_eq(setenv("QUEUE", queue, 1), 0);
    ck_assert_int_eq(setenv("PATH", path, 1), 0);
    ck_assert_int_eq(setenv("TZ", "UTC", 1), 0);
    played = ctl_played_start(queue, PLACE "/answers", NOW_S);
}

static void tear_down(void)
{
    g_autofree char *public = g_build_filename(queue, "public", NULL);
    g_autofree char *socket = g_build_filename(queue, CONTROL_SOCKET, NULL);

    ctl_played_stop(played);
    (void)unlink(socket);
    (void)rmdir(public);
    (void)rmdir(queue);
}

/* As main() does, but here. */
static int run_command(char **words)
{
    int status = EXIT_SUCCESS;
    Invocation *invocation = command_parse((int)g_strv_length(words), words, &status);

    if (invocation != NULL)
        status = invocation->command->run(invocation);
    command_free(invocation);
    (void)fflush(NULL);
    return status;
}

static int run_in_child(const char *line, int output_fd)
{
    g_auto(GStrv) words = NULL;
    pid_t pid;
    int status;

    ck_assert_msg(g_shell_parse_argv(line + strlen("$ "), NULL, &words, NULL), "%s", line);
    (void)fflush(NULL);
    pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        (void)dup2(output_fd, STDOUT_FILENO);
        (void)dup2(output_fd, STDERR_FILENO);
        (void)setvbuf(stdout, NULL, _IOLBF, 0);
        _exit(run_command(words));
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_msg(WIFEXITED(status), "%s: ended by signal %d", line, WTERMSIG(status));
    return WEXITSTATUS(status);
}

/* The command with what it says. */
static void add_run(GString *text, const char *line)
{
    int fd = memfd_create("output", MFD_CLOEXEC), status = run_in_child(line, fd);
    off_t size = lseek(fd, 0, SEEK_END);
    g_autofree char *output = g_malloc0((gsize)size + 1);
    g_auto(GStrv) parts = NULL;
    g_autofree char *shown = NULL;

    ck_assert_int_eq(pread(fd, output, (size_t)size, 0), size);
    (void)close(fd);
    parts = g_strsplit(output, queue, -1);
    shown = g_strjoinv("/var/spool/postfix", parts);
    g_string_append_printf(text, "%s%s\n%s", text->len > 0 ? "\n" : "", line, shown);
    if (status != 0)
        g_string_append_printf(text, "(exit status %d)\n", status);
}

static char *play_file(const char *golden)
{
    g_auto(GStrv) lines = g_strsplit(golden, "\n", -1);
    GString *text = g_string_new(NULL);

    for (char **line = lines; *line != NULL; line++)
        if (g_str_has_prefix(*line, PROMPT))
            add_run(text, *line);
    return g_string_free(text, FALSE);
}

static void show_difference(const char *path, const char *text)
{
    g_autofree char *other = g_strdup_printf("%s/played", queue);
    g_autofree char *command = g_strdup_printf("diff -u %s %s >&2", path, other);

    ck_assert(g_file_set_contents(other, text, -1, NULL));
    (void)!system(command);
    (void)unlink(other);
}

static GPtrArray *files; /* names, sorted */

START_TEST(what_people_read_is_as_agreed)
{
    g_autofree char *path = g_build_filename(PLACE, files->pdata[_i], NULL);
    g_autofree char *golden = NULL, *text = NULL;
    bool is_same;

    ck_assert(g_file_get_contents(path, &golden, NULL, NULL));
    text = play_file(golden);
    is_same = g_str_equal(golden, text);
    if (!is_same)
        show_difference(path, text);
    if (getenv("GOLDEN_UPDATE") != NULL)
        ck_assert(g_file_set_contents(path, text, -1, NULL));
    else
        ck_assert_msg(is_same, "%s is not what is printed; see above; make golden-ctl writes it",
                      path);
}
END_TEST

/* Those that run on, or print what programs read, are tested elsewhere. */
START_TEST(each_verb_has_a_golden_text)
{
    static const char *const others[] = {"web", "completion", "schema", "metrics", "policy", NULL};
    g_autofree char *helps = NULL;
    const Command *command;

    ck_assert(g_file_get_contents(PLACE "/help.txt", &helps, NULL, NULL));
    for (unsigned i = 0; (command = command_at(i)) != NULL; i++) {
        g_autofree char *path = g_strdup_printf(PLACE "/%s.txt", command->name);
        g_autofree char *help = g_strdup_printf(PROMPT " help %s\n", command->name);

        ck_assert_msg(strstr(helps, help) != NULL, "no help of %s", command->name);
        ck_assert_msg(g_strv_contains(others, command->name) ||
                          g_file_test(path, G_FILE_TEST_EXISTS),
                      "there is no %s", path);
    }
}
END_TEST

static gint by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void find_files(void)
{
    GDir *directory = g_dir_open(PLACE, 0, NULL);
    const char *name;

    files = g_ptr_array_new_with_free_func(g_free);
    while (directory != NULL && (name = g_dir_read_name(directory)) != NULL)
        if (g_str_has_suffix(name, ".txt"))
            g_ptr_array_add(files, g_strdup(name));
    g_ptr_array_sort(files, by_name);
    g_clear_pointer(&directory, g_dir_close);
}

int main(void)
{
    TCase *tcase = tcase_create("golden");
    int status;

    find_files();
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, what_people_read_is_as_agreed, 0, (int)files->len);
    tcase_add_test(tcase, each_verb_has_a_golden_text);
    status = run_suite("ctl/golden", tcase, NULL);
    g_ptr_array_free(files, TRUE);
    return status;
}
