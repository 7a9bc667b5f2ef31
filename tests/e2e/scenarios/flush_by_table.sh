# shellcheck shell=bash
# with tables in fast_flush_domains postqueue -s finds the mail of listed sites, and no other
instance_create
sink_reserve later
sink_reserve never
echo 'later.test yes' >"$HERE/etc/sites"
echo 'never.test yes' >"$HERE/etc/others"
set_main "fast_flush_domains=!texthash:$HERE/etc/others texthash:$HERE/etc/sites"
postconf -MX retry/unix smtp/unix # so that the queue manager itself records the deferrals
instance_start
send sender@e2e.test a@later.test
send sender@e2e.test b@never.test
wait_for_queue deferred 2
# flush(8) decides: requests about other sites leave no trace. Nobody waits for it.
wait_for 30 "a log of flush(8)" test -e "$HERE/queue/flush/later_test"
expect later_test "logs of flush(8)" ls "$HERE/queue/flush"
timeout 20 postqueue -s later.test
wait_for 30 "another attempt" log_has_times 2 'to=<a@later.test>.*status=deferred'
if timeout 20 postqueue -s never.test 2>"$HERE/said"; then
    fail "postqueue -s takes a site that is not listed"
fi
grep -q 'not configured for destination' "$HERE/said"
expect_no_log 'flush service fail|problem talking to service flush'
