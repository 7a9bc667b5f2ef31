# shellcheck shell=bash
# files that vanish from the queue do no harm
instance_create
sink_start slow
sink_reserve later
sink_start main
set_main smtp_connection_cache_on_demand=no # a connection means a delivery
instance_start

sink_hold slow
send sender@e2e.test a@slow.test # removed while it is delivered
wait_for_delivery_to slow
rm "$(queue_files active)"
sink_release slow
wait_for_sink slow 1

sink_hold slow
send sender@e2e.test b@slow.test
wait_for_delivery_to slow
postsuper -d "$(queue_id_of active)"
sink_release slow
wait_for_sink slow 2

send sender@e2e.test c@later.test # removed while it waits, and while it is refused
wait_for_queue deferred 1
rm "$(queue_files deferred)"
timeout 20 postqueue -f
send sender@e2e.test d@main.test
wait_for_sink main 1
wait_for_empty_queue
expect 0 "deliveries of the removed message" sink_count later
