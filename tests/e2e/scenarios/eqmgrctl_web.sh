# shellcheck shell=bash
# the status page over HTTP: page, metrics, JSON, and a daemon that is away
# shellcheck source=tests/e2e/lib/ctl.sh
. "$E2E/lib/ctl.sh"
# shellcheck source=tests/e2e/lib/web.sh
. "$E2E/lib/web.sh"
scenario_clean() { web_stop; }

instance_create
sink_start main
sink_reserve later
# The first failure is a whole cohort: so a site is dead in whatever order mail comes and fails.
set_main initial_destination_concurrency=1
web_start "$program"
[ ! -s "$HERE/web.errors" ] || fail "a warning for a loopback address: $(cat "$HERE/web.errors")"

# The daemon need not be there first.
web_says 200 '^healthy$' /healthy
web_says 503 'no eqmgr listens at' /ready
web_says 503 'no answer from eqmgr since [0-9:]{8}' /
instance_start
wait_for 30 "an answer of the daemon" web_is_ready

send sender@e2e.test a@main.test
flood 20 5 to@later.test
wait_for_sink main 1
wait_for_queue deferred 20
id=$(queue_id_of deferred)
deferred_is_known() { web_get /api/1/status | grep -q '"deferred":20,"index_complete":true'; }
wait_for 30 "20 deferred messages" deferred_is_known

# What the page shows is what eqmgrctl says.
web_says 200 '<p class="big">20 <small>messages' /
web_says 200 'Connection refused' /
web_says 200 '^Refresh: 10$' /
web_says 200 '^Content-Security-Policy: default-src .none.; style-src' /
! web_get '/?refresh=off' | grep -q '^Refresh' || fail "refresh=off refreshes"
destination=$(ctl -j throttled | sed 's/.*"destination":"\([^"]*\)".*/\1/')
link=$(web_get / | grep -o '/destination/[^"]*' | head -n 1)
web_says 200 "<h1>Destination ${destination//[\[\]]/.}</h1>" "$link"
web_says 200 'smtp_destination_concurrency_limit' /transport/smtp
web_says 404 'no destination &quot;nowhere.test&quot; is known' /destination/nowhere.test
web_says 200 '^eqmgr_messages_left_total\{way="deferred"\} 20$' /metrics
web_says 200 '^# EOF$' /metrics 'Accept: application/openmetrics-text'
! web_get /metrics | grep -q '# EOF' || fail "OpenMetrics unasked"
web_says 200 '^\{"object":"destination",.*"state":\["throttled"\]' '/api/1/destinations?state=throttled'
web_says 400 'no such state: odd' '/api/1/destinations?state=odd'
web_says 403 'needs level view' /api/1/messages

# What an administrator suspends is on the page, with who and why.
ctl suspend held.test --new --forever --reason 'ticket <4711>' >/dev/null
rule_is_shown() { web_get / | grep -q '<b>#1 domain held.test</b>.*for ever.*ticket &lt;4711&gt;'; }
wait_for 30 "the rule" rule_is_shown
web_says 200 'verdict attention' /
ctl resume held.test >/dev/null

# Root may see all; over HTTP nobody does.
for path in / "$link" /metrics /api/1/due /api/1/events /api/1/connections /api/1/throttled; do
    ! web_get "$path" | grep -qE -- "$id|(sender|to)@" || fail "$path tells queue IDs or addresses"
done

# A reload is a moment without answers; a stop is an outage.
instance_reload
wait_for 30 "an answer after the reload" web_is_ready
instance_stop
is_away() { web_get / | grep -q 'no answer from eqmgr since'; }
wait_for 30 "words that the daemon is away" is_away
! web_get / | grep -q 'class="big"' || fail "old numbers are shown as if new"
instance_start
wait_for 30 "an answer after the restart" web_is_ready

# Addresses that anybody may reach want a warning; what is no address, a word.
web_stop
web_start "$program" --listen 0.0.0.0:0
grep -q 'warning: 0.0.0.0:0 is not a loopback address' "$HERE/web.errors" || fail "no warning"
web_says 200 '^ready$' /ready 'Host: mx.example.com'
! ctl web --listen nowhere 2>"$HERE/web.errors" || fail "--listen nowhere is taken"
grep -q 'an address and a port' "$HERE/web.errors" || fail "no word about --listen nowhere"
! ctl web --listen "127.0.0.1:$WEB_PORT" 2>"$HERE/web.errors" || fail "a port is taken twice"
grep -q 'cannot listen at .*: Address already in use' "$HERE/web.errors" || fail "no word about the port"
