#ifndef EQMGR_SETUP_H
#define EQMGR_SETUP_H

/*
 * setup: the configuration in the shape each layer wants it. Only main.c uses it: config and the
 * layers that are configured know nothing of each other.
 */

#include "config/settings.h"
#include "control/control.h"
#include "life/life.h"
#include "policy/meter_book.h"
#include "policy/rules.h"
#include "policy/site.h"
#include "spool/spool.h"

/* What all of these point into must outlive their users. */
typedef struct Setup {
    Settings *settings;
    bool round_robin;
    bool verbose;   /* option -v */
    int file_limit; /* files that may be open */
    int release;    /* RELEASE() of the installed Postfix */
    Stats *stats;
    const Rules *rules; /* of an administrator */
    MeterBook *meters;  /* NULL: they are not kept */
    char *boot;         /* of the machine, as MeterBookOwner has it */
    const Sites *sites; /* of the policy file */
    ControlMembers members[CONTROL_LEVEL_COUNT];
} Setup;

/* True if the program is called oqmgr, or if eqmgr.cf asks for it. */
bool setup_is_round_robin(const char *program_name, const SettingsValues *values);

/* The configured release, else the installed one, else the oldest that is supported; says what is
 * wrong with it. */
int setup_release(const SettingsValues *values);

/* Whose meters these are; alive as long as the setup. */
MeterBookOwner setup_meter_owner(const Setup *setup);

SpoolSettings setup_spool(const Setup *setup);
SchedSettings setup_sched(const Setup *setup);
LifeSettings setup_life(const Setup *setup);
ControlSettings setup_control(const Setup *setup);

/* Tells the statistics which destinations are watched; warns of names that cannot be. */
void setup_watch(const Setup *setup);

/* Asks who may use the control socket, and warns of names that nobody has; before privileges and
 * the root change. */
void setup_find_members(Setup *setup);
void setup_clear_members(Setup *setup);

#endif
