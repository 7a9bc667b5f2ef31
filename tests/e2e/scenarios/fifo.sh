# shellcheck shell=bash
# the queue manager listens on a FIFO, as in old master.cf files
instance_create
sink_reserve later
sink_start main
postconf -MX qmgr/unix
set_master "qmgr/fifo=qmgr fifo n - n 300 1 $(queue_manager_command qmgr)"
instance_start
[ -p "$HERE/queue/public/qmgr" ] || fail "public/qmgr is no FIFO"
flood 50 10 to@main.test
send sender@e2e.test a@later.test
wait_for_sink main 50
wait_for_queue deferred 1
sink_start later
timeout 20 postqueue -f
wait_for_sink later 1
wait_for_empty_queue
expect_flood_at_sink main 50 to@main.test
