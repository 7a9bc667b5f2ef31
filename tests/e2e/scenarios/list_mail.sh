# shellcheck shell=bash
# one message for 1,000 recipients in five domains, read in batches
instance_create
for n in 1 2 3 4 5; do
    sink_start "list$n"
done
# Far fewer recipients in memory than the message has.
set_main default_recipient_limit=100 default_extra_recipient_limit=0 qmgr_message_recipient_minimum=10
instance_start
mapfile -t recipients < <(for n in 1 2 3 4 5; do seq -f "%.0fto@list$n.test" 1 200; done)
printf 'Subject: list\n\nbody\n' | timeout 30 sendmail -f sender@e2e.test "${recipients[@]}"
for n in 1 2 3 4 5; do
    wait_for_sink "list$n" 200
done
wait_for_empty_queue
for n in 1 2 3 4 5; do
    expect_flood_at_sink "list$n" 200 "to@list$n.test"
    most=$(awk '/^X-Mail-Args/ { n = 0 } /^X-Rcpt-Args/ && ++n > max { max = n } END { print max }' \
        "$HERE/sinks/list$n")
    expect_between 2 50 "recipients in one delivery" "$most"
done
expect_log_times 1 "activations" "$QMGR_IDENT .*nrcpt=1000 \(queue active\)"
