# shellcheck shell=bash
# A suspension ends while Postfix is stopped: its mail comes by a job after the start, a few first
# long
qmgr_may_die # by the signal of postfix stop
# shellcheck source=tests/e2e/lib/ctl.sh
. "$E2E/lib/ctl.sh"

pile=40 initial=3

instance_create
# Nothing is due by itself before the test is over: only the logs of defer(8) tell whose mail it is.
set_main initial_destination_concurrency="$initial"
sink_start held
sink_start main
instance_start
wait_for 30 "the control socket" ctl status
says 0 'suspend +domain +held\.test' suspend held.test --new --for 1h --reason 'ticket 4711'
flood "$pile" 5 pile@held.test
wait_for_queue deferred "$pile"
expect 0 "messages for the suspended site" sink_count held
timeout 30 postfix stop >"$HERE/stop.out" 2>&1
# As if the hour were over: no machine is too slow for an hour.
grep -q '^suspend 1 .* until=[0-9]* ' "$HERE/data/eqmgr-control" || fail "no rule with an end: $(cat "$HERE/data/eqmgr-control")"
sed -i "s/^\(suspend 1 .* until=\)[0-9]*/\1$(($(date +%s) - 1))/" "$HERE/data/eqmgr-control"
expect_no_log 'control: end of suspend'
instance_start
send sender@e2e.test other@main.test
wait_for_sink main 1
wait_for_sink held "$pile" 60
wait_for_empty_queue
expect_flood_at_sink held "$pile" pile@held.test
wait_for_log 'control: end of suspend #1 domain=held\.test: ticket 4711'
wait_for_log 'control: resume job=1 domain=held\.test: begun'
wait_for_log 'control: end of job job=[0-9]+ domain=held\.test: done; '
before_first_success() {
    awk '/control: resume job=1 / {begun = 1} begun && /queue active/ {count++}
        begun && /to=<[0-9]*pile.*status=sent/ {print count; exit}' "$HERE/maillog"
}
# One message more: it is for the other site.
expect_between 1 $((initial + 1)) "messages tried before the first success" "$(before_first_success)"
