# shellcheck shell=bash
# oqmgr, the round-robin scheduler: a letter waits for a list
instance_create
choose_queue_manager oqmgr
prepare_list
sink_reserve later
sink_start main
instance_start
flood 300 20 to@main.test
send sender@e2e.test a@later.test
wait_for_sink main 300
wait_for_queue deferred 1
sink_start later
timeout 20 postqueue -f
wait_for_sink later 1
wait_for_empty_queue
expect_flood_at_sink main 300 to@main.test

send_list_then_letter
expect letter@list.test "last recipient" last_recipient list
