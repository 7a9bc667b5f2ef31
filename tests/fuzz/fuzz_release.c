/* The text of a release, and the program files it is looked for in. */

#include <stdint.h>
#include <string.h>

#include <glib/gstdio.h>

#include "base/release.h"
#include "src/config/release_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is found in the bytes of a program is found in the program; of a master(8), also what stands
 * alone. */
static void look_into_files(const uint8_t *data, size_t size, const char *marked, const char *lone)
{
    g_autofree char *directory = g_dir_make_tmp("eqmgr-fuzz-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(directory, "master", NULL);
    g_autofree char *found = NULL;
    g_autofree char *of_master = NULL;

    g_assert(g_file_set_contents(path, (const char *)data, (gssize)size, NULL));
    found = release_find_version(directory);
    of_master = release_version_of_master(path);
    g_assert(marked == NULL || g_strcmp0(found, marked) == 0);
    g_assert_cmpstr(of_master, ==, marked != NULL ? marked : lone);
    (void)g_unlink(path);
    (void)g_rmdir(directory);
}

static void check_release(int release)
{
    g_assert(release == 0 ||
             (release >= RELEASE(1, 0, 0) && RELEASE_MINOR(release) <= RELEASE_PART_MAX &&
              RELEASE_PATCH(release) <= RELEASE_PART_MAX));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autofree char *marked = release_version_in((const char *)data, size);
    g_autofree char *lone = release_lone_version_in((const char *)data, size);

    check_release(release_parse(text));
    g_assert(marked == NULL || release_parse(marked) > 0);
    g_assert(lone == NULL || release_parse(lone) > 0);
    if (size % 8 == 0 && size > 0) /* files are slow */
        look_into_files(data, size, marked, lone);
    return 0;
}
