# shellcheck shell=bash
# a bounce that bounces ends there
instance_create
set_main 'notify_classes=2bounce' 2bounce_notice_recipient=ghost@e2e.test
instance_start
send ghost@e2e.test nobody-of-that-name@e2e.test
wait_for_log 'to=<nobody-of-that-name@e2e.test>.*status=bounced'
wait_for_log 'to=<ghost@e2e.test>.*status=bounced'
wait_for_empty_queue
wait_for 30 "the ends of both" log_has_times 2 "$QMGR_IDENT [0-9A-F]+: removed"
expect_between 2 3 "messages made of one" "$(log_count "$QMGR_IDENT [0-9A-F]+: removed")"
