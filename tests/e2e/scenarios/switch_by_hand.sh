# shellcheck shell=bash
# eqmgr-switch finds its way after edits by hand, and while Postfix is not running
# long
# shellcheck source=tests/e2e/lib/switch.sh
. tests/e2e/lib/switch.sh
switch_prepare qmgr
eqmgr_switch 11 status
expect_said 'Postfix is not running'
eqmgr_switch 0 on
expect_said 'from its start on'
instance_start
wait_for 30 "a queue manager" qmgr_runs
expect eqmgr "program at work" running_program
eqmgr_switch 0 off
expect_master_cf_unchanged

postconf -F qmgr/unix/command='eqmgr -v'
settle_configuration
eqmgr_switch 11 status
expect_said 'postfix reload'
eqmgr_switch 0 on
expect eqmgr "program at work" running_program
eqmgr_switch 0 off
expect_said 'no record of what was there before'
expect 'qmgr/unix/command = qmgr -v' "command" postconf -F qmgr/unix/command
expect qmgr "program at work" running_program
