# shellcheck shell=bash
# postqueue -i retries one message only, sendmail -q all
instance_create
sink_reserve later
instance_start
for name in a b c; do
    send sender@e2e.test "$name@later.test"
done
wait_for_queue deferred 3
sink_start later
timeout 20 postqueue -i "$(queue_id_of_recipient b@later.test)"
wait_for_sink later 1
wait_for_queue deferred 2
expect b@later.test "recipients" sink_recipients later
timeout 20 sendmail -q
wait_for_sink later 3
wait_for_empty_queue
expect 3 "deliveries" sink_count later
