# shellcheck shell=bash
# postfix reload in mid-flow loses nothing and repeats nothing
# long
instance_create
sink_start main
instance_start
flood 1500 20 to@main.test &
source_pid=$!
for mark in 200 500 800; do
    wait_for_sink main "$mark"
    instance_reload
done
wait "$source_pid"
flush_until_empty
expect_flood_at_sink main 1500 to@main.test
