#include <sys/resource.h>
#include <sys/stat.h>

#include "tests/support/deferred_fixture.h"

/*
 * The index against a real directory and real events. Actors are those of spool.md 10.2; each does
 * what the real program was seen to do.
 */

/* ---- what others do to files ---- */

#define NO_FILES ""

static const struct {
    const char *title;
    const char *before, *after; /* the walk */
    const char *want;
} actors[] = {
    {"nothing happens",                               "put deferred/1/1A 50; put deferred/2/2B -7",   "",                                                     "1A@50 2B@-7"},
    {"a retry time is set",                           "put deferred/1/1A 50",                         "time deferred/1/1A 20",                                "1A@20"      },
    {"set, and set again",                            "put deferred/1/1A 50",
     "time deferred/1/1A 20; time deferred/1/1A 30; mode deferred/1/1A 740",                                                                                  "1A@30"      },
    {"postqueue -i",                                  "put deferred/1/1A 50; put deferred/1/1B 60",
     "time deferred/1/1A 0; mode deferred/1/1A 740; move deferred/1/1A incoming/1A",                                                                          "1B@60"      },
    {"postqueue -s",                                  "put deferred/1/1A 50",                         "time deferred/1/1A 0; move deferred/1/1A incoming/1A",
     NO_FILES                                                                                                                                                              },
    {"postsuper -d",                                  "put deferred/1/1A 50; put deferred/1/1B 60",   "delete deferred/1/1A",                                 "1B@60"      },
    {"postsuper -h",                                  "put deferred/1/1A 50",                         "move deferred/1/1A hold/1A",                           NO_FILES     },
    {"postsuper -H",                                  "put hold/1A -50; make deferred/1",             "move hold/1A deferred/1/1A",                           "1A@-50"     },
    {"postsuper -H into a new hash directory",        "put hold/1A -50",
     "make deferred/1; move hold/1A deferred/1/1A",                                                                                                           "1A@-50"     },
    {"postsuper -h, then -H",                         "put deferred/1/1A 50",
     "move deferred/1/1A hold/1A; move hold/1A deferred/1/1A",                                                                                                "1A@50"      },
    {"postsuper -r",                                  "put deferred/1/1A 50",                         "move deferred/1/1A maildrop/1A; time maildrop/1A 0",
     NO_FILES                                                                                                                                                              },
    {"postsuper -e",                                  "put deferred/1/1A 50",                         "mode deferred/1/1A 710",                               "1A@50"      },
    {"postsuper -f",                                  "put hold/1A 50; make deferred/1",
     "mode hold/1A 710; move hold/1A deferred/1/1A",                                                                                                          "1A@50"      },
    {"postsuper -s moves to the right directory",     "make deferred/1; put deferred/1A 50",
     "move deferred/1A deferred/1/1A",                                                                                                                        "1A@50"      },
    {"postsuper -s moves to a wrong directory",       "put deferred/1/1A 50",
     "move deferred/1/1A deferred/1A",                                                                                                                        NO_FILES     },
    {"postsuper -s gives a new name",                 "put deferred/1/1A 50; make deferred/2",
     "move deferred/1/1A deferred/2/2B#FIX; move deferred/2/2B#FIX deferred/2/2B",                                                                            "2B@50"      },
    {"postsuper -s removes empty directories",        "put deferred/1/1A 50; make deferred/2",
     "delete deferred/2",                                                                                                                                     "1A@50"      },
    {"our own deferral into a new hash directory",    "put active/1A 50",
     "make deferred/1; move active/1A deferred/1/1A",                                                                                                         "1A@50"      },
    {"an agent's mark makes it due",                  "put deferred/1/1A 5000",
     "write deferred/1/1A; time deferred/1/1A 0",                                                                                                             "1A@0"       },
    {"not ready any more",                            "put deferred/1/1A 50",                         "mode deferred/1/1A 400",                               NO_FILES     },
    {"not ready, then ready",                         "put deferred/1/1A 50; mode deferred/1/1A 600",
     "mode deferred/1/1A 700",                                                                                                                                "1A@50"      },
    {"a copy made by hand",                           "make deferred/1",
     "put deferred/1/1A 50; mode deferred/1/1A 600; mode deferred/1/1A 700; time deferred/1/1A 7",                                                            "1A@7"       },
    {"a link",                                        "put active/1A 50; make deferred/1",            "link active/1A deferred/1/1A",                         "1A@50"      },
    {"another file takes its place",                  "put deferred/1/1A 50; put active/1A 70",
     "move active/1A deferred/1/1A",                                                                                                                          "1A@70"      },
    {"no names of messages",                          "make deferred/1",
     "put deferred/1/1.A 0; put deferred/1/1A#FIX 0; make deferred/1/.x",                                                                                     NO_FILES     },
    {"what is no file is looked at, for the warning", "make deferred/1",
     "make deferred/1/1A; symlink deferred/1/1B nowhere",                                                                                                     "1A@- 1B@-"  },
    {"no file, at the walk",                          "make deferred/1; make deferred/1/1A",          "",                                                     "1A@-"       },
    {"in a directory of another name",                "make deferred/1; put deferred/2A 0",
     "move deferred/2A deferred/1/2A",                                                                                                                        NO_FILES     },
    {"a hash directory is made and filled",           "put active/1A 50; put active/1B 60",
     "make deferred/1; move active/1A deferred/1/1A; move active/1B deferred/1/1B",                                                                           "1A@50 1B@60"},
    {"a filled hash directory comes",                 "make x; put x/1A 50; put x/1B 60",             "move x deferred/1",
     "1A@50 1B@60"                                                                                                                                                         },
    {"a hash directory is made again",                "put deferred/1/1A 50; put active/1B 60",
     "delete deferred/1/1A; delete deferred/1; make deferred/1; move active/1B deferred/1/1B",                                                                "1B@60"      },
    {"a link to a hash directory",                    "make x; put x/1A 50",
     "symlink deferred/1 ../x; put x/1B 60; time deferred/1/1A 70",                                                                                           "1A@70 1B@60"},
    {"a plain file of one character",                 "make deferred/1",                              "put deferred/Q 0; put deferred/1/R 0",
     NO_FILES                                                                                                                                                              },
};

