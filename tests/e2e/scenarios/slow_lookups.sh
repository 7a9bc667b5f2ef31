# shellcheck shell=bash
# parallel lookups in a slow table: each connection gets a trivial-rewrite process of its own
[ "$QMGR" != stock ] || skip 'the stock queue manager asks one question at a time'
# shellcheck source=tests/e2e/lib/slow_map.sh
. "$E2E/lib/slow_map.sh"
scenario_clean() { slow_map_stop; }
instance_create
set_main default_transport=discard relay_transport=discard
slow_map_start 50 discard:
instance_start
SLOW_MAP_BATCH=300
rewrite_processes() { pids_of trivial-rewrite | wc -w; }
have_processes() { [ "$(rewrite_processes)" -ge "$1" ]; }
wait_for 30 "a process for each of eight connections" asks_until have_processes 8
wait_for 30 "all deliveries" all_were_asked
wait_for_empty_queue
