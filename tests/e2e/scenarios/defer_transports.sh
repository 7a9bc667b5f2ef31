# shellcheck shell=bash
# defer_transports holds mail back until a flush
instance_create
sink_start main
set_main defer_transports=smtp
instance_start
send sender@e2e.test a@main.test
send sender@e2e.test other@e2e.test # another transport
wait_for_queue deferred 1
wait_for_mailbox other '^Subject: test of other'
expect_log 'to=<a@main.test>.*dsn=4.3.2, status=deferred \(deferred transport\)'
expect 0 "deliveries before the flush" sink_count main
timeout 20 postqueue -f
wait_for_sink main 1
wait_for_empty_queue
