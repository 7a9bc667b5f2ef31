# shellcheck shell=bash
# eqmgr-switch off, when the stock queue manager fails, too; when eqmgr hangs; without a log to read
# long
# shellcheck source=tests/e2e/lib/switch.sh
. tests/e2e/lib/switch.sh
SWITCH_START_S=12
switch_prepare qmgr
qmgr_may_die
sink_start main
instance_start
eqmgr_switch 0 on

# eqmgr works: it comes back.
mv "$HERE/libexec/qmgr" "$HERE/qmgr.good"
fake_program qmgr 'exit 1'
cp -p "$HERE/etc/master.cf" "$HERE/master.cf.on"
eqmgr_switch 3 off
expect_said 'all is as it was: eqmgr manages the queue'
cmp "$HERE/etc/master.cf" "$HERE/master.cf.on" || fail "master.cf is not what it was"
eqmgr_switch 0 status
expect_said '^before +qmgr '

# eqmgr does not work: it does not come back, and the next attempt begins with the present state.
echo 'eqmgr_scheduler = lottery' >"$HERE/etc/eqmgr.cf"
instance_break_qmgr
wait_for_log "libexec/eqmgr: bad command startup -- throttling"
set_main service_throttle_time=60s # qmgr is not started again while we look, on a busy machine, too
eqmgr_switch 4 off
expect_said 'eqmgr did not work when we began, it is not put back'
expect_said 'qmgr does not run yet: see the log'
expect_said 'libexec/qmgr pid [0-9]+ exit status 1'
expect qmgr "command" postconf -Fh qmgr/unix/command
eqmgr_switch 11 status
# master(8) calls what it began as eqmgr right before the reload qmgr when it ends: then it is the
# failure of that which is told.
expect_said '^(because|last failure) .*(libexec/qmgr pid [0-9]+ exit status 1|value: lottery )'
chmod 600 "$HERE/maillog"
status_as_nobody 11
expect_said 'starts it when there is mail, or waits after a failed start'
mv "$HERE/qmgr.good" "$HERE/libexec/qmgr"
eqmgr_switch 0 off
expect_said 'qmgr is in master.cf already, but does not run'
expect qmgr "program at work" running_program
expect_master_cf_unchanged
rm "$HERE/etc/eqmgr.cf"

# A process that hangs is not restored, but ended.
eqmgr_switch 0 on
kill -STOP "$(qmgr_pid)"
send sender@e2e.test a@main.test
eqmgr_switch 0 off
expect_said 'way back +none'
expect qmgr "program at work" running_program
wait_for_sink main 1
wait_for_empty_queue
