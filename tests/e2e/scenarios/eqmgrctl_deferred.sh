# shellcheck shell=bash
# after a restart eqmgrctl finds out what deferred mail waits for, once somebody asks
# shellcheck source=tests/e2e/lib/ctl.sh
. "$E2E/lib/ctl.sh"

instance_create
sink_reserve later
instance_start
flood 20 5 to@later.test
wait_for_queue deferred 20
instance_reload
is_counted() { ctl status | grep -qE '^deferred +20 '; }
wait_for 30 "a new process that knows 20 deferred messages" is_counted
ctl -j status | grep -q '"deferred_known":0,' || fail "files were read before anybody asked"
all_is_known() { ctl deferred | grep -qx -- '-- deferred known for 20 of 20'; }
wait_for 30 "the destinations of 20 deferred messages" all_is_known
ctl deferred | grep -qE '^smtp +\[127\.0\.0\.1\]:[0-9]+ +20  4\.4\.1 +.*Connection refused$' ||
    fail "$(ctl deferred)"

# Mail that goes is not counted any more.
id=$(queue_id_of deferred)
postsuper -c "$HERE/etc" -d "$id" 2>/dev/null
one_is_gone() { ctl deferred | grep -qx -- '-- deferred known for 19 of 19'; }
wait_for 30 "19 messages" one_is_gone
