# shellcheck shell=bash
# mail that is too old, or declared so, returns to its sender
instance_create
sink_reserve later
set_main maximal_queue_lifetime=0
instance_start
send sender@e2e.test a@later.test
wait_for_mailbox sender '^Subject: Undelivered Mail Returned to Sender'
expect_log "$QMGR_IDENT [0-9A-F]+: from=<sender@e2e.test>, status=expired, returned to sender"
wait_for_empty_queue

set_main maximal_queue_lifetime=5d
instance_reload
send sender@e2e.test b@later.test
wait_for_queue deferred 1
postsuper -f "$(queue_id_of deferred)"
timeout 20 postqueue -f
wait_for_mailbox sender '^Subject: Undelivered Mail Returned to Sender' 2
expect_log "$QMGR_IDENT [0-9A-F]+: from=<sender@e2e.test>, status=force-expired, returned to sender"
wait_for_empty_queue
expect 0 "defer logs left" queue_count defer bounce
