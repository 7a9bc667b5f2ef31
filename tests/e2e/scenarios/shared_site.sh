# shellcheck shell=bash disable=SC2016
# a section with "shared": three domains of one provider have one concurrency and one rate, and what holds them is told
# long
# shellcheck source=tests/e2e/lib/ctl.sh
. "$E2E/lib/ctl.sh"
POLICY=$HERE/etc/eqmgr_policy
LIMIT=2 MAILS=6 OTHER=8

shows() { # shows PATTERN eqmgrctl-ARGUMENT...
    local pattern=$1
    shift
    ctl "$@" 2>/dev/null | grep -qE "$pattern"
}

instance_create
site_start 500 1000 a b c
site_start 500 1000 other
set_main smtp_connection_cache_on_demand=no smtp_destination_concurrency_limit=20 initial_destination_concurrency=4 \
    "provider=[127.0.0.1]:${SINK_PORT[a]} [127.0.0.1]:${SINK_PORT[b]} [127.0.0.1]:${SINK_PORT[c]}"
echo 'eqmgr_policy_file = $config_directory/eqmgr_policy' >"$HERE/etc/eqmgr.cf"
printf '%s\n' '[site provider]' 'destination = $provider' "concurrency = $LIMIT" 'shared = yes' >"$POLICY"
says 0 'no errors, 0 warnings' policy check
says 0 'concurrency +2 .*of all destinations of the section in this transport together' \
    policy explain smtp "[127.0.0.1]:${SINK_PORT[a]}"

# Each of them has a window of four, and there is mail for all of them at once.
instance_start
for name in a b c; do flood $MAILS 3 "to@$name.test" & floods+=($!); done
flood $OTHER 4 to@other.test & floods+=($!)
wait_for 30 "a full site" shows 'full .*site provider: 2 of 2 running' destinations
shows '"site":"site provider","site_running":[0-9]+,"site_limit":2,' -j destinations || fail "no site in JSON"
wait "${floods[@]}"
wait_for_site a $((3 * MAILS))
wait_for_site other $OTHER
expect "$LIMIT" "most connections to the three domains" site_peak a
[ "$(site_peak other)" -gt "$LIMIT" ] || fail "another site had at most $(site_peak other) connections"
wait_for_empty_queue

# After a start one delivery is free, then one in each second, for all of them together.
printf '%s\n' '[site provider]' 'destination = $provider' 'rate = 60/1m burst 2' 'shared = yes' >"$POLICY"
begin=$(date +%s%N)
instance_reload
for i in 1 2; do send sender@e2e.test "paced$i@a.test" "paced$i@b.test" "paced$i@c.test"; done
wait_for 30 "a paced site" shows 'paced .*site provider: paced, the next begins in [0-9]+ s' throttled
wait_for_site a $((3 * (MAILS + 2)))
took_ms=$((($(date +%s%N) - begin) / 1000000))
[ "$took_ms" -ge 4900 ] || fail "six messages at 60/1m burst 2 took $took_ms ms"
wait_for_empty_queue
