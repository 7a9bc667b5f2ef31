#include "tests/support/sandbox_fixture.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/last_words.h"

static char *top;

void sandbox_fixture_set_up(void)
{
    top = g_dir_make_tmp("eqmgr-check-XXXXXX", NULL);
    ck_assert_int_eq(chdir(top), 0);
    ck_assert(mkdir("queue", 0700) == 0 && mkdir("config", 0700) == 0 &&
              mkdir("outside", 0700) == 0 && mkdir("elsewhere", 0700) == 0);
    ck_assert(mkdir("queue/plain", 0700) == 0 && symlink("../elsewhere", "queue/link") == 0 &&
              symlink("../nowhere", "queue/dangling") == 0);
    ck_assert(g_file_set_contents("queue/file", "text", -1, NULL));
    ck_assert(g_file_set_contents("config/file", "text", -1, NULL));
    ck_assert(g_file_set_contents("outside/file", "text", -1, NULL));
    ck_assert_int_eq(chdir("queue"), 0);
}

void sandbox_fixture_tear_down(void)
{
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", top);

    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(system(command), 0);
    g_free(top);
}

struct event_base *sandbox_fixture_enter(SandboxMode mode)
{
    const SandboxPlace places[] = {
        {".",         -1, SANDBOX_CHANGE, SANDBOX_NEEDED  },
        {"plain",     -1, SANDBOX_CHANGE, SANDBOX_IF_LINK },
        {"link",      -1, SANDBOX_CHANGE, SANDBOX_IF_LINK },
        {"dangling",  -1, SANDBOX_CHANGE, SANDBOX_IF_LINK },
        {"absent",    -1, SANDBOX_CHANGE, SANDBOX_IF_LINK },
        {"../config", -1, SANDBOX_READ,   SANDBOX_NEEDED  },
        {"../absent", -1, SANDBOX_READ,   SANDBOX_IF_THERE},
        {NULL,        -1, SANDBOX_CHANGE, SANDBOX_IF_THERE},
    };
    struct event_base *base = event_base_new();

    last_words_install();
    sandbox_enter(
        &(SandboxSettings){.mode = mode, .places = places, .place_count = G_N_ELEMENTS(places)},
        base);
    return base;
}

void sandbox_fixture_enter_only(void *mode)
{
    (void)sandbox_fixture_enter(*(const SandboxMode *)mode);
}

bool sandbox_fixture_in_force(const char *step)
{
    SandboxMode mode = SANDBOX_YES;
    ChildEnd end = run_child(sandbox_fixture_enter_only, &mode, STDERR_FILENO);

    end.output[strcspn(end.output, ";\n")] = '\0';
    return strstr(end.output, step) != NULL;
}
