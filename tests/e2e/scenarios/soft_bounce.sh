# shellcheck shell=bash
# soft_bounce turns bounces into deferrals
instance_create
set_main soft_bounce=yes
instance_start
send sender@e2e.test nobody-of-that-name@e2e.test
wait_for_queue deferred 1
expect_log 'dsn=4.1.1, status=SOFTBOUNCE \(unknown user'
expect 0 "bounces while they are soft" mailbox_count sender
set_main soft_bounce=no
instance_reload
flush_until_empty # a request that meets the old process in its last moment is lost, as with stock
wait_for_mailbox sender '^Subject: Undelivered Mail Returned to Sender'
