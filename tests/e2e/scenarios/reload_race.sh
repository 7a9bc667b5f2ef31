# shellcheck shell=bash
# a reload whose wakeup the old process takes starts the next one all the same
[ "$QMGR" != stock ] || skip 'stock loses this wakeup, and the next mail starts the next process'
program=$(helper_program hold_sockets)
instance_create
instance_start
wait_for 30 "a queue manager" qmgr_runs
before=$(pids_of eqmgr)

# A process that master(8) has just forked holds the status channel open; the old queue manager goes on until it is closed.
mkfifo "$HERE/hold"
status=0
"$program" "$MASTER_PID" <"$HERE/hold" >"$HERE/held" &
holder=$!
exec {hold}>"$HERE/hold"
wait_for 10 "copies of the sockets of master" test -s "$HERE/held" -o ! -d "/proc/$holder"
if ! grep -q held "$HERE/held"; then
    wait "$holder" || status=$?
    [ "$status" -eq 77 ] && skip 'no pidfd_getfd(2) here'
    fail "hold_sockets ended with status $status"
fi

timeout 60 postfix reload </dev/null >>"$HERE/start.out" 2>&1
wait_for_log 'reload -- version'
timeout 20 postqueue -p      # master starts showq(8) when it has finished the reload
timeout 20 postqueue -f      # ends when it was served, and it stands behind the wakeup
expect "$before" "queue manager while the channel is open" pids_of eqmgr
exec {hold}>&-
wait_for 30 "the next queue manager" queue_manager_is_not "$before"
