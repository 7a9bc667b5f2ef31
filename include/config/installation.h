#ifndef EQMGR_CONFIG_INSTALLATION_H
#define EQMGR_CONFIG_INSTALLATION_H

/*
 * config/installation: where the programs of this Postfix are, if main.cf does not say so.
 *
 * Postfix has this directory built in, so another program has to find it. The directory of our own
 * program is right if master(8) is in it, too; else the one that the running master(8) was started
 * from.
 */

typedef struct Installation {
    char *daemon_directory; /* or NULL */
    /* Of the running master(8), readable even if the file has been replaced; or NULL. */
    char *master_program;
} Installation;

/* The links are those of /proc: to our own program, and to the program of the parent process. */
Installation installation_find(const char *program_link, const char *parent_link);
void installation_clear(Installation *installation);

#endif
