# shellcheck shell=bash
# A slow site has two places of the active queue: other mail passes, and all of its mail gets there, each once
# shellcheck source=tests/e2e/lib/ctl.sh
[ "$QMGR" != stock ] || skip "it has no shares of the active queue"
. "$E2E/lib/ctl.sh"
COUNT=8

instance_create
sink_start slow
sink_start fast
set_main qmgr_message_active_limit=20 smtp_connection_cache_on_demand=no
printf '%s\n' "eqmgr_destination_active_share = 10" >"$HERE/etc/eqmgr.cf"
settle_configuration
instance_start

# It takes nothing until the others have had their turn, however slow this machine is.
kill -STOP "${SINK_PID[slow]}"
flood "$COUNT" 4 to@slow.test
are_parked() { ctl metrics | grep -qx "eqmgr_parked_messages $((COUNT - 2))"; }
wait_for 30 "parked mail" are_parked
send sender@e2e.test quick@fast.test
wait_for_sink fast 1
are_parked || fail "mail of the slow site went on"
parked=$(queue_id_of deferred)
says 0 'waits for a place in the active queue' explain "$parked"
queue_has defer 0 || fail "there is a record of an attempt that was none"
timeout 20 postqueue -f
expect_log "6 messages wait for their turn, 2 in active"
kill -CONT "${SINK_PID[slow]}"
wait_for_sink slow "$COUNT"
wait_for_empty_queue
expect "$COUNT" "deliveries to the slow site" sink_count slow
