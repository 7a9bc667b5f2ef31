# shellcheck shell=bash
#
# Verdicts and waiting. A scenario runs in a shell of its own and ends by returning (ok), by fail or by
# skip. The exit status says which; the driver reads the reason from the file $VERDICT.

SKIPPED_STATUS=77

fail() {
    printf '%s\n' "$*" >"$VERDICT"
    exit 1
}

# note TEXT...: shown behind the result of a scenario that passes: a measurement, which fails nothing.
note() {
    printf '%s\n' "$*" >"${VERDICT%.verdict}.note"
}

skip() {
    printf '%s\n' "$*" >"$VERDICT"
    exit "$SKIPPED_STATUS"
}

# A machine may be so many times slower than one on which a wait of the given seconds is long enough already.
PATIENCE=4

# wait_for SECONDS WHAT COMMAND...: until COMMAND succeeds; fails the scenario at the deadline, PATIENCE times as late.
# Deadlines are generous, because a loaded machine must not fail a test; a success waits for its event only.
wait_for() {
    local deadline=$((SECONDS + PATIENCE * $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$deadline" ] || fail "waited in vain for $what"
        sleep 0.05
    done
}

# timeout SECONDS COMMAND...: as the program of that name, PATIENCE times as late.
timeout() {
    local seconds=$1
    shift
    command timeout $((PATIENCE * seconds)) "$@"
}

# expect WANTED WHAT COMMAND...: the output of COMMAND is WANTED.
expect() {
    local wanted=$1 what=$2 got
    shift 2
    got=$("$@") || true
    [ "$got" = "$wanted" ] || fail "$what: expected \"$wanted\", got \"$got\""
}

# expect_between LOW HIGH WHAT NUMBER
expect_between() {
    { [ "$4" -ge "$1" ] && [ "$4" -le "$2" ]; } || fail "$3: expected $1..$2, got $4"
}

# The mail log. Patterns are extended regular expressions. Lines come through postlogd(8): a line may come after what
# it tells of, however soon the program has sent it.
log_count() {
    grep -cE -- "$1" "$HERE/maillog" || true
}

log_has() {
    grep -qE -- "$1" "$HERE/maillog"
}

# log_has_times N PATTERN: at least N lines
log_has_times() {
    [ "$(log_count "$2")" -ge "$1" ]
}

wait_for_log() {
    wait_for 30 "log line /$1/" log_has "$1"
}

# The same: all that was waited for before has been logged, so the line is on its way at least.
expect_log() {
    wait_for_log "$1"
}

# expect_log_times COUNT WHAT PATTERN: so many lines, once they have come; 1 at least.
expect_log_times() {
    wait_for 30 "$1 $2" log_has_times "$1" "$3"
    expect "$1" "$2" log_count "$3"
}

expect_no_log() {
    ! log_has "$1" || fail "unwanted log line: $(grep -m 1 -E -- "$1" "$HERE/maillog")"
}
