# shellcheck shell=bash disable=SC2016
# the queue manager is killed again and again: never more deliveries than the rate allows, and what is used up is not forgotten
# long
# shellcheck source=tests/e2e/lib/ctl.sh
. "$E2E/lib/ctl.sh"
STATE=$HERE/data/eqmgr-state

# killed COMMAND...: another queue manager after that.
killed() {
    local qmgr
    qmgr=$(qmgr_pid)
    "$@" "$qmgr"
    wait_for 30 "the end of the queue manager" qmgr_is_not "$qmgr"
    timeout 20 postqueue -f
    wait_for 30 "a new queue manager" qmgr_runs
    wait_for 30 "its answer" ctl status
}
reloaded() { timeout 60 postfix reload </dev/null >>"$HERE/start.out" 2>&1; }
state_has() { grep -q "^meter deliveries % smtp .*$1" "$STATE"; }

instance_create
sink_start main
set_main "ours=[127.0.0.1]:${SINK_PORT[main]}" smtp_connection_cache_on_demand=no minimal_backoff_time=2s \
    service_throttle_time=1s # it may be killed before it has served a request
echo 'eqmgr_policy_file = $config_directory/eqmgr_policy' >"$HERE/etc/eqmgr.cf"
printf '%s\n' '[site a]' 'destination = $ours' 'rate = 5/5h burst 5' >"$HERE/etc/eqmgr_policy"
instance_start
qmgr_may_die
wait_for 30 "the queue manager" ctl status

# Nothing is known of the time before: one is free, and no more come in this hour.
for i in $(seq 12); do send sender@e2e.test "limited$i@main.test"; done
wait_for_sink main 1
wait_for 30 "a mark on the disk" state_has ' 3600000000 '
for _ in 1 2 3 4; do
    killed kill -9
    expect 1 "deliveries after a kill" sink_messages main
done
killed reloaded
expect 1 "deliveries after a reload" sink_messages main

# A damaged file is told, and gives one more.
echo oops >>"$STATE"
killed kill -9
wait_for_log "$QMGR_IDENT warning: policy: eqmgr-state: line [0-9]*: there is something behind the last line; .*kept as eqmgr-state.broken"
wait_for_sink main 2
expect 'oops' "the end of what is kept" tail -n 1 "$STATE.broken"
wait_for 30 "a mark on the disk" state_has ' 3600000000 '

# Of another host: likewise. Then nothing is kept, and each start gives one.
sed -i 's/^host .*/host elsewhere.test/' "$STATE"
killed kill -9
wait_for_log "$QMGR_IDENT warning: policy: eqmgr-state: it is of the host elsewhere.test"
wait_for_sink main 3
echo 'eqmgr_keep_state = no' >>"$HERE/etc/eqmgr.cf"
killed kill -9
wait_for_sink main 4
killed kill -9
wait_for_sink main 5
timeout 60 postsuper -d ALL >/dev/null 2>&1
instance_stop
