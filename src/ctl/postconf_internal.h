#ifndef EQMGR_CTL_POSTCONF_INTERNAL_H
#define EQMGR_CTL_POSTCONF_INTERNAL_H

/*
 * postconf: what postconf(1) says of an instance. Only the verb policy reads main.cf itself, with
 * the daemon's reader.
 */

#include <glib.h>

/*
 * The values of these parameters (NULL ends them), $names expanded, in this order.
 * config_directory: NULL for the default. On failure NULL, and *ret_problem is a text for people;
 * free either.
 */
char **postconf_values(const char *config_directory, const char *const *names, char **ret_problem);

/* The program of the queue manager's line in master.cf: "qmgr", "eqmgr.d/oqmgr"; NULL: it is not
 * known. Free it. */
char *postconf_queue_manager(const char *config_directory) G_GNUC_WARN_UNUSED_RESULT;

#endif
