# shellcheck shell=bash
# deliveries keep the destination rate delay
instance_create
sink_start main
set_main smtp_destination_rate_delay=1s
instance_start
begin=$(date +%s%N)
flood 4 4 to@main.test
wait_for_sink main 4
took_ms=$((($(date +%s%N) - begin) / 1000000))
[ "$took_ms" -ge 2900 ] || fail "four deliveries, one second apart, took $took_ms ms"
wait_for_empty_queue
