# shellcheck shell=bash
# NOTIFY=SUCCESS is answered, NOTIFY=NEVER respected
instance_create
instance_start
send sender@e2e.test other@e2e.test -N success -V envelope-id-1
wait_for_mailbox sender '^Subject: Successful Mail Delivery Report'
wait_for_mailbox sender '^Original-Envelope-Id: envelope-id-1'
send sender@e2e.test nobody-of-that-name@e2e.test -N never
wait_for_log 'to=<nobody-of-that-name@e2e.test>.*status=bounced'
wait_for_empty_queue
expect 1 "messages in the sender's mailbox" mailbox_count sender
