#include "tests/support/faults.h"
#include "tests/support/life_story.h"

/*
 * Calls of the file system that fail: tests/data/life/faults.stories. More commands:
 *
 *   fail CALL PART ERROR [COUNT]    the next COUNT calls about such a path (else all) fail
 *   mend                            no more; each must have failed at least once
 *   expect PATH gone, expect PATH TEXT             of a file that is there, the text may be empty
 */

static const struct {
    const char *name;
    int error;
} errors[] = {
    {"EIO",    EIO   },
    {"EMFILE", EMFILE},
    {"ENOENT", ENOENT},
    {"EACCES", EACCES},
    {"EINTR",  EINTR },
    {"ENOMEM", ENOMEM},
    {"ENOSPC", ENOSPC},
    {"EROFS",  EROFS },
};

static int find_error(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(errors); i++)
        if (g_str_equal(errors[i].name, name))
            return errors[i].error;
    ck_abort_msg("no error %s", name);
}

static void do_expect(char **words)
{
    g_autofree char *text = NULL;

    if (g_str_equal(words[2], "gone"))
        ck_assert_msg(access(words[1], F_OK) < 0, "%s is there", words[1]);
    else
        ck_assert(g_file_get_contents(words[1], &text, NULL, NULL) && g_str_equal(text, words[2]));
}

static bool do_fault(char **words)
{
    if (g_str_equal(words[0], "fail")) {
        int count = words[4] != NULL ? (int)g_ascii_strtoll(words[4], NULL, 10) : FAULT_LASTS;

        faults_add(words[1], words[2], find_error(words[3]), count);
    } else if (g_str_equal(words[0], "mend")) {
        ck_assert_msg(faults_unmet() == NULL, "%s has not failed; so far:\n%s", faults_unmet(),
                      world.told->str);
        faults_clear();
    } else if (g_str_equal(words[0], "expect")) {
        do_expect(words);
    } else {
        return false;
    }
    return true;
}

int main(void)
{
    TCase *tcase = stories_tcase("faults");

    story_more_commands = do_fault;
    tcase_add_checked_fixture(tcase, NULL, faults_clear);
    return run_suite("life/faults", tcase, NULL);
}
