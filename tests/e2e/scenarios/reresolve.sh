# shellcheck shell=bash
# Mail that waits behind a site that does not move goes elsewhere once a map says so, without a reload
# long
# shellcheck source=tests/e2e/lib/ctl.sh
. "$E2E/lib/ctl.sh"

instance_create
sink_start stuck
sink_hold stuck
sink_start other
set_main smtp_destination_concurrency_limit=1 "transport_maps=hash:$HERE/etc/transport"
postmap "$HERE/etc/transport"
# trivial-rewrite(8) sees a change of a map by its time stamp, which has whole seconds
written=$(stat -c %Y "$HERE/etc/transport.db")
is_later() { [ "$(date +%s)" -gt "$written" ]; }
instance_start
send sender@e2e.test first@stuck.test
delivers() { ctl messages | grep -q delivering; }
wait_for 30 "the first delivery" delivers
send sender@e2e.test second@stuck.test
send sender@e2e.test third@stuck.test
waits() { ctl reresolve stuck.test --dry-run | grep -qE ' 2 +2( |$)'; }
wait_for 30 "two messages that wait" waits
says 1 'no domain "stukc.test" has mail in active' reresolve stukc.test
route second@stuck.test "smtp:[127.0.0.1]:${SINK_PORT[other]}"
wait_for 30 "a second in which the map was not written yet" is_later
postmap "$HERE/etc/transport"
wait_for 30 "the notice of the change" log_has 'trivial-rewrite.*has changed -- restarting'
says 0 'domain +stuck.test +2 +2 +1' reresolve stuck.test
wait_for_sink other 1
is_done() { ctl jobs | grep -q '2 recipients were asked for, 1 goes elsewhere now'; }
wait_for 30 "the end of the job" is_done
expect 2 "messages that wait for the site" queue_count active
sink_recipients other | grep -q 'second@stuck.test' || fail 'another message went to the other site'
