#include "src/life/deferred_internal.h"
#include "tests/support/life_story.h"

/*
 * What deferred mail is said to wait for. A command of these stories alone:
 *
 *   blamed ID TRANSPORT DESTINATION STATUS [REASON]    "-": it is not known; "%" is a space
 *
 * The reason is the last one that the destination gave with this status.
 */

static bool is_text(const char *got, const char *want)
{
    return g_str_equal(got != NULL ? got : "-", want);
}

static bool check_blame(char **words)
{
    g_autofree char *reason = NULL;
    DeferredCause cause = {.transport = NULL};

    if (!g_str_equal(words[0], "blamed"))
        return false;
    g_strdelimit(words[3], "%", ' ');
    reason = words[5] != NULL ? g_strjoinv(" ", words + 5) : g_strdup("-");
    ck_assert_msg(deferred_index_cause(deferred_index(world.life), words[1], &cause),
                  "%s is not in the index", words[1]);
    ck_assert_msg(is_text(cause.transport, words[2]) && is_text(cause.destination, words[3]) &&
                      is_text(cause.status, words[4]) && is_text(cause.reason, reason),
                  "%s is blamed on %s %s: %s %s", words[1], cause.transport, cause.destination,
                  cause.status, cause.reason);
    return true;
}

int main(void)
{
    story_more_commands = check_blame;
    return run_suite("life/blame", stories_tcase("blame"), NULL);
}
