# shellcheck shell=bash
# postfix stop and start with mail on its way
qmgr_may_die # by the signal of postfix stop
IN_FLIGHT=20
instance_create
sink_start main -w 1
instance_start
flood 120 20 to@main.test
wait_for_sink main 20
timeout 30 postfix stop >"$HERE/stop.out" 2>&1
instance_start
flush_until_empty 90
expect_flood_at_sink main 120 to@main.test "$IN_FLIGHT"
