# shellcheck shell=bash
# postqueue -s retries the mail of one site
instance_create
sink_reserve later
sink_reserve never
set_main 'relay_domains=later.test never.test'
instance_start
send sender@e2e.test a@later.test
send sender@e2e.test b@later.test
send sender@e2e.test c@never.test
wait_for_queue deferred 3
sink_start later
sink_start never
timeout 20 postqueue -s later.test
wait_for_sink later 2
wait_for_queue deferred 1
expect 0 "deliveries to the other site" sink_count never
