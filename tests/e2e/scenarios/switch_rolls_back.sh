# shellcheck shell=bash
# eqmgr-switch puts the former queue manager back when the new one dies, hangs or does not last
# long
# shellcheck source=tests/e2e/lib/switch.sh
. tests/e2e/lib/switch.sh
switch_prepare 'qmgr -o maximal_backoff_time=1h'
sink_start main
qmgr_may_die
instance_start
fake_program dies 'exit 1'
fake_program lasts_a_second "exec timeout 1 $HERE/libexec/eqmgr \"\$@\""
for program in dies lasts_a_second; do
    eqmgr_switch 3 on --program "$program"
    expect_said 'all is as it was: qmgr manages the queue'
    expect_master_cf_unchanged
    expect qmgr "program at work" running_program
    eqmgr_switch 10 status
done
expect_log 'bad command startup -- throttling'
send sender@e2e.test a@main.test
wait_for_sink main 1
wait_for_empty_queue
