# shellcheck shell=bash
# kill -9 of the queue manager loses nothing, repeats at most what was in flight
# long
qmgr_may_die
KILLS=5
IN_FLIGHT=20 # default_destination_concurrency_limit
instance_create
sink_start main
set_main service_throttle_time=1s
instance_start
flood 1500 20 to@main.test &
source_pid=$!
for ((round = 1; round <= KILLS; round++)); do
    wait_for_sink main $((round * 200))
    restart_qmgr
done
wait "$source_pid"
flush_until_empty
expect_flood_at_sink main 1500 to@main.test $((KILLS * IN_FLIGHT))
expect_log 'process .*qmgr pid [0-9]+ killed by signal 9'
