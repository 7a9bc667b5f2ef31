# shellcheck shell=bash
# a plain file with a name of one character in a queue directory does no harm
[ "$QMGR" != stock ] || skip 'the stock queue manager dies of such a file, again and again'
instance_create
sink_reserve later
sink_start main
instance_start
send sender@e2e.test a@later.test
wait_for_queue deferred 1
sink_start later
touch "$HERE"/queue/{incoming,active,deferred}/{Q,7}
timeout 20 postqueue -f
wait_for_sink later 1
send sender@e2e.test b@main.test
wait_for_sink main 1
