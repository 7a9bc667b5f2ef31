# shellcheck shell=bash
# A pile of suspended mail: nothing of it goes, other mail flows; resume lets all of it go, or stops
# long
# SUSPEND_PILE messages (5,000). How long healthy mail took is told, and fails nothing: machines differ.
# shellcheck source=tests/e2e/lib/ctl.sh
. "$E2E/lib/ctl.sh"

pile=${SUSPEND_PILE:-5000} healthy=200 down_pile=100 initial=5

# delay_p99 TO: milliseconds from arrival to delivery that 99 of 100 messages of a flood stay below
delay_p99() {
    sed -n "s/.*smtp\[.*to=<[0-9]*${1%@*}[0-9]*@${1#*@}>.* delay=\([0-9.]*\),.*status=sent.*/\1/p" "$HERE/maillog" |
        sort -n | awk '{d[NR] = $1} END {printf "%d\n", 1000 * d[int((NR * 99 + 99) / 100)]}'
}

instance_create
# Nothing that is suspended is due by itself meanwhile, however slow the machine is.
set_main default_process_limit=50 initial_destination_concurrency="$initial" \
    minimal_backoff_time=1h maximal_backoff_time=2h
sink_start main
sink_start held
sink_reserve down
instance_start
flood "$healthy" 2 alone@main.test
wait_for_sink main "$healthy"

# The pile comes beside healthy mail.
says 0 'suspend +domain +held\.test' suspend held.test --new --for 10h --reason 'ticket 4711'
says 0 'suspend +domain +down\.test' suspend down.test --new --for 10h --reason 'ticket 4712'
flood "$pile" 10 pile@held.test &
coming=$!
flood "$healthy" 2 beside@main.test
wait "$coming" || fail "smtp-source ended with status $?"
flood "$down_pile" 5 pile@down.test
wait_for_sink main $((2 * healthy)) 120
wait_for 120 "all of the pile in deferred" queue_has deferred $((pile + down_pile))
flood "$healthy" 2 rest@main.test
wait_for_sink main $((3 * healthy)) 60
timeout 20 postqueue -f
send sender@e2e.test last@main.test
wait_for_sink main $((3 * healthy + 1)) 60
expect 0 "deliveries of what is suspended" sink_count held
expect 0 "connections to the suspended site" log_count 'smtp\[.*(held|down)\.test'
says 0 "\"name\":\"held.test\",.*\"suspended\":$pile," -j rules
alone=$(delay_p99 alone@main.test)
ratio() { awk -v a="$1" -v b="$alone" 'BEGIN {printf "%d ms (ratio %.2f)", a, a / (b > 0 ? b : 10)}'; }
note "p99 of healthy mail: $alone ms alone, $(ratio "$(delay_p99 beside@main.test)") while $pile suspended messages" \
    "come, $(ratio "$(delay_p99 rest@main.test)") beside them at rest"

# The site is down: a few attempts, and the rest keeps its times.
retry_times() {
    local id
    sed -n 's/.*error\[[0-9]*\]: \([0-9A-F]*\): to=<[0-9]*pile[0-9]*@down\.test>.*/\1/p' "$HERE/maillog" | sort -u |
        while read -r id; do find "$HERE/queue/deferred" -name "$id" -printf '%f %T@\n'; done
}
retry_times >"$HERE/before"
expect "$down_pile" "messages for the site that is down" sed -n '$=' "$HERE/before"
says 0 "$down_pile deferred messages of it come by pilot" resume down.test
job_is_stopped() { ctl -j jobs | grep -q '"name":"down.test","state":"stopped"'; }
wait_for 60 "the end of the job" job_is_stopped
says 0 "\"name\":\"down.test\",\"state\":\"stopped\",\"tried\":$initial,.*\"left\":$((down_pile - initial)),.*none came through.*Connection refused" -j jobs
retry_times >"$HERE/after"
changed() { diff "$HERE/before" "$HERE/after" | grep -c '^>' || true; }
expect "$initial" "messages with another retry time" changed
wait_for_log "control: end of job job=1 domain=down\.test: stopped: none came through: .*left=$((down_pile - initial))"

# The site is up: a few until the first success, then all of it, each once.
says 0 'deferred messages of it come by pilot' resume held.test
wait_for_sink held "$pile" 300
job_is_done() { ctl -j jobs | grep -q '"name":"held.test","state":"done"'; }
wait_for 60 "the end of the other job" job_is_done
expect_flood_at_sink held "$pile" pile@held.test
before_first_success() {
    awk '/control: resume #1 / {begun = 1} begun && /queue active/ {count++}
        begun && /status=sent/ {print count; exit}' "$HERE/maillog"
}
expect_between 1 "$initial" "messages tried before the first success" "$(before_first_success)"
wait_for 30 "a deferred queue with the other site only" queue_has deferred "$down_pile"
