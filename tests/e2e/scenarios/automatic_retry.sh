# shellcheck shell=bash
# deferred mail is retried when its time has come, without a request
instance_create
sink_reserve later
set_main minimal_backoff_time=2s maximal_backoff_time=2s queue_run_delay=1s
instance_start
send sender@e2e.test a@later.test
wait_for 30 "two tries" log_has_times 2 'to=<a@later.test>.*status=deferred'
sink_start later
wait_for_sink later 1
wait_for_empty_queue
expect 1 "deliveries" sink_count later
