# shellcheck shell=bash
# postsuper holds, releases, requeues and deletes
instance_create
sink_reserve later
sink_start main
instance_start
for name in a b c; do
    send sender@e2e.test "$name@later.test"
done
wait_for_queue deferred 3

postsuper -h ALL
expect 3 "files on hold" queue_count hold
timeout 20 postqueue -f
send sender@e2e.test other@main.test # a later event than the flush
wait_for_sink main 1
expect 3 "files on hold after a flush" queue_count hold

postsuper -H ALL
expect "0 3" "files on hold and deferred after the release" \
    echo "$(queue_count hold) $(queue_count deferred)"

requeued=$(queue_id_of_recipient a@later.test)
postsuper -r "$requeued"
kick pickup W # it looks once a minute
wait_for_log "pickup.*: [0-9A-F]+: uid=[0-9]+ from=<sender@e2e.test> orig_id=$requeued"
wait_for_queue deferred 3

postsuper -d "$(queue_id_of_recipient b@later.test)"
expect 2 "files deferred after the deletion" queue_count deferred

sink_start later
timeout 20 sendmail -q
wait_for_sink later 2
wait_for_empty_queue
expect $'a@later.test\nc@later.test' "recipients" sorted_recipients later
