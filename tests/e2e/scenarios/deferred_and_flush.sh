# shellcheck shell=bash
# mail for a refused destination waits its backoff time and is delivered by postqueue -f
instance_create
sink_reserve later
instance_start
begin=$(date +%s)
send sender@e2e.test a@later.test
wait_for_queue deferred 1
expect_log 'smtp.*to=<a@later.test>.*status=deferred \(connect to .*Connection refused\)'
expect_between $((begin + 300)) $(($(date +%s) + 300)) "time of the retry" "$(stat -c %Y "$(queue_files deferred)")"
expect 700 "mode of the deferred file" stat -c %a "$(queue_files deferred)"

sink_start later
timeout 20 postqueue -f
wait_for_sink later 1
wait_for_empty_queue
expect 1 "deliveries" sink_count later
expect 0 "defer logs left" queue_count defer
