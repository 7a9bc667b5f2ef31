# shellcheck shell=bash
# Limits of a destination's concurrency and rate hold, are shown, survive a reload, and end
# shellcheck source=tests/e2e/lib/ctl.sh
. "$E2E/lib/ctl.sh"

instance_create
sink_start held
sink_start main
instance_start
send sender@e2e.test first@main.test
wait_for_sink main 1
says 64 'concurrency or rate is missing' limit held.test --for 1h --reason x
says 64 'is what suspend does' limit held.test concurrency 0 --new --for 1h --reason x
says 64 'rate: ' limit held.test rate 5 --new --for 1h --reason x
says 1 'no destination has this nexthop.*add --new' limit held.tset concurrency 2 --for 1h --reason x
site="[127.0.0.1]:${SINK_PORT[held]}" # the next hop of held.test, which is no destination itself
says 0 'nothing was changed' limit destination "$site" rate 1/1h --new --for 1h --reason 'too fast' --dry-run
says 0 ' limit +destination .* rate 1/1h .*too fast$' limit destination "$site" rate 1/1h --new --for 1h --reason 'too fast'
says 0 ' concurrency 2 .*gently$' limit destination "$site" concurrency 2 --new --for 1h --reason gently
says 0 '^eqmgr_rules\{kind="limit"\} 2$' metrics
for i in 1 2 3 4 5 6; do send sender@e2e.test "to$i@held.test"; done
is_paced() { ctl destinations "$site" | grep -qE ' paced .*limit #1 \(1/1h\): too fast$'; }
wait_for 30 "the destination to wait for its rate" is_paced
wait_for_sink held 1
instance_reload
wait_for 30 "the limit to hold after the reload" is_paced
send sender@e2e.test second@main.test
wait_for_sink main 2
expect_between 1 3 "messages of six for the limited site" "$(sink_count held)"
says 1 'is not suspended; eqmgrctl resume [12] ends its limit' resume destination "$site"
says 0 'again$' resume 1
wait_for_sink held 6
says 0 'again$' resume 2
wait_for_log 'control: limit #1 destination=.* rate=1/1h until=.*Z uid=[0-9]+: too fast'
wait_for_log 'control: resume #2 destination=.* concurrency=2 '
wait_for_empty_queue
