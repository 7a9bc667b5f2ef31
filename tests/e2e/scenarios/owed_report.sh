# shellcheck shell=bash
# delivered mail whose report is not accepted is not returned, and ends when it is declared expired
[ "$QMGR" != stock ] || skip "stock returns it to its sender as undeliverable"
instance_create
set_main maximal_queue_lifetime=2s bounce_queue_lifetime=2s minimal_backoff_time=1s \
    maximal_backoff_time=1s queue_run_delay=1s
postconf -MX trace/unix
settle_configuration
instance_start
send sender@e2e.test other@e2e.test -N success -V envelope-id-1
wait_for_mailbox other '^Subject: test of other@e2e.test'
wait_for 30 "the report to be tried again and again, past its lifetime" \
    log_has_times 4 'status=deferred \(trace failed\)'
expect_no_log 'gave up sending'
is_given_up() { # postsuper(1) may miss a file that moves from one queue to another meanwhile
    timeout 20 postsuper -e ALL 2>/dev/null
    timeout 20 postqueue -f
    log_has "$QMGR_IDENT warning: [0-9A-F]+: gave up sending its trace report"
}
wait_for 30 "an end of its report" is_given_up
wait_for_empty_queue
expect 0 "notices to the sender" mailbox_count sender
expect 1 "deliveries" mailbox_count other
expect_no_log 'status=expired'
