#ifndef EQMGR_CTL_POSTCONF_INTERNAL_H
#define EQMGR_CTL_POSTCONF_INTERNAL_H

/* postconf: what postconf(1) says of an instance, so that nothing here reads main.cf. */

/*
 * The values of these parameters (NULL ends them), $names expanded, in this order.
 * config_directory: NULL for the default. On failure NULL, and *ret_problem is a text for people;
 * free either.
 */
char **postconf_values(const char *config_directory, const char *const *names, char **ret_problem);

#endif
