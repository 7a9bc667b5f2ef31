# shellcheck shell=bash disable=SC2016
# a policy file: its errors are told, and a section bounds its site while other sites have main.cf's limit
# long
# shellcheck source=tests/e2e/lib/ctl.sh
. "$E2E/lib/ctl.sh"
CF=$HERE/etc/eqmgr.cf POLICY=$HERE/etc/eqmgr_policy
LIMIT=2 OTHER=6

instance_create
site_start 500 1000 main
site_start 500 1000 other
set_main smtp_connection_cache_on_demand=no "smtp_destination_concurrency_limit=$OTHER" \
    initial_destination_concurrency=20 "ours=[127.0.0.1]:${SINK_PORT[main]}"
SITE=(smtp "[127.0.0.1]:${SINK_PORT[main]}")

says 64 'eqmgr_policy_file is not set' policy check
says 0 'section +none' policy explain "${SITE[@]}"
says 0 "concurrency +$OTHER +main.cf: smtp_destination_concurrency_limit" policy explain "${SITE[@]}"

# The sample, with all of it in force.
sed -E 's/^#(\[|[a-z_]+ = |    )/\1/' "$E2E/../../conf/eqmgr_policy.sample" >"$HERE/etc/sample"
echo customer.test >"$HERE/etc/customers"
says 0 'no errors, 0 warnings, 11 sections' policy check "$HERE/etc/sample"
says 0 'file:customers .1 words.' policy show "$HERE/etc/sample"

# A file that is named needs no instance; all else does.
mkdir "$HERE/empty"
cp "$HERE/etc/sample" "$HERE/etc/customers" "$HERE/empty"
mv "$HERE/empty/sample" "$HERE/empty/policy"
says 0 'no errors, 0 warnings, 11 sections' -c "$HERE/empty" policy check "$HERE/empty/policy"
says 0 'the defaults of Postfix stand in' -c "$HERE/empty" policy check "$HERE/empty/policy"
says 0 'file:customers .1 words.' -c "$HERE/empty" policy show "$HERE/empty/policy"
says 1 'main.cf' -c "$HERE/empty" policy check
says 1 'main.cf' -c "$HERE/empty" policy diff "$HERE/empty/policy"
printf '%s\n' '[site a]' 'rate = 100' >"$HERE/empty/bad"
says 1 'line 2: .site a.: rate = 100: a limit is NUMBER/TIME' -c "$HERE/empty" policy check "$HERE/empty/bad"

printf '%s\n' 'smtp_destination_rate_limit = 100' 'default_destination_recipient_rate_limit = x' >"$CF"
says 1 'eqmgr.cf, line 1: smtp_destination_rate_limit = 100: a limit is NUMBER/TIME' policy explain "${SITE[@]}"
says 1 'eqmgr.cf, line 2: default_destination_recipient_rate_limit = x: a limit' policy explain "${SITE[@]}"
printf '%s\n' 'smtp_destination_rate_limit = 6000/1m' 'default_destination_recipient_rate_limit = 1000/1s' >"$CF"
says 0 'rate +6000/1m +eqmgr.cf: smtp_destination_rate_limit' policy explain "${SITE[@]}"
says 0 'recipient_rate +1000/1s +eqmgr.cf: default_destination_recipient_rate_limit' policy explain "${SITE[@]}"
says 0 '^rate +none +default' policy explain lmtp other.test
says 0 'transport_rate +none +default' policy explain smtp other.test

echo 'eqmgr_policy_file = $config_directory/eqmgr_policy' >"$CF"
says 1 'open .*eqmgr_policy: No such file' policy check
printf '%s\n' '[site a]' 'destination = $ours' 'connections = 2' 'rate = 100' '[class b]' >"$POLICY"
says 1 'line 3: .site a.: connections: there is no such name' policy check
says 1 'line 4: .site a.: rate = 100: a limit is NUMBER/TIME' policy check
says 1 'line 5: .class b.: not yet' policy check
says 1 'eqmgr_policy: 3 errors' policy check

