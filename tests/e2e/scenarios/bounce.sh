# shellcheck shell=bash
# mail for an unknown user comes back to its local sender
instance_create
instance_start
send sender@e2e.test nobody-of-that-name@e2e.test
wait_for_mailbox sender '^Subject: Undelivered Mail Returned to Sender'
wait_for_empty_queue
expect 1 "messages in the sender's mailbox" mailbox_count sender
expect_log 'local.*dsn=5.1.1, status=bounced \(unknown user'
expect 0 "bounce logs left" queue_count bounce defer trace
