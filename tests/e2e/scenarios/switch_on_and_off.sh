# shellcheck shell=bash
# eqmgr-switch in mid-flow, to eqmgr and back, leaves master.cf as it was and loses no mail
# long
# shellcheck source=tests/e2e/lib/switch.sh
. tests/e2e/lib/switch.sh
switch_prepare qmgr
sink_start main
instance_start
eqmgr_switch 10 status
expect qmgr "program at work" running_program
flood 900 20 to@main.test &
source_pid=$!
wait_for_sink main 100
eqmgr_switch 0 on
expect eqmgr "program at work" running_program
eqmgr_switch 0 status
expect_said '^queue manager +eqmgr .*pid [0-9]+, since '
expect_said '^before +qmgr unix n - n 300 1 qmgr$'
eqmgr_switch 0 on
expect_said 'manages the queue already'
printf '%s\n' 'eqmgr-control 1' 'suspend 7 domain=a.test made=1 until=forever uid=0 reason=ticket 4711' \
    'suspend 8 domain=b.test made=1 until=2 uid=0 reason=over' \
    'limit 9 transport=smtp concurrency=5 made=1 until=forever uid=0 reason=slow: until=2' 'end 3' >"$HERE/data/eqmgr-control"
eqmgr_switch 0 off
expect_said 'rule 7 is not known there, its mail will be tried: domain a\.test \(ticket 4711\)'
expect_said 'rule 9 is not known there, it ends: transport smtp concurrency=5 \(slow: until=2\)'
rm "$HERE/data/eqmgr-control"
expect qmgr "program at work" running_program
expect_master_cf_unchanged
eqmgr_switch 0 off
eqmgr_switch 10 status
wait "$source_pid"
flush_until_empty
expect_flood_at_sink main 900 to@main.test
