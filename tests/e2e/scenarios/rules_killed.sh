# shellcheck shell=bash
# The queue manager is killed at each system call that writes a rule: in force, or not acknowledged
# long
# shellcheck source=tests/e2e/lib/ctl.sh
. "$E2E/lib/ctl.sh"
command -v strace >/dev/null || skip "there is no strace"

instance_create
set_main service_throttle_time=1s # it may be killed before it has served a request of master(8)
instance_start
qmgr_may_die
wait_for 30 "the queue manager" ctl status

# What writes the rules, in this order; the last trace shows whether that is all.
calls=(unlinkat:1 openat:1 write:1 fsync:1 close:1 renameat:1 fsync:2)

# killed_at NAME:N: a queue manager that is killed before the Nth such call about the file, or that goes on if
# there are fewer. What it says is in $HERE/said.NAME:N.
killed_at() {
    local qmgr tracer
    qmgr=$(qmgr_pid)
    strace -f -qq -o "$HERE/calls.$1" -p "$qmgr" -P "$HERE/data" -P "$HERE/data/eqmgr-control.new" \
        -e inject="${1%:*}":signal=SIGKILL:when="${1#*:}" 2>"$HERE/strace.$1" &
    tracer=$!
    wait_for 30 "strace to begin" is_traced "$qmgr"
    IS_ACKNOWLEDGED=no
    ! ctl suspend "b-${1/:/-}.test" --new --forever --reason "before call $1" >"$HERE/said.$1" 2>&1 || IS_ACKNOWLEDGED=yes
    [ "$IS_ACKNOWLEDGED" = no ] || kill "$tracer" 2>/dev/null || true
    wait "$tracer" || true
    [ "$IS_ACKNOWLEDGED" = no ] || return 0
    wait_for 30 "the end of the killed queue manager" qmgr_is_not "$qmgr"
    timeout 20 postqueue -f
    wait_for 30 "a new queue manager" qmgr_runs
    wait_for 30 "its answer" ctl status
}
is_traced() { ! grep -q '^TracerPid:[[:space:]]*0$' "/proc/$1/status"; }
is_in_force() { ctl -j rules --all 2>/dev/null | grep -q "\"name\":\"$1\""; }

traced_calls() { sed -n 's/^[0-9]* *\([a-z]*\)(.*/\1/p' "$HERE/calls.acct:1" | paste -sd' '; }

in_force=()
for call in "${calls[@]}" acct:1; do # acct() is never called
    name=${call/:/-}.test
    says 0 "a-$name" suspend "a-$name" --new --forever --reason "acknowledged"
    killed_at "$call"
    for earlier in "${calls[@]}"; do
        is_in_force "a-${earlier/:/-}.test" || fail "a-$earlier is gone after a kill before $call"
        [ "$earlier" != "$call" ] || break
    done
    [ ! -e "$HERE/data/eqmgr-control.broken" ] || fail "the file was broken by a kill before $call"
    ! is_in_force "b-$name" || [ "$IS_ACKNOWLEDGED" = yes ] || in_force+=("$call")
    [ "$call" = acct:1 ] || grep -q 'the answer was cut off' "$HERE/said.$call" ||
        fail "no kill before $call: $(cat "$HERE/said.$call")"
done
[ "$IS_ACKNOWLEDGED" = yes ] || fail "without a kill: $(cat "$HERE/said.acct:1")"
is_in_force b-acct-1.test || fail "what was acknowledged last is not in force"
expect "${calls[*]%:*}" "calls that write rules" traced_calls
# From the rename on a rule is in force, though nobody was told.
expect 'fsync:2' "rules in force that were not acknowledged" echo "${in_force[*]}"
