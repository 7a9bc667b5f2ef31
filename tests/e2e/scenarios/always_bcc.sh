# shellcheck shell=bash
# always_bcc gets its copy
instance_create
sink_start main
set_main always_bcc=other@e2e.test
instance_start
send sender@e2e.test a@main.test
wait_for_sink main 1
wait_for_mailbox other '^Subject: test of a@main.test'
wait_for_empty_queue
expect 1 "copies" mailbox_count other
