#ifndef EQMGR_CONFIG_RELEASE_INTERNAL_H
#define EQMGR_CONFIG_RELEASE_INTERNAL_H

/* release: which Postfix is installed (ipc.md 9.1), from texts in its programs. */

#include <stddef.h>

#include <glib.h>

/* The version in a program of this directory, such as "3.7.11", or NULL; a new string. */
char *release_find_version(const char *daemon_directory);

/* The version in the program file of a master(8). */
char *release_version_of_master(const char *path);

/*
 * The version that is a text of its own, or NULL, also if there are several; a new string. Programs
 * built by a newer compiler have lost the text "mail_version=", and agents have many status codes
 * that look like a version; master(8) has none of these.
 */
char *release_lone_version_in(const char *bytes, size_t length);

/* The version at the first "mail_version=" that is followed by one, or NULL; a new string. */
char *release_version_in(const char *bytes, size_t length);

/* "3.7.11" as RELEASE(3, 7, 11), "3.7" and "3.12-20260821" as the newest patch level of that; 0 if
 * it is not a version. */
int release_parse(const char *version);

#endif
