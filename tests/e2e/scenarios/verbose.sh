# shellcheck shell=bash
# option -v in master.cf: the log says what happens to each message, and why
[ "$QMGR" != stock ] || skip "these lines are not those of stock"
instance_create
sink_start main
sink_reserve later
set_master "qmgr/unix=qmgr unix n - n 300 1 $(queue_manager_command qmgr) -v"
instance_start
send sender@e2e.test a@main.test
wait_for_sink main 1
wait_for_empty_queue
expect_log 'qmgr\[.*: recipients read: 1, no more to come$'
expect_log 'qmgr\[.*: <a@main.test> goes by smtp to \[127\.0\.0\.1\]:[0-9]+$'
expect_log 'qmgr\[.*: delivery by smtp to \[127\.0\.0\.1\]:[0-9]+ begins, recipients: 1$'
expect_log 'qmgr\[.*: delivery by smtp to \[127\.0\.0\.1\]:[0-9]+ ends: for all$'
expect_log 'qmgr\[.*: conversation with private/smtp: was connecting, is waiting for its announcement$'
expect_log 'qmgr\[.*: conversation with private/smtp: was ready, is asked$'
expect_log 'qmgr\[.*: conversation with private/rewrite: was asked, is ready$'
send sender@e2e.test b@later.test
wait_for_queue deferred 1
expect_log 'qmgr\[.* ends: not for all; the site: 4\.4\.1 .*Connection refused'
expect_log 'qmgr\[.*: waits in deferred, next attempt in 300 s$'
expect_log 'qmgr\[.*: queue .*: limit 20 window 3 '
