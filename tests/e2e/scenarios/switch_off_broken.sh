# shellcheck shell=bash
# eqmgr-switch off, when eqmgr does not start: waits as long as master does, and never puts it back
# long
# shellcheck source=tests/e2e/lib/switch.sh
. tests/e2e/lib/switch.sh
SWITCH_START_S=12
switch_prepare qmgr
sink_start main
qmgr_may_die
instance_start
eqmgr_switch 0 on
echo 'eqmgr_scheduler = lottery' >"$HERE/etc/eqmgr.cf"
set_main service_throttle_time=22s # longer than a start may take
instance_break_qmgr
wait_for_log "libexec/eqmgr: bad command startup -- throttling"
send sender@e2e.test a@main.test

eqmgr_switch 11 status
expect_said '^queue manager +none: throttled since [0-9:]{8}, again at [0-9:]{8}$'
expect_said '^because +fatal: bad eqmgr_scheduler value: lottery'
expect_said '^attention +to try again at once: .*stop; .*start$'
eqmgr_switch 1 on
expect_said 'does not accept the configuration.*lottery'
eqmgr_switch 0 off
expect_said 'way back +none: eqmgr does not run'
expect_said 'to end that at once|that at once: .*stop; .*start'
expect_master_cf_unchanged
expect qmgr "program at work" running_program
wait_for_sink main 1
wait_for_empty_queue