printf '%s\n' '[site a]' 'transport = smtp' 'destination = $ours' "concurrency = $LIMIT" \
    '[site b]' 'destination = $ours' 'transport = smtp' '[site c]' 'domain = c.test' 'ramp = 2026-12-01 1/1d x2 each 2d to 9/1d' 'shared = yes' >"$POLICY"
says 0 'line 5: .site b. can never match' policy check
says 0 "concurrency +$LIMIT +.*/eqmgr_policy, line 4" policy explain "${SITE[@]}"
says 0 '"setting":"concurrency","value":"2"' -j policy explain "${SITE[@]}"
says 0 '\[site a\] +4 +concurrency +2' policy show
says 0 '"section":"\[site c\]","section_line":8,"line":9,"setting":"domain","value":"c.test"' -j policy show
says 1 'open .*/missing: No such file' policy show "$HERE/etc/missing"
says 0 'ramp +2026.*today 1/1d' policy explain smtp c.test
says 0 'shared +yes .*in this transport together' policy explain smtp c.test

instance_start
flood 8 6 to@main.test
flood 12 6 to@other.test
wait_for_site main 8
wait_for_site other 12
expect "$LIMIT" "most connections to the site" site_peak main
expect "$OTHER" "most connections to another site" site_peak other
expect_log_times 1 "warnings of what can never match" "$QMGR_IDENT warning: policy: .*, line 5: \[site b\] can never match"
wait_for_empty_queue

# After a start one delivery is free, and then one in each second, though two may run.
printf '%s\n' '[site a]' 'destination = $ours' "concurrency = $LIMIT" 'rate = 60/1m burst 2' >"$POLICY"
says 0 'rate +60/1m +.*/eqmgr_policy, line 4 +- *$' policy explain "${SITE[@]}"
begin=$(date +%s%N)
instance_reload
flood 6 6 paced@main.test
is_paced() { ctl destination "${SITE[1]}" | grep -q 'rate 60/1m of .site a.'; }
wait_for 30 "a paced destination" is_paced
wait_for_site main 14
took_ms=$((($(date +%s%N) - begin) / 1000000))
[ "$took_ms" -ge 4900 ] || fail "six messages at 60/1m burst 2 took $took_ms ms"
wait_for_empty_queue

# Another file, while mail waits, for longer than the questions take: what would change for it.
flood 16 4 held@main.test
printf '%s\n' '[site a]' 'destination = $ours' "concurrency = $LIMIT" 'rate = 90/1m burst 2' '[site b]' 'domain = b.test' >"$POLICY.new"
says 0 'changed +\[site a\] +rate +60/1m +90/1m burst 2' policy diff "$POLICY.new"
says 0 'added +\[site b\] +domain +- +b.test' policy diff "$POLICY.new"
says 0 'smtp +1 +.*127.0.0.1.* rate +60/1m +90/1m burst 2' policy diff "$POLICY.new"
says 0 '"object":"policy_change","transport":"smtp","destinations":1,' -j policy diff "$POLICY.new"
says 0 'no section differs' policy diff "$POLICY"
says 1 'missing: No such file' policy diff "$HERE/etc/missing"
says 64 'diff: say FILE' policy diff
wait_for_site main 30
wait_for_empty_queue

# With an error it does not start, and says all of them; without, it goes on.
qmgr_may_die
chmod go+w "$POLICY"
timeout 60 postfix reload </dev/null >>"$HERE/start.out" 2>&1 || fail "postfix reload"
send sender@e2e.test late@main.test
wait_for_log "$QMGR_IDENT error: policy: .*/eqmgr_policy may be written by others: chmod go-w it"
wait_for_log "$QMGR_IDENT fatal: policy: errors in .*/eqmgr_policy: 1"
wait_for_log "bad command startup -- throttling"
chmod go-w "$POLICY"
instance_stop # master(8) would wait for a minute
instance_start
wait_for_site main 31
wait_for_empty_queue