/* Hash directories of the names, if the commands do not make them. */
static void make_directories(const char *commands)
{
    for (char name[] = "deferred/1"; name[9] <= '2'; name[9]++) {
        g_autofree char *made = g_strdup_printf("make %s", name);
        g_autofree char *used = g_strdup_printf("%s/", name);

        if (strstr(commands, used) != NULL && strstr(commands, made) == NULL)
            ck_assert_int_eq(mkdir(name, 0700), 0);
    }
}

START_TEST(index_knows_what_others_do)
{
    make_directories(actors[_i].before);
    act_all(actors[_i].before);
    walk_into(deferred.index);
    act_all(actors[_i].after);
    take_events();
    ck_assert(deferred_index_is_complete(deferred.index));
    assert_known(actors[_i].want, actors[_i].title);
    assert_as_fresh(actors[_i].title);
}
END_TEST

/* ---- what happens before, between, and while walking ---- */

START_TEST(before_the_first_walk_nothing_is_known)
{
    act_all("make deferred/1; put deferred/1/1A 50");
    deferred_index_note(deferred.index, "1A", 50);
    deferred_index_forget(deferred.index, "1A");
    take_events();
    ck_assert(!deferred_index_is_complete(deferred.index));
    ck_assert_int_eq(deferred_index_earliest_s(deferred.index), INT64_MAX);
    ck_assert_uint_eq(deferred_index_count(deferred.index), 0);
}
END_TEST

START_TEST(events_during_a_walk_are_not_lost)
{
    act_all("make deferred/1; put deferred/1/1A 50; put active/2B 60; put active/1C 70");
    ck_assert(deferred_index_begin_walk(deferred.index));
    deferred_index_enter(deferred.index, "deferred/1", 1);
    act_all("make deferred/2; move active/2B deferred/2/2B; move active/1C deferred/1/1C");
    take_events();
    ck_assert(!deferred_index_is_complete(deferred.index));
    tell(deferred.index, "1A");
    deferred_index_end_walk(deferred.index, true);
    assert_known("1A@50 1C@70 2B@60", "at the end of the walk");
    ck_assert(deferred_index_is_complete(deferred.index));
}
END_TEST

