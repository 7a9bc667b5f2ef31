# shellcheck shell=bash
# with eqmgr_retry_exact deferred mail does not wait for a queue run
[ "$QMGR" != stock ] || skip 'an extra of eqmgr'
instance_create
sink_reserve later
set_main queue_run_delay=1000s minimal_backoff_time=3s maximal_backoff_time=3s
echo 'eqmgr_retry_exact = yes' >"$HERE/etc/eqmgr.cf"
settle_configuration
instance_start
send sender@e2e.test a@later.test
wait_for 30 "three tries" log_has_times 3 'to=<a@later.test>.*status=deferred'
sink_start later
wait_for_sink later 1
wait_for_empty_queue
sink_stop later

send sender@e2e.test b@later.test
wait_for_queue deferred 1
is_held() { # it may be on its way from deferred to active, and back
    postsuper -h ALL
    queue_has hold 1
}
wait_for 30 "a message on hold" is_held
touch -d '5 seconds' "$(queue_files hold)"
postsuper -H ALL
sink_start later
wait_for_sink later 2
wait_for_empty_queue
expect 2 "deliveries" sink_count later
