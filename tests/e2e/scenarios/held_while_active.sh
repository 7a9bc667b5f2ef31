# shellcheck shell=bash
# mail that is held and released while it waits in the active queue is delivered once
[ "$QMGR" != stock ] || skip "stock takes it in a second time, and may panic"
instance_create
sink_start slow
postconf -M 'slow/unix=slow unix - - n - 2 smtp'
sed -i 's/^slow.test smtp:/slow.test slow:/' "$HERE/etc/transport"
settle_configuration
both_agents_are_busy() {
    [ "$(sink_connections slow)" -eq 2 ]
}

instance_start
sink_hold slow
send sender@e2e.test first@slow.test
send sender@e2e.test another@slow.test
wait_for 30 "two deliveries at a time" both_agents_are_busy
send sender@e2e.test second@slow.test
wait_for_queue active 3
id=$(queue_id_of_recipient second@slow.test | head -n 1)
postsuper -h "$id"
postsuper -H "$id"
timeout 20 postqueue -f
sink_release slow
wait_for_log "$QMGR_IDENT $id: removed"
wait_for_empty_queue
expect 1 "deliveries of the one that went before" grep -c '^X-Rcpt-Args: <first@' "$HERE/sinks/slow"
expect 1 "deliveries of the one that was held" grep -c '^X-Rcpt-Args: <second@' "$HERE/sinks/slow"