START_TEST(events_of_before_a_walk_do_not_spoil_it)
{
    act_all("make deferred/1; put deferred/1/1A 50");
    walk_into(deferred.index);
    act_all("time deferred/1/1A 20; move deferred/1/1A active/1A; put deferred/1/1B 60");
    walk_into(deferred.index);
    assert_known("1B@60 and 1 that are gone", "after the second walk");
    take_events();
    assert_known("1B@60", "after the events");
}
END_TEST

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

static void assert_watches(const char *want, const char *title)
{
    g_autofree char *got = watches();

    ck_assert_msg(g_str_equal(got, want), "%s: %s", title, got);
}

START_TEST(directories_are_watched_one_at_a_time_and_once)
{
    act_all("make deferred/1; make deferred/2; put deferred/1/1A 50; put deferred/2/2B 60");
    ck_assert(deferred_index_begin_walk(deferred.index));
    assert_watches("wd:1", "at the beginning");
    deferred_index_enter(deferred.index, "deferred/2", 1);
    assert_watches("wd:1 wd:2", "in the first directory");
    walk_into(deferred.index);
    assert_watches("wd:1 wd:2 wd:3", "at the end of a walk");
    act("make deferred/3");
    walk_into(deferred.index);
    assert_watches("wd:1 wd:2 wd:3 wd:4", "at the end of the next one");
    ck_assert(deferred_index_is_complete(deferred.index));
}
END_TEST

/* Of a change without an event: as if it had been made in a file system of another machine. */
START_TEST(a_complete_index_is_corrected_by_a_walk)
{
    act_all("make deferred/1; put deferred/1/1A 50; put deferred/1/1B 60");
    walk_into(deferred.index);
    deferred_index_note(deferred.index, "1A", deferred.start_s + 99);
    deferred_index_forget(deferred.index, "1B");
    ck_assert(deferred_index_begin_walk(deferred.index));
    ck_assert(deferred_index_is_complete(deferred.index));
    walk_into(deferred.index);
    assert_known("1A@50 1B@60", "after another walk");
    ck_assert(deferred_index_begin_walk(deferred.index));
    deferred_index_end_walk(deferred.index, false);
    ck_assert(deferred_index_is_complete(deferred.index));
}
END_TEST

START_TEST(own_moves_are_known_at_once_and_events_of_them_change_nothing)
{
    act_all("make deferred/1; put active/1A 50; put deferred/1/1B 60");
    walk_into(deferred.index);
    act("move active/1A deferred/1/1A");
    deferred_index_note(deferred.index, "1A", deferred.start_s + 50);
    act("move deferred/1/1B active/1B");
    deferred_index_forget(deferred.index, "1B");
    assert_known("1A@50", "told");
    take_events();
    assert_known("1A@50", "and seen");
}
END_TEST

START_TEST(a_walk_that_missed_a_directory_does_not_complete)
{
    act_all("make deferred/1; put deferred/1/1A 50");
    ck_assert(deferred_index_begin_walk(deferred.index));
    tell(deferred.index, "1A");
    deferred_index_end_walk(deferred.index, false);
    ck_assert_int_eq(deferred_index_loss(deferred.index), DEFERRED_LOST_DIRECTORY);
    ck_assert_uint_eq(deferred_index_count(deferred.index), 0);
    deferred_index_check(deferred.index);
}
END_TEST

/* ---- loss ---- */

static void assert_lost(DeferredLoss loss, const char *title)
{
    deferred_index_check(deferred.index);
    ck_assert(!deferred_index_is_complete(deferred.index));
    ck_assert_msg(deferred_index_loss(deferred.index) == loss, "%s: %s", title,
                  deferred_loss_str(deferred_index_loss(deferred.index)));
    ck_assert_uint_eq(deferred_index_count(deferred.index), 0);
    ck_assert_int_eq(deferred_index_earliest_s(deferred.index), INT64_MAX);
}

static const struct {
    const char *title;
    const char *after;
} losses[] = {
    {"a hash directory is renamed",           "move deferred/1 deferred/2"                                          },
    {"a hash directory is moved away",        "move deferred/1 x"                                                   },
    {"a link to a hash directory is removed", "delete deferred/L"                                                   },
    {"the queue's own directory is renamed",  "move deferred x; make deferred; make deferred/1; "
                                             "move x/1/1A deferred/1/1A"},
};

