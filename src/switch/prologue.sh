#!/usr/bin/env bash
# Lets eqmgr manage the queue of a Postfix instance, and puts the former queue manager back.
# eqmgr-switch(8) is the manual, --help a summary. It is one file, joined from src/switch/*.sh, so that it
# can be copied to a machine alone.
set -u
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL=C
umask 022 # everybody may read eqmgr.cf, and the record for status

E_CHECK=1 E_USAGE=2 E_ROLLED_BACK=3 E_STUCK=4
E_OTHER=10 E_MISMATCH=11 E_UNKNOWN=12
OLDEST_RELEASE=306
START_S=30      # for a queue manager to appear after the reload and to answer
STEADY_S=5      # for how long it must stay
WAKE_S=5        # for one that does not run, but could, to start when it is called
BACKUPS_KEPT=3  # of each file
RESOLVERS_MAX=64

# From the command line.
config_dir='' action='' program='' resolvers='' probe_to='' dry_run=no quiet=no now=no

usage() {
    cat <<'TEXT'
Usage: eqmgr-switch [-c config_dir] on [-n] [--now] [--probe address] [--program name]
                                       [--resolvers N]
       eqmgr-switch [-c config_dir] off [-n] [--now] [--probe address]
       eqmgr-switch [-c config_dir] status

  on      let eqmgr manage the queue: check, change the line in master.cf, reload, watch; if
          the new queue manager does not work, put the former one back
  off     put back the line that was there before "on", the same way
  status  say which program manages the queue, or why none does, and what is in it

  -c, --config-dir DIR   the instance, as in "postfix -c"; default: the one postconf(1) takes
  -n, --dry-run          check, and say what would be done
  --now                  stop and start Postfix if master(8) would wait, for a minute, after a
                         failed start of the queue manager
  --probe ADDRESS        send a test message there afterwards, and see that it gets its turn
  --program NAME         a program other than "eqmgr", relative to daemon_directory
  --resolvers N          N address resolvers of its own (0: none), as services in master.cf
  -q, --quiet            only warnings and errors
  -h, --help             this text

Exit status: 0 done (also if there was nothing to do); 1 a check failed and nothing was
changed; 2 wrong usage; 3 it did not work and everything is as it was before; 4 it did not
work and needs your attention. For status: 0 eqmgr manages the queue, 10 another program
does, 11 none runs, or not the one in master.cf, 12 that cannot be told without root.
TEXT
}

# If the reader has gone away, that must not end us halfway: what cannot be printed is dropped.
say() {
    [ "$quiet" = yes ] || printf '%s\n' "$*" 2>/dev/null || :
}

warn() {
    printf 'eqmgr-switch: %s\n' "$*" >&2 2>/dev/null || :
}

indent() {
    sed 's/^/    /'
}

die() { # die STATUS TEXT...
    local status=$1
    shift
    warn "$*"
    exit "$status"
}
