# shellcheck shell=bash
# A slow site has two places of the active queue: other mail passes, and all of its mail gets there, each once
# shellcheck source=tests/e2e/lib/ctl.sh
[ "$QMGR" != stock ] || skip "it has no shares of the active queue"
. "$E2E/lib/ctl.sh"
COUNT=8

instance_create
sink_start slow -w 1
sink_start fast
set_main qmgr_message_active_limit=20 smtp_connection_cache_on_demand=no
printf '%s\n' "eqmgr_destination_active_share = 10" >"$HERE/etc/eqmgr.cf"
settle_configuration
instance_start

flood "$COUNT" 4 to@slow.test
is_parked() { ctl metrics | grep -q '^eqmgr_parked_messages [1-9]'; }
wait_for 20 "parked mail" is_parked
send sender@e2e.test quick@fast.test
wait_for_sink fast 1
is_parked || fail "the slow site was done before the fast one"
parked=$(queue_id_of deferred)
[ -z "$parked" ] || says 0 'waits for a place in the active queue|delivery agent|not in this queue' explain "$parked"
queue_has defer 0 || fail "there is a record of an attempt that was none"
timeout 20 postqueue -f
wait_for_sink slow "$COUNT"
wait_for_empty_queue
expect "$COUNT" "deliveries to the slow site" sink_count slow
log_has "messages* waits* for .*turn, [0-2] in active" || fail "nothing was logged"
