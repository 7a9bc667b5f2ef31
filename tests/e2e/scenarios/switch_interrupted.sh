# shellcheck shell=bash
# eqmgr-switch goes on without a reader, and no signal ends it halfway
# long
# shellcheck source=tests/e2e/lib/switch.sh
. tests/e2e/lib/switch.sh
switch_prepare qmgr
qmgr_may_die
instance_start

expect_end() { # expect_end STATUS
    local status=0
    wait "$switch_pid" || status=$?
    cat "$HERE/said"
    expect "$1" "exit status" echo "$status"
}

# The reader leaves after the line about the backup copy.
status=0
"$SWITCH" -c "$HERE/etc" on </dev/null 2>&1 | sed '/ backup /q' || status=$?
expect eqmgr "command" postconf -Fh qmgr/unix/command
wait_for 30 "the start of eqmgr" program_runs eqmgr
[ -e "$HERE/etc/eqmgr-switch.saved" ] || fail "no record of what was there before"
eqmgr_switch 0 off
expect_master_cf_unchanged

for signal in HUP USR1; do
    switch_until '^ *started  *eqmgr' on
    kill "-$signal" "$switch_pid"
    expect_end 3
    expect_master_cf_unchanged
    expect qmgr "program at work" running_program
    [ ! -e "$HERE/etc/eqmgr-switch.saved" ] || fail "a record of what is not so"
done

# An interrupt on the way back: the way back is completed.
switch_until '^ *started  *eqmgr' on
kill -TERM "$switch_pid"
wait_for 30 "the way back" grep -q 'putting master.cf back' "$HERE/said"
kill -HUP "$switch_pid"
kill -TERM "$switch_pid"
status=0
wait "$switch_pid" || status=$?
case $status in 3 | 4) ;; *) fail "exit status $status" ;; esac
expect_master_cf_unchanged
wait_for 30 "qmgr" program_runs qmgr

# If the old queue manager does not work, the change stays, and is made effective.
eqmgr_switch 0 on
set_main service_throttle_time=1h
echo 'eqmgr_scheduler = lottery' >"$HERE/etc/eqmgr.cf"
instance_break_qmgr
wait_for_log "libexec/eqmgr: bad command startup -- throttling"
switch_until '^ *wait  ' off
kill -TERM "$switch_pid"
expect_end 4
expect qmgr "command" postconf -Fh qmgr/unix/command
eqmgr_switch 11 status
expect_said 'none: throttled since'
eqmgr_switch 0 off --now
master_has_changed
expect qmgr "program at work" running_program
