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

/* Makes the hash directories that the commands use and do not make. */
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

/* A change without an event, as if another machine had made it in a shared file system. */
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

int main(void)
{
    TCase *others = deferred_tcase("others"), *walks = deferred_tcase("walks");
    TCase *hashing = deferred_tcase("hashing");

    tcase_add_loop_test(others, index_knows_what_others_do, 0, G_N_ELEMENTS(actors));
    tcase_add_test(walks, before_the_first_walk_nothing_is_known);
    tcase_add_test(walks, events_during_a_walk_are_not_lost);
    tcase_add_test(walks, events_of_before_a_walk_do_not_spoil_it);
    tcase_add_test(walks, directories_are_watched_one_at_a_time_and_once);
    tcase_add_test(walks, a_complete_index_is_corrected_by_a_walk);
    tcase_add_test(walks, own_moves_are_known_at_once_and_events_of_them_change_nothing);
    tcase_add_test(walks, a_walk_that_missed_a_directory_does_not_complete);
    tcase_add_test(hashing, without_hashing_the_queue_itself_is_watched);
    tcase_add_test(hashing, two_levels_of_new_directories_are_followed);
    return run_suite("spool/deferred_index", others, walks, hashing, NULL);
}
