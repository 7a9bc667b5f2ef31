# shellcheck shell=bash
# a destination that refuses several times is left alone for a while
instance_create
sink_reserve later
sink_start main
# The first failure is a whole cohort: so a site is dead in whatever order mail comes and fails.
set_main initial_destination_concurrency=1
instance_start
flood 40 10 to@later.test
wait_for_queue deferred 40
expect_log 'to=<[0-9]*to[0-9]*@later.test>.*status=deferred \(delivery temporarily suspended: connect to '
expect_log_times 40 "deferrals" 'to=<[0-9]*to[0-9]*@later.test>.*status=deferred'
flood 10 5 to@main.test # others go on
wait_for_sink main 10
sink_start later
timeout 20 postqueue -f
wait_for_sink later 40
wait_for_empty_queue
expect_flood_at_sink later 40 to@later.test
