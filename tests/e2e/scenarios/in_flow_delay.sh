# shellcheck shell=bash
# in_flow_delay slows senders down only while the queue manager cannot keep up
instance_create
sink_start main
set_main in_flow_delay=5s default_process_limit=5
instance_start
began=$SECONDS
flood 200 5 to@main.test
expect_between 0 100 "seconds for 200 messages, which are 200 if each waits" $((SECONDS - began))
wait_for_sink main 200
wait_for_empty_queue

kill -STOP "$(qmgr_pid)" # nobody hands out tokens: five are left
began=$SECONDS
flood 10 5 to@main.test
kill -CONT "$(qmgr_pid)"
expect_between 5 100 "seconds for ten messages without a queue manager" $((SECONDS - began))
wait_for_sink main 210
