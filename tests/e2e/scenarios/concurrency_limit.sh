# shellcheck shell=bash
# no more deliveries at a time than the destination concurrency limit
LIMIT=3
instance_create
sink_start main -w 1
# A session on its way into the connection cache would be counted in addition to the next delivery.
set_main smtp_connection_cache_on_demand=no "smtp_destination_concurrency_limit=$LIMIT"
instance_start
flood 12 6 to@main.test
peak=0
while ! sink_has main 12; do
    now=$(sink_connections main)
    [ "$now" -le "$peak" ] || peak=$now
    sleep 0.05
done
wait_for_empty_queue
expect "$LIMIT" "most connections at a time" echo "$peak"
