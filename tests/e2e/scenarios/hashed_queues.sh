# shellcheck shell=bash
# hashed queues of depth 1 and 2, incoming and active among them
ALL_QUEUES='incoming active deferred hold bounce defer trace corrupt flush'

# file_depth FILE: number of hash directories between a queue and its file
file_depth() {
    local path=${1#"$HERE/queue/"}
    path=${path//[^\/]/}
    echo $((${#path} - 1))
}

try_depth() { # try_depth DIRECTORY DEPTH
    HERE=$1
    mkdir "$HERE"
    instance_create
    sink_start main
    sink_start "slow$2"
    sink_reserve "later$2"
    set_main "hash_queue_names=$ALL_QUEUES" "hash_queue_depth=$2"
    instance_start
    send sender@e2e.test "a@later$2.test"
    wait_for_queue deferred 1
    expect "$2" "depth of the deferred file" file_depth "$(queue_files deferred)"
    flood 50 10 to@main.test
    wait_for_sink main 50

    # Mail caught in the active queue by a restart moves back to incoming and on from there.
    sink_hold "slow$2"
    send sender@e2e.test "b@slow$2.test"
    wait_for_queue active 1
    expect "$2" "depth of the active file" file_depth "$(queue_files active)"
    instance_reload
    sink_release "slow$2"
    sink_start "later$2"
    flush_until_empty
    expect_flood_at_sink main 50 to@main.test
    expect 1 "deliveries of slow mail" sink_count "slow$2"
    expect 1 "deliveries of deferred mail" sink_count "later$2"
    instance_check
    instance_stop
    sinks_stop
    unset "SINK_PORT[main]"
}

base=$HERE
try_depth "$base/depth1" 1
try_depth "$base/depth2" 2
