# shellcheck shell=bash
# a file system without room for a directory: mail waits
qmgr_may_die # stock gives up when it cannot rename, and starts again

scenario_clean() {
    rm -rf "$HERE/queue/filler"
    umount -l "$HERE/queue" 2>/dev/null || true
}

fill_disk() {
    local n=0
    mkdir "$HERE/queue/filler"
    while touch "$HERE/queue/filler/$n" 2>/dev/null; do
        n=$((n + 1))
    done
}

instance_create
mount -t tmpfs -o nr_inodes=200,mode=755 eqmgr-e2e "$HERE/queue" 2>/dev/null ||
    skip 'no tmpfs can be mounted here'
sink_reserve later
instance_start
send sender@e2e.test a@later.test
wait_for_queue deferred 1
instance_stop

# From now on each way into the active queue needs a directory that does not exist yet.
set_main 'hash_queue_names=active' hash_queue_depth=2
instance_start
sink_start later
fill_disk
timeout 20 postqueue -f
wait_for_log "$QMGR_IDENT .*No space left on device"
expect 1 "files of the message" queue_count incoming active deferred
expect 0 "deliveries" sink_count later
rm -r "$HERE/queue/filler"
flush_until_empty 90
expect 1 "deliveries" sink_count later
