# shellcheck shell=bash
# trivial-rewrite killed in mid-query: asked again
put_in_queue() { # put_in_queue RECIPIENT: into deferred, never seen by the queue manager
    send sender@e2e.test "$1"
    wait_for_queue hold 1
    postsuper -H ALL
}

instance_create
sink_start main
set_main header_checks=static:HOLD
instance_start
for signal in KILL TERM; do
    put_in_queue "before-$signal@main.test" # opens the connections
    flush_until_empty
    put_in_queue "$signal@main.test"
    mapfile -t resolvers < <(pids_of trivial-rewrite)
    kill -STOP "${resolvers[@]}"
    timeout 20 postqueue -f
    wait_for_queue active 1
    kill "-$signal" "${resolvers[@]}"
    kill -CONT "${resolvers[@]}" 2>/dev/null || true
    wait_for_log "to=<$signal@main.test>.*status=sent"
    wait_for_empty_queue
done
expect 4 "deliveries" sink_count main
