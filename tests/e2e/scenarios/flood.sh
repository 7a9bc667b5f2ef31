# shellcheck shell=bash
# 5,000 messages sent over 20 sessions arrive exactly once
# long
instance_create
sink_start main
instance_start
flood 5000 20 to@main.test
wait_for_sink main 5000 90
wait_for_empty_queue
expect_flood_at_sink main 5000 to@main.test
expect_log_times 5000 "messages logged as removed" "$QMGR_IDENT [0-9A-F]+: removed"
expect_log_times 5000 "messages logged as active" \
    "$QMGR_IDENT [0-9A-F]+: from=<sender@e2e.test>, size=[0-9]+, nrcpt=1 \(queue active\)"
