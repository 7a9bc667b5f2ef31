#include "tests/support/spool_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib.h>

SpoolFixture fixture;

Spool *fixture_spool(const char *hashed, unsigned depth)
{
    const SpoolSettings settings = {
        .hash_queue_names = hashed,
        .hash_queue_depth = depth,
        .release = RELEASE(3, 7, 11),
        .verp_delimiter_filter = "-=+",
    };

    return spool_new(&settings);
}

void fixture_set_up(void)
{
    fixture.home = g_get_current_dir();
    fixture.root = g_dir_make_tmp("eqmgr-spool-XXXXXX", NULL);
    ck_assert(fixture.root != NULL && chdir(fixture.root) == 0);
    for (int queue = 0; queue < SPOOL_QUEUE_COUNT; queue++)
        ck_assert_int_eq(mkdir(spool_queue_str(queue), 0700), 0);
    fixture.spool = fixture_spool("deferred, defer", 1);
}

static int fixture_remove(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)st;
    (void)type;
    (void)walk;
    return remove(path);
}

void fixture_tear_down(void)
{
    spool_free(fixture.spool);
    ck_assert_int_eq(chdir(fixture.home), 0);
    (void)nftw(fixture.root, fixture_remove, 16, FTW_DEPTH | FTW_PHYS);
    g_free(fixture.home);
    g_free(fixture.root);
}

TCase *fixture_tcase(const char *name)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, fixture_set_up, fixture_tear_down);
    return tcase;
}

void fixture_write(const char *path, const void *bytes, size_t size, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    ck_assert_msg(fd >= 0, "%s: %s", path, g_strerror(errno));
    ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
    ck_assert_int_eq(fchmod(fd, mode), 0);
    ck_assert_int_eq(close(fd), 0);
}

void fixture_touch(const char *path)
{
    fixture_write(path, "x", 1, 0700);
}

void fixture_refused(SpoolResult result, int error)
{
    ck_assert_int_eq(result.status, SPOOL_IO_ERROR);
    ck_assert_int_eq(result.error, error);
}

bool fixture_exists(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0;
}
