# shellcheck shell=bash
# short and long queue IDs live in one queue
SHORT='[0-9A-F]{7,}'
LONG='[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,}z[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-y]+' # the time may have a z, too
instance_create
sink_reserve later
instance_start
send sender@e2e.test short@later.test
wait_for_queue deferred 1
set_main enable_long_queue_ids=yes
instance_reload
send sender@e2e.test long@later.test
wait_for_queue deferred 2
sink_start later
timeout 20 postqueue -f
wait_for_sink later 2
wait_for_empty_queue
expect_log_times 1 "messages removed under a long ID" "$QMGR_IDENT $LONG: removed"
expect_log_times 1 "messages removed under a short ID" "$QMGR_IDENT $SHORT: removed"
