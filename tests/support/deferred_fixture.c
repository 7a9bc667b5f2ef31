#include "tests/support/deferred_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

DeferredFixture deferred;

void deferred_set_up(void)
{
    fixture_set_up();
    deferred.index = deferred_index_new(fixture.spool, DEFERRED_INDEX_FILES_MAX);
    deferred.start_s = g_get_real_time() / G_USEC_PER_SEC;
}

void deferred_tear_down(void)
{
    deferred_index_free(deferred.index);
    fixture_tear_down();
}

void deferred_renew(const char *hashed, unsigned depth, uint32_t files_max)
{
    deferred_index_free(deferred.index);
    spool_free(fixture.spool);
    fixture.spool = fixture_spool(hashed, depth);
    deferred.index = deferred_index_new(fixture.spool, files_max);
}

/* ---- what others do ---- */

/* "50": seconds from the start. */
static void set_time(const char *path, const char *offset)
{
    int64_t when_s = deferred.start_s + g_ascii_strtoll(offset, NULL, 10);
    const struct timespec times[2] = {{.tv_sec = when_s}, {.tv_sec = when_s}};

    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW), 0);
}

static int act_on(const char *verb, const char *path, const char *argument)
{
    if (g_str_equal(verb, "move"))
        return rename(path, argument);
    if (g_str_equal(verb, "link"))
        return link(path, argument);
    if (g_str_equal(verb, "symlink"))
        return symlink(argument, path);
    if (g_str_equal(verb, "mode"))
        return chmod(path, (mode_t)g_ascii_strtoull(argument, NULL, 8));
    if (g_str_equal(verb, "delete"))
        return remove(path);
    if (g_str_equal(verb, "make"))
        return mkdir(path, 0700);
    if (g_str_equal(verb, "time"))
        set_time(path, argument);
    else if (g_str_equal(verb, "write"))
        fixture_write(path, "more", 4, 0700);
    else
        ck_abort_msg("no such command: %s", verb);
    return 0;
}

void act(const char *command)
{
    g_auto(GStrv) words = g_strsplit(command, " ", -1);
    const char *path = words[1] != NULL ? words[1] : "";
    const char *argument = words[1] != NULL && words[2] != NULL ? words[2] : "";

    if (g_str_equal(words[0], "put")) {
        fixture_touch(path);
        set_time(path, argument);
        return;
    }
    ck_assert_msg(act_on(words[0], path, argument) == 0, "%s: %s", command, g_strerror(errno));
}

void act_all(const char *commands)
{
    g_auto(GStrv) each = g_strsplit(commands, "; ", -1);

    for (char **command = each; *command != NULL; command++)
        if (**command != '\0')
            act(*command);
}

/* ---- walks and events ---- */

void tell(DeferredIndex *index, const char *name)
{
    SpoolFile file;
    SpoolStatus status = spool_check(fixture.spool, SPOOL_DEFERRED, name, INT64_MAX, &file).status;

    if (status == SPOOL_OK)
        deferred_index_note(index, name, file.mtime_s);
    else if (status == SPOOL_NOT_REGULAR)
        deferred_index_note(index, name, 0);
}

static void enter_directory(const char *path, unsigned level, void *index)
{
    deferred_index_enter(index, path, level);
}

void walk_into(DeferredIndex *index)
{
    SpoolScan *scan = NULL;
    SpoolStatus status;
    const char *name = NULL;

    (void)deferred_index_begin_walk(index);
    ck_assert_int_eq(spool_scan_open(fixture.spool, SPOOL_DEFERRED, &scan).status, SPOOL_OK);
    spool_scan_on_enter(scan, enter_directory, index);
    while ((status = spool_scan_next(scan, &name).status) != SPOOL_END)
        if (status == SPOOL_OK)
            tell(index, name);
    spool_scan_close(scan);
    deferred_index_end_walk(index, true);
    deferred_index_check(index);
}

void take_events(void)
{
    while (deferred_index_read(deferred.index).status == SPOOL_OK)
        deferred_index_check(deferred.index);
}

/* ---- what the index knows ---- */

static char *describe(const DeferredIndex *index, const char *name)
{
    int64_t due_s;

    if (!deferred_index_lookup(index, name, &due_s))
        return NULL;
    return due_s == 0 ? g_strdup_printf("%s@-", name)
                      : g_strdup_printf("%s@%d", name, (int)(due_s - deferred.start_s));
}

static gint by_text(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char *join_sorted(GPtrArray *words)
{
    g_ptr_array_sort(words, by_text);
    g_ptr_array_add(words, NULL);
    return g_strjoinv(" ", (char **)words->pdata);
}

char *known(const DeferredIndex *index)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    SpoolScan *scan = NULL;
    const char *name = NULL;
    GHashTableIter iter;
    gpointer key;

    ck_assert_int_eq(spool_scan_open(fixture.spool, SPOOL_DEFERRED, &scan).status, SPOOL_OK);
    while (spool_scan_next(scan, &name).status != SPOOL_END)
        (void)g_hash_table_add(names, g_strdup(name));
    spool_scan_close(scan);
    g_hash_table_iter_init(&iter, names);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        char *text = describe(index, key);

        if (text != NULL)
            g_ptr_array_add(words, text);
    }
    if (words->len != deferred_index_count(index))
        g_ptr_array_add(words, g_strdup_printf("and %d that are gone",
                                               (int)deferred_index_count(index) - (int)words->len));
    return join_sorted(words);
}

void assert_known(const char *want, const char *title)
{
    g_autofree char *got = known(deferred.index);

    ck_assert_msg(g_str_equal(got, want), "%s: index knows \"%s\", not \"%s\"", title, got, want);
}

void assert_as_fresh(const char *title)
{
    DeferredIndex *fresh = deferred_index_new(fixture.spool, DEFERRED_INDEX_FILES_MAX);
    g_autofree char *want = NULL;

    walk_into(fresh);
    want = known(fresh);
    assert_known(want, title);
    deferred_index_free(fresh);
}

/* As "wd:1 wd:2 ", in the order of their making. */
static char *watches(void)
{
    g_autofree char *path =
        g_strdup_printf("/proc/self/fdinfo/%d", deferred_index_fd(deferred.index));
    g_autofree char *text = NULL;
    g_auto(GStrv) words = NULL;
    g_autoptr(GPtrArray) found = g_ptr_array_new();

    ck_assert(g_file_get_contents(path, &text, NULL, NULL));
    words = g_strsplit_set(text, " \n", -1);
    for (char **word = words; *word != NULL; word++)
        if (g_str_has_prefix(*word, "wd:"))
            g_ptr_array_add(found, *word);
    return join_sorted(found);
}

void assert_watches(const char *want, const char *title)
{
    g_autofree char *got = watches();

    ck_assert_msg(g_str_equal(got, want), "%s: %s", title, got);
}

void assert_lost(DeferredLoss loss, const char *title)
{
    deferred_index_check(deferred.index);
    ck_assert(!deferred_index_is_complete(deferred.index));
    ck_assert_msg(deferred_index_loss(deferred.index) == loss, "%s: %s", title,
                  deferred_loss_str(deferred_index_loss(deferred.index)));
    ck_assert_uint_eq(deferred_index_count(deferred.index), 0);
    ck_assert_int_eq(deferred_index_earliest_s(deferred.index), INT64_MAX);
}

TCase *deferred_tcase(const char *name)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, deferred_set_up, deferred_tear_down);
    return tcase;
}
