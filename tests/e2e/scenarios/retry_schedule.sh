# shellcheck shell=bash disable=SC2016
# deferred mail follows a schedule and is returned when its own lifetime is over: alone, if others go on
# long
[ "$QMGR" != stock ] || skip 'an extra of eqmgr'
# shellcheck source=tests/e2e/lib/ctl.sh
. "$E2E/lib/ctl.sh"


instance_create
sink_reserve short
sink_reserve other
set_main queue_run_delay=1000s minimal_backoff_time=1s maximal_backoff_time=1000s
printf '%s\n' 'eqmgr_retry_exact = yes' 'eqmgr_policy_file = $config_directory/eqmgr_policy' \
    'smtp_retry_schedule = 3s' >"$HERE/etc/eqmgr.cf"
printf '%s\n' '[site short]' "destination = [127.0.0.1]:${SINK_PORT[short]}" 'retry = 2s 4s' 'lifetime = 12s' \
    >"$HERE/etc/eqmgr_policy"
says 0 'retry +2s 4s +.*/eqmgr_policy, line 3' policy explain smtp "[127.0.0.1]:${SINK_PORT[short]}"
says 0 'lifetime +12s +.*/eqmgr_policy, line 4' policy explain smtp "[127.0.0.1]:${SINK_PORT[short]}"
says 0 'retry +3s +eqmgr.cf: smtp_retry_schedule' policy explain smtp other.test
says 0 'lifetime +5d +maximal_queue_lifetime' policy explain smtp other.test
set_master "qmgr/unix=qmgr unix n - n 300 1 $(queue_manager_command qmgr) -v"
instance_start

# The pauses between attempts, as planned at the end of each, without the second that has begun: a busy machine may begin
# one late.
pauses() {
    sed -n 's/.*: waits in deferred, next attempt in \([0-9]*\) s$/\1/p' "$HERE/maillog" | paste -sd' '
}

# 0, 2, 6, 10 s, and the last one when the lifetime ends.
begin=$(date +%s)
send sender@e2e.test a@short.test
wait_for_log 'to=<a@short.test>.*status=deferred'
id=$(sed -n 's/.*: \([0-9A-F]*\): to=<a@short.test>.*/\1/p' "$HERE/maillog" | head -n 1)
explains() { ctl explain "$id" | grep -q 'next attempt, which is by \[site short\] retry'; } # while it waits for seconds
wait_for 30 "words about its schedule" explains
wait_for_mailbox sender '^Subject: Undelivered Mail Returned to Sender'
took=$(($(date +%s) - begin))
[ "$took" -ge 12 ] || fail "returned after $took s, not 12"
planned=$(pauses)
[[ $planned =~ ^[12](\ [34])+(\ [0-2])?$ ]] || fail "pauses of $planned s"
expect_log_times $(($(wc -w <<<"$planned") + 1)) "attempts" 'to=<a@short.test>.*status=deferred'
wait_for_empty_queue

# One of two is returned alone; the other one is delivered later.
printf 'Subject: two\n\nbody\n' | timeout 30 sendmail -f sender@e2e.test b@short.test c@other.test
wait_for_mailbox sender '^Subject: Undelivered Mail Returned to Sender' 2
wait_for_log 'to=<b@short.test>, relay=none.*dsn=5.4.7, status=bounced \(delivery time expired\)'
wait_for_queue deferred 1
expect 0 "returns of the other" mailbox_count sender '^Final-Recipient: rfc822; c@other.test'
expect 1 "returns of the one" mailbox_count sender '^Final-Recipient: rfc822; b@short.test'
sink_start other
wait_for_sink other 1
wait_for_empty_queue
expect 1 "deliveries" sink_count other
expect 2 "returns" mailbox_count sender '^Subject: Undelivered Mail Returned to Sender'
