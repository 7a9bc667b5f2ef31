# shellcheck shell=bash
#
# For the scenarios of eqmgr-switch: an instance with a daemon_directory of its own, in which eqmgr is
# installed beside the stock programs as "make install" does it, and the stock queue manager at work.

: "${QMGR:?}" "${HERE:?}"

switch_prepare() { # switch_prepare COMMAND: the line of master.cf to begin with
    [ "$QMGR" != stock ] || skip "there is no eqmgr to switch to"
    instance_create
    cp -a "$(postconf -dh daemon_directory)" "$HERE/libexec"
    install -m 755 "$QMGR" "$HERE/libexec/eqmgr"
    mkdir -p "$HERE/libexec/eqmgr.d"
    ln -f "$HERE/libexec/eqmgr" "$HERE/libexec/eqmgr.d/oqmgr"
    set_main "daemon_directory=$HERE/libexec" service_throttle_time=2s
    postconf -F "qmgr/unix/command=$1"
    settle_configuration
    cp -p "$HERE/etc/master.cf" "$HERE/master.cf.before"
}

# eqmgr_switch STATUS ARGUMENT...: must end with this status; what it says is in $HERE/said.
eqmgr_switch() {
    local wanted=$1 status=0
    shift
    timeout 120 src/switch/eqmgr-switch -c "$HERE/etc" "$@" </dev/null >"$HERE/said" 2>&1 || status=$?
    cat "$HERE/said"
    [ "$status" -eq "$wanted" ] ||
        fail "eqmgr-switch $*: status $status instead of $wanted: $(tail -n 1 "$HERE/said")"
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

# fake_program NAME COMMAND...: passes the checks; what it does as a daemon is the rest.
fake_program() {
    local name=$1
    shift
    printf '#!/usr/bin/env bash\ncase "$*" in\n*--version*) echo eqmgr 9.9; exit 0 ;;\n-S*) exit 0 ;;\nesac\n%s\n' "$*" \
        >"$HERE/libexec/$name"
    chmod 755 "$HERE/libexec/$name"
}
