# shellcheck shell=bash
# in mid-flow to another queue manager and back, by one line of master.cf and postfix reload
other=qmgr # what was there before eqmgr
[ "$QMGR" != stock ] || other=oqmgr
instance_create
sink_start main
instance_start
own=$(postconf -Fh qmgr/unix/command)
flood 900 20 to@main.test &
source_pid=$!
mark=100
for command in "$other" "$own" "$other" "$own"; do
    wait_for_sink main "$mark"
    postconf -F "qmgr/unix/command=$command"
    settle_configuration
    instance_reload
    mark=$((mark + 150))
done
wait "$source_pid"
flush_until_empty
expect_flood_at_sink main 900 to@main.test
