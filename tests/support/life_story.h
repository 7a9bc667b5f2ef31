#ifndef EQMGR_TESTS_SUPPORT_LIFE_STORY_H
#define EQMGR_TESTS_SUPPORT_LIFE_STORY_H

/*
 * tests/support/life_story: stories about the life of messages, told in files
 * tests/data/life/NAME.stories; each is one test in a world of its own (life_fixture). A story is a
 * title and lines:
 *
 *   [an agent that quits costs a retry]
 *   service smtp q
 *   mail to=a@smtp.test
 *   > A1: from=<sender@test>, size=23, nrcpt=1 (queue active)
 *   > smtp: nexthop smtp.test from <sender@test> flags 3 to a@smtp.test
 *   = deferred A1 +300 0700
 *
 * "> " is what is told, in this order ("~ ": in any order), "= " are the files that remain. All
 * other lines are commands, done in their order:
 *
 *   set NAME VALUE              a member of LifeSettings, or of the transports' parameters
 *   service NAME MANNER [STATUS [DSN [REASON]]]      how it acts and answers from now on
 *   effect NAME DEED            what it does to the queue before it answers: see life_deeds.h
 *   returns COUNT               so many recipients the defer service marks when it returns mail
 *   without NAME...             services that are not there (again after "with NAME...")
 *   route ADDRESS TRANSPORT NEXTHOP RECIPIENT FLAGS  what it resolves to ("-" is empty)
 *   mail [KEY=VALUE]...         a queue file: id queue sender to records each flags age due mode
 *                               silent cut;
 *                               "," separates recipients, "%" is a space
 *   file PATH [TEXT], directory PATH, chmod PATH MODE, remove PATH
 *   trigger BYTES, run, forget  until nothing is to be done; what was told until here
 *   until TEXT                  run until this is told
 *   die                         the process ends; what runs next starts another one
 *   retry                       the files that could not be moved are tried again
 *   end                         now, whatever is still under way; else when nothing is
 */

#include "tests/support/life_deeds.h"
#include "tests/support/life_fixture.h"

/* All stories of the file, once in a program. They are loaded at once, as tests leave the
 * directory. */
TCase *stories_tcase(const char *name);

/* Commands of one program alone; false: not one of them. NULL: there are none. */
extern bool (*story_more_commands)(char **words);

/* The command "set", for tests without a story; before world_start(). */
void story_set(const char *name, const char *value);

/* The command "retry". */
void do_retry(void);

#endif
