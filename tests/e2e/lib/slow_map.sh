# shellcheck shell=bash
# A slow lookup table (tests/e2e/slow_map.c). Needs assert.sh and instance.sh.

# slow_map_start MILLISECONDS VALUE: each address gets VALUE as its transport, after that time.
slow_map_start() {
    local program=${ROOT:-build}/release/tests/e2e/slow_map
    make -s MODE=release ROOT="${ROOT:-build}" "$program" >&2 || fail "no $program"
    "$program" "$HERE/slow_map" "$1" "$2" </dev/null &
    SLOW_MAP_PID=$!
    wait_for 10 "the slow map" test -S "$HERE/slow_map"
    set_main "transport_maps=socketmap:unix:$HERE/slow_map:any"
}

slow_map_stop() {
    [ -z "${SLOW_MAP_PID:-}" ] || kill "$SLOW_MAP_PID"
    SLOW_MAP_PID=
}
