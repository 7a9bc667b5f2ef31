# shellcheck shell=bash
# deliveries keep the destination rate delay
instance_create
sink_start main
set_main smtp_destination_rate_delay=1s
instance_start
began=$SECONDS
flood 4 4 to@main.test
wait_for_sink main 4
expect_between 2 15 "seconds for four deliveries, one second apart" $((SECONDS - began))
wait_for_empty_queue
