# shellcheck shell=bash
# changes that others make to one of many deferred messages are found at the next queue run
instance_create
sink_reserve later
set_main queue_run_delay=1s minimal_backoff_time=1000s maximal_backoff_time=1000s
instance_start
flood 1100 20 to@later.test
wait_for 90 "a pile of deferred mail" queue_has deferred 1100

pile=() # a file of each hash directory
for directory in "$HERE"/queue/deferred/?; do
    pile+=("$(find "$directory" -type f | head -n 1)")
done

tries() { # tries FILE
    log_count "$QMGR_IDENT ${1##*/}: from=.*\(queue active\)"
}

tried() { # tried COUNT FILE
    [ "$(tries "$2")" -ge "$1" ]
}

make_due() {
    touch -d '1 minute ago' "$@"
}

make_due "${pile[0]}"
wait_for 30 "another try of the message made due" tried 2 "${pile[0]}"

postsuper -h "${pile[1]##*/}"
make_due "$(queue_files hold)"
postsuper -H "${pile[1]##*/}"
wait_for 30 "another try of the message that was on hold" tried 2 "${pile[1]}"

chmod 600 "${pile[2]}"
make_due "${pile[2]}"
postsuper -d "${pile[3]##*/}"
mv "${pile[4]%/*}" "$HERE/directory" # and all that is in it
make_due "$HERE/directory/${pile[4]##*/}" "${pile[0]}" # in this order
wait_for 30 "a third try of the first message" tried 3 "${pile[0]}"
expect 1 "tries of the message that is not ready" tries "${pile[2]}"

chmod 700 "${pile[2]}"
mv "$HERE/directory" "${pile[4]%/*}"
wait_for 30 "another try of the message that became ready" tried 2 "${pile[2]}"
wait_for 30 "another try of the message whose directory came back" tried 2 "${pile[4]}"

sink_start later
timeout 20 postqueue -f
wait_for_sink later 1099 90
wait_for_empty_queue
expect 1099 "deliveries" sink_count later
expect 1099 "different ones" sink_distinct later
