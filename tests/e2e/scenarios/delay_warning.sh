# shellcheck shell=bash
# a delay is reported once, not with each try
instance_create
sink_reserve later
set_main delay_warning_time=1s minimal_backoff_time=1s maximal_backoff_time=2s queue_run_delay=1s
instance_start
send sender@e2e.test a@later.test
wait_for_mailbox sender '^Subject: Delayed Mail \(still being retried\)'
tries=$(log_count 'to=<a@later.test>.*status=deferred')
wait_for 30 "two more tries" log_has_times $((tries + 2)) 'to=<a@later.test>.*status=deferred'
expect 1 "delay warnings" mailbox_count sender
sink_start later
wait_for_sink later 1
wait_for_empty_queue