START_TEST(moved_directories_need_a_walk)
{
    act_all("make deferred/1; put deferred/1/1A 50; symlink deferred/L ../active");
    walk_into(deferred.index);
    act_all(losses[_i].after);
    take_events();
    assert_lost(DEFERRED_LOST_DIRECTORY, losses[_i].title);
    walk_into(deferred.index);
    assert_as_fresh(losses[_i].title);
}
END_TEST

static int64_t events_that_overflow(void)
{
    g_autofree char *text = NULL;

    ck_assert(g_file_get_contents("/proc/sys/fs/inotify/max_queued_events", &text, NULL, NULL));
    return g_ascii_strtoll(text, NULL, 10) + 2;
}

START_TEST(an_overflow_needs_a_walk)
{
    int64_t count = events_that_overflow();

    act_all("make deferred/1; put deferred/1/1A 50; put deferred/1/1B 50");
    walk_into(deferred.index);
    for (int64_t i = 0; i < count; i++) /* taking turns: equal events in a row are merged */
        ck_assert_int_eq(chmod(i % 2 == 0 ? "deferred/1/1A" : "deferred/1/1B", 0700), 0);
    act("time deferred/1/1A 70");
    take_events();
    assert_lost(DEFERRED_LOST_EVENTS, "overflow");
    walk_into(deferred.index);
    assert_known("1A@70 1B@50", "after the overflow");
    act("time deferred/1/1A 80");
    take_events();
    assert_known("1A@80 1B@50", "events after the overflow");
}
END_TEST

START_TEST(too_many_files_are_not_kept)
{
    deferred_renew("deferred", 1, 3);
    act_all("make deferred/1; put deferred/1/1A 1; put deferred/1/1B 2; put deferred/1/1C 3");
    walk_into(deferred.index);
    assert_known("1A@1 1B@2 1C@3", "as many as are allowed");
    act_all("time deferred/1/1A 7; put deferred/1/1D 4");
    take_events();
    assert_lost(DEFERRED_LOST_ROOM, "one more");
    walk_into(deferred.index);
    assert_lost(DEFERRED_LOST_ROOM, "still");
    assert_watches("", "as long as it is full");
    act("delete deferred/1/1A");
    walk_into(deferred.index);
    assert_lost(DEFERRED_LOST_ROOM, "until they are counted");
    walk_into(deferred.index);
    assert_known("1B@2 1C@3 1D@4", "it fits again");
}
END_TEST

START_TEST(a_new_directory_with_many_files_needs_a_walk)
{
    ck_assert_int_eq(mkdir("x", 0700), 0);
    for (int i = 0; i < 1500; i++) {
        g_autofree char *path = g_strdup_printf("x/1A%d", i);

        fixture_touch(path);
    }
    walk_into(deferred.index);
    act("move x deferred/1");
    take_events();
    assert_lost(DEFERRED_LOST_DIRECTORY, "many files");
    walk_into(deferred.index);
    ck_assert_uint_eq(deferred_index_count(deferred.index), 1500);
}
END_TEST

START_TEST(without_inotify_it_stays_lost_until_there_is_some)
{
    struct rlimit limit;
    rlim_t old_limit;

    act_all("make deferred/1; put deferred/1/1A 50");
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    old_limit = limit.rlim_cur;
    limit.rlim_cur = 0;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    deferred_renew("deferred", 1, 100);
    ck_assert_int_eq(deferred_index_fd(deferred.index), -1);
    ck_assert(!deferred_index_begin_walk(deferred.index));
    assert_lost(DEFERRED_LOST_WATCHES, "no descriptors");
    ck_assert_int_eq(deferred_index_read(deferred.index).status, SPOOL_IO_ERROR);
    deferred_index_end_walk(deferred.index, true);
    limit.rlim_cur = old_limit;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    walk_into(deferred.index);
    ck_assert_int_ge(deferred_index_fd(deferred.index), 0);
    assert_known("1A@50", "with descriptors");
}
END_TEST

