# shellcheck shell=bash
# eqmgr-switch puts the former queue manager back if the new one dies or hangs, or it is interrupted
# long
# shellcheck source=tests/e2e/lib/switch.sh
. tests/e2e/lib/switch.sh
SWITCH_START_S=12
switch_prepare 'qmgr -o maximal_backoff_time=1h'
sink_start main
qmgr_may_die
instance_start
fake_program dies 'exit 1'
# It breaks as soon as it is watched.
fake_program breaks "(until grep -q '^ *started  *breaks' $HERE/said; do sleep 0.1; done; kill -9 \$\$) & exec -a breaks $HERE/libexec/eqmgr \"\$@\""
fake_program hangs 'exec -a hangs sleep 300'
for program in dies breaks hangs; do
    SWITCH=$STEADY_SWITCH eqmgr_switch 3 on --program "$program"
    expect_said 'all is as it was: qmgr manages the queue'
    expect_master_cf_unchanged
    expect qmgr "program at work" running_program
    eqmgr_switch 10 status
done
expect_log 'bad command startup -- throttling'

switch_until '^ *started  *eqmgr' on
kill -TERM "$switch_pid"
status=0
wait "$switch_pid" || status=$?
expect 3 "exit status after an interrupt" echo "$status"
expect_master_cf_unchanged
expect qmgr "program at work" running_program
send sender@e2e.test a@main.test
wait_for_sink main 1
wait_for_empty_queue
