# shellcheck shell=bash
# eqmgrctl top on a terminal: keys, details, the daemon goes away and comes back; and without a terminal
# shellcheck source=tests/e2e/lib/ctl.sh
. "$E2E/lib/ctl.sh"
command -v script >/dev/null || skip "there is no script(1)"

instance_create
sink_reserve later
# The first failure is a whole cohort: so a site is dead in whatever order mail comes and fails.
set_main initial_destination_concurrency=1
instance_start
flood 20 5 to@later.test
wait_for_queue deferred 20

# Without a terminal: a line at each interval, and an end.
ctl top --delay 1 --count 2 >"$HERE/batch.txt" 2>&1 || fail "top --count 2: $(cat "$HERE/batch.txt")"
expect 3 "lines of two looks and their heading" grep -c . "$HERE/batch.txt"
grep -qE '^ +time +active ' "$HERE/batch.txt" || fail "no heading: $(cat "$HERE/batch.txt")"
grep -qE '^[0-9:]{8} +0 +0 +0 +0 +20 +0 +0\.0 +0\.0 +0\.0 +0$' "$HERE/batch.txt" || fail "$(cat "$HERE/batch.txt")"

# On a terminal. What it has painted is in a file, with the terminal's escape sequences.
mkfifo "$HERE/keys"
script -qfec "stty rows 30 cols 120; TERM=vt100 exec '$program' -c '$HERE/etc' -t 2 top" "$HERE/screen.txt" <"$HERE/keys" >/dev/null 2>&1 &
top=$!
scenario_clean() { kill "$top" 2>/dev/null || true; } # a failure leaves nothing that runs
exec 5>"$HERE/keys"
press() { printf '%b' "$1" >&5; }
painted() { # after Control-L all of the screen is painted anew
    press '\014'
    tail -c 4000 "$HERE/screen.txt" | grep -qaF -- "$1"
}
wait_for 30 "the table" painted 'DEFER/S'
wait_for 30 "the site" painted "delivery temporarily"
press '?'
wait_for 30 "the help" painted 'Any key goes back.'
press ' '
press '2'
wait_for 30 "another order" painted 'by running'
press '/127\r'
wait_for 30 "the filter" painted 'names like 127'
press '/\0177\0177\0177\0177\0177\r'
press '\r'
wait_for 30 "the details" painted 'REASON'
press '\r'

# Suspend the destination with the cursor, and end that.
rules_are() { [ "$(ctl -j rules | grep -c "$1")" -eq "$2" ]; }
asks() { # the list is there only after the next look: until then there is nothing to suspend
    press "\033$1"
    painted "$2"
}
wait_for 30 "a question" asks s 'for how long'
press '2h\r'
wait_for 30 "the next question" painted 'senders see it'
press 'ticket 4711\r'
wait_for 30 "the rule" rules_are '"about":"destination","name":"\[127.*"why":"ticket 4711"' 1
wait_for 30 "words that it is done" painted 'done: suspend #1: 1 destination'
wait_for 30 "the state" painted 'suspended,'
wait_for 30 "the number of the rule" asks r 'which rule (number or domain): 1_'
press '\r'
wait_for 30 "the end of the rule" rules_are . 0
instance_stop
wait_for 30 "words that the daemon is away" painted 'no answer since'
instance_start
press 't'
wait_for 30 "that it is back" painted 'that are throttled'
press 'q'
exec 5>&-
wait "$top" || fail "top ended with status $?"
tail -c 200 "$HERE/screen.txt" | grep -qaF $'\e[?1l\e>' || fail "the terminal is not as it was"
