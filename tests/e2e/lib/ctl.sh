# shellcheck shell=bash
# eqmgrctl of the instance. Needs assert.sh and instance.sh; a scenario that has no use without it is skipped.
[ "$QMGR" != stock ] || skip "stock has no control socket"
program=${EQMGRCTL:-$(dirname "$QMGR")/eqmgrctl}
[ -x "$program" ] || skip "there is no $program"

ctl() { "$program" -c "$HERE/etc" "$@"; }

# The doctor has no advice, or none but about a busy machine: two lines.
expect_no_advice() {
    local advice
    ! ctl doctor >"$HERE/advice" 2>&1 || return 0
    advice=$(sed '/^attention: One turn in a hundred /,+1d' "$HERE/advice")
    [ -z "$advice" ] || fail "eqmgrctl doctor: $advice"
}

# says STATUS PATTERN WORD...: eqmgrctl ends with this status and says something like that
says() {
    local status=$1 pattern=$2 output ended=0
    shift 2
    output=$(ctl "$@" 2>&1) || ended=$?
    [ "$ended" -eq "$status" ] || fail "eqmgrctl $*: status $ended instead of $status: $output"
    grep -qE -- "$pattern" <<<"$output" || fail "eqmgrctl $* did not say /$pattern/: $output"
}
