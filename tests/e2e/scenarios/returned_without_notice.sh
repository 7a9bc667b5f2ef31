# shellcheck shell=bash
# mail that is too old ends also if nobody wants a notice, and with VERP
instance_create
sink_reserve later
set_main maximal_queue_lifetime=0 recipient_delimiter=+
instance_start
send sender@e2e.test a@later.test -N never
send sender@e2e.test b@later.test -N success,delay -XV
printf 'Subject: list\n\nbody\n' | sendmail -XV -f sender@e2e.test c@later.test d@later.test
send '<>' e@later.test
wait_for_log 'to=<e@later.test>.*status=deferred'
wait_for_empty_queue
expect_log_times 4 "returns" 'status=expired, returned to sender'
wait_for_mailbox sender '^Final-Recipient: rfc822; d@later.test'
wait_for_mailbox sender '^Final-Recipient: rfc822; c@later.test'
expect_log_times 6 "ends, with those of the notices for c and d" "$QMGR_IDENT .*: removed"
expect 2 "notices" mailbox_count sender
expect_log_times 5 "attempts" 'to=<.@later.test>.*status=deferred'
