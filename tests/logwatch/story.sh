# shellcheck shell=bash
#
# A day in the life of a small mail system. tests/logwatch/run plays it in an instance with the stock
# queue manager and in one with eqmgr: as many kinds of log lines of a queue manager as fit into a few
# seconds. Each step ends with its event, so that both write the same lines.

: "${HERE:?}" "${QMGR_IDENT:?}" "${PORTS:?}"

# Both instances have the same ports, so that their logs show the same; the library would choose at random.
free_port() {
    head -n 1 "$PORTS"
    sed -i 1d "$PORTS"
}

# Lines about reused connections depend on time.
instance_create
set_main smtp_connection_cache_on_demand=no recipient_delimiter=+ \
    smtpd_authorized_verp_clients=127.0.0.1
sink_start main
sink_reserve later
route absent.test absent:somewhere
route refused.test 'error:5.7.1 go away'
instance_start

# Delivered: elsewhere, here, to many, with a report, one message each.
send sender@e2e.test a@main.test
send sender@e2e.test other@e2e.test
printf 'Subject: list\n\nbody\n' |
    timeout 30 sendmail -f sender@e2e.test b@main.test c@main.test d@main.test other@e2e.test
send '' postmaster@e2e.test
send sender@e2e.test other@e2e.test -N success
send sender@e2e.test f@main.test -XV
wait_for_sink main 5
wait_for_mailbox sender '^Subject: Successful Mail Delivery Report'
wait_for_empty_queue

# Not delivered, with a bounce; with a bounce that bounces; asked about only.
send sender@e2e.test nobody-of-that-name@e2e.test
send sender@e2e.test g@refused.test
send nobody-at-home@e2e.test nobody-of-that-name@e2e.test
send sender@e2e.test h@main.test -bv
wait_for_empty_queue

# Deferred, tried again, forced back, delivered in the end.
send sender@e2e.test i@later.test
wait_for_queue deferred 1
send sender@e2e.test j@absent.test
wait_for_queue deferred 2
timeout 20 postqueue -f
wait_for 30 "the second attempt" log_has_times 2 'to=<i@later.test>.*status=deferred'
wait_for 30 "the second attempt" log_has_times 2 'to=<j@absent.test>.*status=deferred'
wait_for_queue deferred 2
postsuper -f "$(queue_id_of_recipient j@absent.test)"
timeout 20 postqueue -f
wait_for_log 'status=force-expired'
wait_for_queue deferred 1

# A file that somebody else has locked, and damaged ones.
locked=$(queue_files deferred)
flock -F "$locked" sleep 600 &
locker=$!
is_locked() { ! flock -n "$locked" true; }
wait_for 30 "the lock" is_locked
timeout 20 postqueue -i "${locked##*/}" # a flush of all would try, and log, a number of times
wait_for_log "$QMGR_IDENT [0-9A-F]+: skipped, still being delivered"
kill "$locker"
wait "$locker" 2>/dev/null || true
for file in incoming/BAD0001 incoming/BAD0002; do
    install -o postfix -m 700 /dev/null "$HERE/queue/$file"
done
echo 'a few bytes of no meaning' >"$HERE/queue/incoming/BAD0002"
mkdir "$HERE/queue/incoming/DIRECTORY"
kick qmgr I
wait_for 30 "two files in the corrupt queue" queue_has corrupt 2
rmdir "$HERE/queue/incoming/DIRECTORY"

sink_start later
flush_until_empty
expect 1 "deliveries" sink_count later

# Too old.
set_main maximal_queue_lifetime=0
instance_reload
send sender@e2e.test k@absent.test
wait_for_log 'status=expired, returned to sender'
wait_for_empty_queue

# A delay that is reported.
set_main maximal_queue_lifetime=1d delay_warning_time=1s
instance_reload
send sender@e2e.test l@absent.test
wait_for_queue deferred 1
wait_for_mailbox sender '^Subject: Delayed Mail'
wait_for 30 "the ends of all but the last" log_has_times 21 "$QMGR_IDENT .*: removed"
postsuper -d ALL
wait_for_log 'Deleted: 1 message'