START_TEST(too_many_directories_are_not_watched)
{
    static const char names[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";

    deferred_renew("deferred", 3, 100);
    for (int i = 0; i < 80 * 64; i++) {
        g_autofree char *path = g_strdup_printf("deferred/%c/%c/%c", names[i / 1024],
                                                names[i / 32 % 32], names[i % 32]);

        ck_assert_int_eq(g_mkdir_with_parents(path, 0700), 0);
    }
    walk_into(deferred.index);
    assert_lost(DEFERRED_LOST_WATCHES, "5000 directories");
}
END_TEST

START_TEST(a_missing_queue_cannot_be_watched)
{
    act("delete deferred");
    ck_assert(!deferred_index_begin_walk(deferred.index));
    assert_lost(DEFERRED_LOST_WATCHES, "no queue");
}
END_TEST

/* ---- other hashing ---- */

START_TEST(without_hashing_the_queue_itself_is_watched)
{
    deferred_renew("", 1, 100);
    act_all("put deferred/1A 50; make deferred/1; put deferred/1/1B 60");
    walk_into(deferred.index);
    assert_known("1A@50", "walk");
    act_all("put deferred/1C 70; move deferred/1/1B deferred/1B; delete deferred/1; "
            "time deferred/1A 80; make deferred/2");
    take_events();
    assert_known("1A@80 1B@60 1C@70", "events");
    assert_as_fresh("no hashing");
}
END_TEST

START_TEST(two_levels_of_new_directories_are_followed)
{
    deferred_renew("deferred", 2, 100);
    walk_into(deferred.index);
    act_all("put active/1E0A 50; make deferred/1; make deferred/1/E; "
            "move active/1E0A deferred/1/E/1E0A");
    take_events();
    act_all("put deferred/1/E/1E0B 60; make deferred/1/F; put deferred/1/F/1F0C 70; make x; "
            "make x/B; put x/B/2B0D 80; move x deferred/2");
    take_events();
    assert_known("1E0A@50 1E0B@60 1F0C@70 2B0D@80", "events");
    act_all("time deferred/2/B/2B0D 90; delete deferred/1/E/1E0A; put deferred/2/2B0E 0");
    take_events();
    assert_known("1E0B@60 1F0C@70 2B0D@90", "more events");
    assert_as_fresh("two levels");
}
END_TEST

/* ---- runs ---- */

/* All candidates of a run at that time. */
static char *run_at(int now_s)
{
    GString *names = g_string_new(NULL);
    const char *name;

    deferred_index_begin_run(deferred.index, deferred.start_s + now_s);
    while ((name = deferred_index_next(deferred.index)) != NULL)
        g_string_append_printf(names, "%s ", name);
    deferred_index_check(deferred.index);
    return g_string_free(names, FALSE);
}

static void assert_run(int now_s, const char *want)
{
    g_autofree char *got = run_at(now_s);

    ck_assert_str_eq(got, want);
}

START_TEST(a_run_takes_what_is_due_earliest_first)
{
    act_all("make deferred/1; put deferred/1/1A 50; put deferred/1/1B -7; put deferred/1/1C 11; "
            "put deferred/1/1D 12; put deferred/1/1E -7");
    walk_into(deferred.index);
    ck_assert_int_eq(deferred_index_earliest_s(deferred.index), deferred.start_s - 7);
    assert_run(10, "1B 1E 1C ");
    assert_known("1A@50 1D@12", "the rest");
    assert_run(11, "1D ");
    assert_run(48, "");
    assert_run(49, "1A ");
}
END_TEST

START_TEST(in_a_run_no_file_is_given_twice)
{
    act_all("make deferred/1; put deferred/1/1A 0; put deferred/1/1B 0");
    walk_into(deferred.index);
    deferred_index_begin_run(deferred.index, deferred.start_s);
    ck_assert_str_eq(deferred_index_next(deferred.index), "1A");
    deferred_index_note(deferred.index, "1A", deferred.start_s);
    act("time deferred/1/1A -5");
    take_events();
    ck_assert_str_eq(deferred_index_next(deferred.index), "1B");
    deferred_index_note(deferred.index, "1B", deferred.start_s + 1);
    ck_assert_ptr_null(deferred_index_next(deferred.index));
    assert_run(0, "1A 1B "); /* in the same second */
}
END_TEST

START_TEST(runs_in_quick_succession_do_not_look_ahead)
{
    act_all("make deferred/1; put deferred/1/1A 0; put deferred/1/1B 5");
    walk_into(deferred.index);
    assert_run(0, "1A ");
    for (int i = 0; i < 10; i++)
        assert_run(0, "");
}
END_TEST

START_TEST(an_event_does_not_put_off_what_a_run_has_still_ahead)
{
    act_all("make deferred/1; put deferred/1/1A 0; put deferred/1/1B 0");
    walk_into(deferred.index);
    deferred_index_begin_run(deferred.index, deferred.start_s);
    act("mode deferred/1/1B 710");
    take_events();
    ck_assert_str_eq(deferred_index_next(deferred.index), "1A");
    ck_assert_str_eq(deferred_index_next(deferred.index), "1B");
    ck_assert_ptr_null(deferred_index_next(deferred.index));
}
END_TEST

START_TEST(after_a_step_back_of_the_clock_all_is_still_found)
{
    act_all("make deferred/1; put deferred/1/1A 1000; put deferred/1/1B 5");
    walk_into(deferred.index);
    assert_run(2000, "1B 1A ");
    deferred_index_note(deferred.index, "1A", deferred.start_s + 1000);
    deferred_index_note(deferred.index, "1B", deferred.start_s + 5);
    assert_run(5, "1B 1A ");
}
END_TEST

START_TEST(a_run_ends_when_the_index_is_lost)
{
    deferred_renew("deferred", 1, 2);
    act_all("make deferred/1; put deferred/1/1A 0; put deferred/1/1B 0");
    walk_into(deferred.index);
    deferred_index_begin_run(deferred.index, deferred.start_s);
    ck_assert_str_eq(deferred_index_next(deferred.index), "1A");
    act_all("put deferred/1/1C 0; put deferred/1/1D 0");
    take_events();
    ck_assert_ptr_null(deferred_index_next(deferred.index));
    assert_lost(DEFERRED_LOST_ROOM, "in a run");
}
END_TEST

int main(void)
{
    TCase *others = deferred_tcase("others"), *walks = deferred_tcase("walks");
    TCase *loss = deferred_tcase("loss"), *hashing = deferred_tcase("hashing");
    TCase *runs = deferred_tcase("runs");

    tcase_add_loop_test(others, index_knows_what_others_do, 0, G_N_ELEMENTS(actors));
    tcase_add_test(walks, before_the_first_walk_nothing_is_known);
    tcase_add_test(walks, events_during_a_walk_are_not_lost);
    tcase_add_test(walks, events_of_before_a_walk_do_not_spoil_it);
    tcase_add_test(walks, directories_are_watched_one_at_a_time_and_once);
    tcase_add_test(walks, a_complete_index_is_corrected_by_a_walk);
    tcase_add_test(walks, own_moves_are_known_at_once_and_events_of_them_change_nothing);
    tcase_add_test(walks, a_walk_that_missed_a_directory_does_not_complete);
    tcase_add_loop_test(loss, moved_directories_need_a_walk, 0, G_N_ELEMENTS(losses));
    tcase_add_test(loss, an_overflow_needs_a_walk);
    tcase_add_test(loss, too_many_files_are_not_kept);
    tcase_add_test(loss, a_new_directory_with_many_files_needs_a_walk);
    tcase_add_test(loss, without_inotify_it_stays_lost_until_there_is_some);
    tcase_add_test(loss, too_many_directories_are_not_watched);
    tcase_add_test(loss, a_missing_queue_cannot_be_watched);
    tcase_set_timeout(loss, 30);
    tcase_add_test(hashing, without_hashing_the_queue_itself_is_watched);
    tcase_add_test(hashing, two_levels_of_new_directories_are_followed);
    tcase_add_test(runs, a_run_takes_what_is_due_earliest_first);
    tcase_add_test(runs, in_a_run_no_file_is_given_twice);
    tcase_add_test(runs, runs_in_quick_succession_do_not_look_ahead);
    tcase_add_test(runs, an_event_does_not_put_off_what_a_run_has_still_ahead);
    tcase_add_test(runs, after_a_step_back_of_the_clock_all_is_still_found);
    tcase_add_test(runs, a_run_ends_when_the_index_is_lost);
    return run_suite("spool/deferred_index", others, walks, loss, hashing, runs, NULL);
}
