# shellcheck shell=bash
# A slow lookup table (tests/e2e/slow_map.c). Needs assert.sh and instance.sh.

# slow_map_start MILLISECONDS VALUE: each address gets VALUE as its transport, after that time.
slow_map_start() {
    local program
    program=$(helper_program slow_map) || exit 1
    "$program" "$HERE/slow_map" "$1" "$2" </dev/null >"$HERE/slow_map.asked" &
    SLOW_MAP_PID=$!
    wait_for 30 "the slow map" test -S "$HERE/slow_map"
    set_main "transport_maps=socketmap:unix:$HERE/slow_map:any"
}

# asks_until COMMAND...: whether COMMAND succeeds; if it does not, and all mail so far is delivered, there comes a message for
# SLOW_MAP_BATCH other addresses: lookups go on for as long as a busy machine needs.
SLOW_MAP_BATCH=100 SLOW_MAP_ASKED=0
asks_until() {
    local list=() i
    ! "$@" || return 0
    all_were_asked || return 1
    for ((i = 0; i < SLOW_MAP_BATCH; i++)); do
        list+=("u$((SLOW_MAP_ASKED + i))@site$((i % 20)).test")
    done
    send sender@e2e.test "${list[@]}"
    SLOW_MAP_ASKED=$((SLOW_MAP_ASKED + SLOW_MAP_BATCH))
    return 1
}

all_were_asked() {
    log_has_times "$SLOW_MAP_ASKED" 'to=<u[0-9]+@site.*status=sent'
}

# Whether a process of this service of master.cf had to look up an address: it was asked a question.
slow_map_was_asked_by() { # slow_map_was_asked_by SERVICE
    local pid
    for pid in $(pids_of trivial-rewrite); do
        if tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q -- "-n $1 " && grep -qx "$pid" "$HERE/slow_map.asked"; then
            return 0
        fi
    done
    return 1
}

slow_map_stop() {
    [ -z "${SLOW_MAP_PID:-}" ] || kill "$SLOW_MAP_PID"
    SLOW_MAP_PID=
}
