# shellcheck shell=bash
#
# For the scenarios of eqmgr-switch: an instance with a daemon_directory of its own, in which eqmgr is
# installed with the stock programs, as "make install" does it. The stock queue manager runs.

: "${QMGR:?}" "${HERE:?}"
SWITCH=${SWITCH:-${ROOT:-build}/${MODE:-release}/eqmgr-switch}

switch_prepare() { # switch_prepare COMMAND: the line of master.cf to begin with
    [ "$QMGR" != stock ] || skip "there is no eqmgr to switch to"
    [ -x "$SWITCH" ] || fail "$SWITCH: run make first"
    instance_create
    impatient_copy
    cp -a "$(postconf -dh daemon_directory)" "$HERE/libexec"
    install -m 755 "$QMGR" "$HERE/libexec/eqmgr"
    mkdir -p "$HERE/libexec/eqmgr.d"
    ln -f "$HERE/libexec/eqmgr" "$HERE/libexec/eqmgr.d/oqmgr"
    set_main "daemon_directory=$HERE/libexec" service_throttle_time=2s
    postconf -F "qmgr/unix/command=$1"
    settle_configuration
    cp -p "$HERE/etc/master.cf" "$HERE/master.cf.before"
}

# The program with 1 s of watching instead of 5, and more time for a start on a busy machine: SWITCH_START_S seconds, few where
# a test has to wait for their end. $STEADY_SWITCH watches for so long that a signal or a death comes meanwhile.
impatient_copy() {
    sed "s/^START_S=30 /START_S=${SWITCH_START_S:-60} /; s/^STEADY_S=5 /STEADY_S=1 /" "$SWITCH" >"$HERE/eqmgr-switch"
    sed 's/^STEADY_S=1 /STEADY_S=60 /' "$HERE/eqmgr-switch" >"$HERE/steady-switch"
    chmod 755 "$HERE/eqmgr-switch" "$HERE/steady-switch"
    SWITCH=$HERE/eqmgr-switch
    STEADY_SWITCH=$HERE/steady-switch
}

# switch_until PATTERN ARGUMENT...: a steady one in the background, until it has said that; sets switch_pid. Signals that are
# ignored here, as with nohup(1), are not ignored there.
switch_until() {
    local pattern=$1
    shift
    rm -f "$HERE/said" # what the last one said would be found before this one has begun
    env --default-signal "$STEADY_SWITCH" -c "$HERE/etc" "$@" </dev/null >"$HERE/said" 2>&1 &
    # shellcheck disable=SC2034 # for the scenario
    switch_pid=$!
    wait_for 30 "/$pattern/" grep -qE -- "$pattern" "$HERE/said"
}

# eqmgr_switch STATUS ARGUMENT...: must end with this status; its output is in $HERE/said.
eqmgr_switch() {
    local wanted=$1 status=0
    shift
    timeout 200 "$SWITCH" -c "$HERE/etc" "$@" </dev/null >"$HERE/said" 2>&1 || status=$?
    cat "$HERE/said"
    [ "$status" -eq "$wanted" ] ||
        fail "eqmgr-switch $*: status $status instead of $wanted: $(tail -n 1 "$HERE/said")"
}

status_as_nobody() { # status_as_nobody STATUS
    local status=0
    su nobody -s /bin/bash -c "$SWITCH -c $HERE/etc status" </dev/null >"$HERE/said" 2>&1 || status=$?
    cat "$HERE/said"
    expect "$1" "status without root" echo "$status"
}

expect_said() {
    grep -qE -- "$1" "$HERE/said" || fail "eqmgr-switch did not say /$1/"
}

# The program that runs, whatever master.cf says.
running_program() {
    basename "$(readlink "/proc/$(qmgr_pid)/exe")"
}

expect_master_cf_unchanged() {
    cmp -s "$HERE/etc/master.cf" "$HERE/master.cf.before" || fail "master.cf is not what it was"
}

# fake_program NAME COMMAND...: a program that passes the checks, and runs COMMAND as a daemon.
fake_program() {
    local name=$1 release
    shift
    release=$(postconf -dh mail_version | sed 's/^\([0-9]*\.[0-9]*\).*/\1/')
    printf '#!/usr/bin/env bash\ncase "$*" in\n*--version*) echo eqmgr 9.9; exit 0 ;;\n*--postfix-release*) echo %s; exit 0 ;;\n-S*) exit 0 ;;\nesac\n%s\n' "$release" "$*" \
        >"$HERE/libexec/$name"
    chmod 755 "$HERE/libexec/$name"
}

# Makes master(8) start the queue manager again, which fails; the reload makes changes of the
# configuration effective for master(8), too.
instance_break_qmgr() {
    local before
    before=$(qmgr_pid)
    timeout 60 postfix reload </dev/null >>"$HERE/start.out" 2>&1 || fail "postfix reload"
    wait_for 30 "the end of the queue manager" qmgr_is_not "$before"
    timeout 20 postqueue -f || true
}

# Postfix was stopped and started.
master_has_changed() {
    local before=$MASTER_PID
    MASTER_PID=$(master_pid)
    [ "$MASTER_PID" != "$before" ] || fail "Postfix was not restarted"
}

program_runs() { # program_runs NAME
    [ "$(running_program)" = "$1" ]
}
