# shellcheck shell=bash
# no more deliveries at a time than the destination concurrency limit
LIMIT=3
instance_create
site_start 500 1000 main
# A session on its way into the connection cache would be counted in addition to the next delivery.
set_main smtp_connection_cache_on_demand=no "smtp_destination_concurrency_limit=$LIMIT"
instance_start
flood 12 6 to@main.test
wait_for_site main 12
wait_for_empty_queue
expect "$LIMIT" "most connections at a time" site_peak main
