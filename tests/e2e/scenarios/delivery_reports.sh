# shellcheck shell=bash
# sendmail -v reports a delivery, sendmail -bv reports without delivering
instance_create
sink_start main
instance_start
send sender@e2e.test a@main.test -v
wait_for_mailbox sender '^Subject: Mail Delivery Status Report' 1
wait_for_sink main 1
send sender@e2e.test b@main.test -bv
wait_for_mailbox sender '^Subject: Mail Delivery Status Report' 2
wait_for_empty_queue
expect 1 "deliveries" sink_count main
expect_log 'to=<b@main.test>.*status=deliverable'
expect 0 "trace logs left" queue_count trace
