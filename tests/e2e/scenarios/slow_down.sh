# shellcheck shell=bash
# A site takes five connections and refuses mail above them: stock goes up to twenty, eqmgr goes down and stays below
# long
# shellcheck source=tests/e2e/lib/ctl.sh
[ "$QMGR" = stock ] || . "$E2E/lib/ctl.sh"
COUNT=150 LIMIT=5

told() { site_told "$1" limited; }
all_tried() { [ $(($(told taken) + $(told refused))) -ge "$COUNT" ]; }

instance_create
site_start "$LIMIT" 200 limited
set_main smtp_connection_cache_on_demand=no smtp_destination_concurrency_limit=20 initial_destination_concurrency=5
printf '%s\n' "eqmgr_policy_file = $HERE/etc/eqmgr_policy" >"$HERE/etc/eqmgr.cf"
printf '%s\n' '[site limited]' "destination = [127.0.0.1]:${SINK_PORT[limited]}" \
    '[reply connections]' 'site = limited' 'match = 4.7.652' 'action = concurrency 1/2 floor 1' >"$HERE/etc/eqmgr_policy"
settle_configuration
instance_start
flood "$COUNT" 10 to@limited.test
if [ "$QMGR" != stock ]; then
    tells_why() { ctl -j destination "[127.0.0.1]:${SINK_PORT[limited]}" | grep -q '"slowed":"[0-9] at a time","slowed_by":"connections"'; }
    wait_for 30 "what is said of the site" tells_why
    says 0 '^eqmgr_slowed_sites 1$' metrics
    says 0 'eqmgr_backoff_steps_total.direction="down",rule="connections". 1$' metrics
    says 0 'reply connections. +concurrency 1/2 floor 1 .*line 3' policy explain smtp "[127.0.0.1]:${SINK_PORT[limited]}"
fi
wait_for 120 "an attempt of each message" all_tried
note "taken $(told taken), refused $(told refused), most connections $(site_peak limited)"

if [ "$QMGR" = stock ]; then
    [ "$(site_peak limited)" -ge 15 ] || fail "stock did not go up: most connections $(site_peak limited)"
    return
fi
# At most what is under way at once may be refused before the first step: that is one event.
[ "$(told refused)" -le 20 ] || fail "refused: $(told refused)"
[ "$(tail -n 50 "$HERE/site.limited" | sort -k2n | tail -n 1 | cut -d' ' -f2)" -le "$LIMIT" ] || fail "it did not stay below $LIMIT"
log_has 'smtp/\[127.0.0.1\]:[0-9]*: slowed to [0-9] at a time by \[reply connections\]: .*451 4.7.652 too many connections' ||
    fail "the step was not logged"
