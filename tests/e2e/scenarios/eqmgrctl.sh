# shellcheck shell=bash
# eqmgrctl tells what the queue manager does, and why a message is still here
# shellcheck source=tests/e2e/lib/ctl.sh
. "$E2E/lib/ctl.sh"

instance_create
echo 'eqmgr_metrics_destinations = main.test, user@main.test' >"$HERE/etc/eqmgr.cf"
# The first failure is a whole cohort: so a site is dead in whatever order mail comes and fails.
# Nothing is due before the test is over.
set_main initial_destination_concurrency=1 minimal_backoff_time=59m smtp_destination_recipient_limit=40
sink_start main
sink_reserve later
says 69 'no eqmgr listens at .*/public/eqmgr, though master.cf names .*: does Postfix run' status
says 2 '^EQMGR CRITICAL - no eqmgr listens at ' check
says 69 'no eqmgr listens' doctor
instance_start
send sender@e2e.test a@main.test
flood 20 5 to@later.test
wait_for_sink main 1
wait_for_queue deferred 20
id=$(queue_id_of deferred)

all_is_counted() { ctl status | grep -qE '^last minute: in 21  done 1  deferred 20 '; }
wait_for 30 "counts of 21 messages" all_is_counted
says 0 '^deferred +20 \(index complete\) +overdue 0 +next in 5[0-9]m' status
says 0 '"deferred":20,"index_complete":true' status --json
says 0 '^smtp +\[127\.0\.0\.1\]:[0-9]+ +throttled +0 +0 +20 +0 +20 +- .*Connection refused$' destinations
says 0 '^-- deferred known for 20 of 20$' destinations --sort deferred
says 0 '^smtp +\[127\.0\.0\.1\]:[0-9]+ +20  4\.4\.1 +.*Connection refused$' deferred
says 0 '^- +- +20  4\.4\.1 +.*Connection refused$' deferred --by reason
says 0 '"count":20,"status":"4.4.1"' deferred -j --by destination,reason '[127*'
says 0 '^\{"object":"coverage","deferred_known":20,"deferred":20,"index_complete":true\}$' deferred -j
says 1 '^-- nothing$' deferred nowhere.test
says 64 'cannot group by' deferred --by odd
says 0 '^smtp +\[127\.0\.0\.1\]:[0-9]+ +throttled ' throttled
says 1 '^-- nothing$' destinations --state full
says 64 'no such state: odd' destinations --state odd
says 0 'Connection refused' destination "$(ctl -j destinations | sed 's/.*"destination":"\([^"]*\)".*/\1/')"
says 1 'no destination "nowhere.test" is known' destination nowhere.test
says 0 '^smtp_destination_concurrency_limit +20 +built-in default$' transports smtp
says 0 '^smtp_initial_destination_concurrency +1 +initial_destination_concurrency$' transports smtp
says 0 '^smtp_destination_recipient_limit +40 +smtp_destination_recipient_limit$' transports smtp
says 1 'no transport "smpt"' transports smpt
due_count() { ctl due | grep -cE '^[0-9A-F]+  5[0-9]m[0-9]+s$'; }
expect 20 'messages that are due' due_count
says 0 "^$id" due
says 1 '^-- nothing$' messages
says 0 'destination-died +smtp +\[127\.0\.0\.1\]:[0-9]+ +4\.4\.1 .*Connection refused' events
says 0 'It was deferred and waits for its next attempt' explain "$id"
says 0 'to@later.test +deferred +4\.4\.1 .*Connection refused' explain "$id"
says 0 'tried again +[0-9:]{8}, in 5[0-9]m' explain "$id"
says 1 'It is not in this queue' explain 0123456789A
says 1 "grep 0123456789A $HERE/maillog shows what became of it" explain 0123456789A
says 64 'not a queue ID' explain ../../etc/passwd
says 0 '^eqmgr_messages_left_total\{way="deferred"\} 20$' metrics
says 0 '^eqmgr_deferred_destination_known_messages 20$' metrics
says 0 '^eqmgr_destination_deferred_known\{destination="main.test"\} 0$' metrics
says 0 '^eqmgr_destination_deferred_known\{destination="other"\} 20$' metrics
says 0 '^eqmgr_destination_watched_deaths_total\{destination="other"\} [1-9]' metrics
expect_log_times 1 "warnings of a user in metrics" 'ignoring user@main.test: a user has no place in metrics'
says 0 '^# EOF$' metrics --openmetrics
if command -v promtool >/dev/null; then
    ctl metrics | promtool check metrics || fail "promtool does not take the metrics"
fi
says 64 'no such verb' nonsense
says 0 '^EQMGR OK - 0 active, 20 deferred \| active=0%;80;95;0 dead=0;1;3;0 ' check
says 1 '^EQMGR WARNING - 20 messages deferred \|' check --deferred 20,21
says 2 '^EQMGR CRITICAL - 20 messages deferred \|' check --deferred 10,20
says 3 '^EQMGR UNKNOWN - --active 95,80: ' check --active 95,80
expect_no_advice
grep -qE '^(Nothing to advise|attention: One turn in)' "$HERE/advice" || fail "$(cat "$HERE/advice")"
set_main bounce_queue_lifetime=6d
says 1 '^hint: bounce_queue_lifetime is longer than maximal_queue_lifetime' doctor
says 1 '"object":"advice","kind":"settings-lifetime","severity":"hint"' -j doctor

# A shell completes verbs, options and the words that options take.
# shellcheck source=/dev/null
source <("$program" completion bash)
completes() { # completes WANTED WORD...: the last word is the one to complete
    local COMP_WORDS=(eqmgrctl "${@:2}") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    _eqmgrctl
    [ "${COMPREPLY[*]}" = "$1" ] || fail "completion of ${*:2}: '${COMPREPLY[*]}' instead of '$1'"
}
completes 'destinations destination' desti
completes '--state' -j destinations --st
completes 'full' destinations --state fu
completes 'destination destination,reason' deferred --by dest
completes 'resolving' messages -s r
completes '' messages --sender a
completes 'zsh' completion z
completes 'explain events expedite' help e
says 64 'for bash, zsh or fish' completion tcsh

# Lines of JSON are what the schema says.
if python3 -c 'import jsonschema' 2>/dev/null; then
    for verb in status transports 'transports smtp' destinations throttled due deferred 'deferred --by reason' messages connections events "explain $id"; do
        # shellcheck disable=SC2086 # words
        ctl -j $verb >"$HERE/lines" || [ $? -eq 1 ] || fail "eqmgrctl -j $verb"
        python3 - conf/eqmgrctl.schema.json "$HERE/lines" <<'END' || fail "eqmgrctl -j $verb is not what the schema says"
import json, jsonschema, sys
schema = json.load(open(sys.argv[1]))
for line in open(sys.argv[2]):
    jsonschema.validate(json.loads(line), schema)
END
    done
fi
says 64 'may be transports' t
says 0 'eqmgrctl explain: where a message is' help explain

# What it says is true after the site came back, too.
postsuper -c "$HERE/etc" -h "$id" 2>/dev/null
says 0 'postsuper -H' explain "$id"
postsuper -c "$HERE/etc" -H "$id" 2>/dev/null
sink_start later
timeout 20 postqueue -f
flush_until_empty
all_is_done() { ctl metrics | grep -qxF 'eqmgr_messages_left_total{way="removed"} 21'; }
wait_for 30 "the count of 21 removed messages" all_is_done
says 0 '^deferred +0 ' status
says 0 'destination-revived +smtp ' events
says 0 '^eqmgr_destination_deaths_total\{transport="smtp"\} [1-9]' metrics
instance_reload
says 0 '^eqmgr [0-9.]+ pid [0-9]+ up [0-9]+s' status

# Another queue manager has the queue: that is said, and what changes it.
instance_stop
postconf -c "$HERE/etc" -F 'qmgr/unix/command=qmgr'
says 69 'no eqmgr listens at .*: master.cf names qmgr as the queue manager; eqmgr-switch on' status
