# shellcheck shell=bash
# trivial-rewrite killed in mid-query: asked again
instance_create
sink_reserve later
sink_start main
instance_start
for signal in KILL TERM; do
    send sender@e2e.test "$signal@later.test"
    wait_for_queue deferred 1
    sink_start later
    before=$(sink_count later)
    # The last answer is remembered; this one makes the next a real question.
    send sender@e2e.test "$signal@main.test"
    wait_for_log "to=<$signal@main.test>.*status=sent"
    wait_for_queue active 0
    mapfile -t resolvers < <(pids_of trivial-rewrite)
    kill -STOP "${resolvers[@]}"
    timeout 20 postqueue -f
    wait_for_queue active 1
    kill "-$signal" "${resolvers[@]}"
    kill -CONT "${resolvers[@]}" 2>/dev/null || true
    wait_for_sink later $((before + 1))
    wait_for_empty_queue
    sink_stop later
done
expect 2 "deliveries" sink_count later
