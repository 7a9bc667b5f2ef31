# shellcheck shell=bash
# "eqmgrctl web" of an instance, and a client for it. Needs assert.sh and instance.sh. A scenario that
# starts it says: scenario_clean() { web_stop; }

# web_start PROGRAM [option]...: serves at a port that the kernel chooses: $WEB_PORT.
web_start() {
    local program=$1
    shift
    rm -f "$HERE/web.address" # the last one has told its address there
    "$program" -c "$HERE/etc" web --listen 127.0.0.1:0 "$@" </dev/null >"$HERE/web.address" 2>"$HERE/web.errors" &
    WEB_PID=$!
    wait_for 30 "the status page" grep -q '^http:' "$HERE/web.address"
    WEB_PORT=$(sed -n 's/^http:.*:\([0-9]*\)\/$/\1/p' "$HERE/web.address")
}

web_stop() {
    [ -z "${WEB_PID:-}" ] || kill "$WEB_PID" 2>/dev/null || true
    [ -z "${WEB_PID:-}" ] || wait "$WEB_PID" || true
    WEB_PID=
}

# web_get PATH [header]...: the whole response.
web_get() {
    local path=$1
    shift
    exec 9<>"/dev/tcp/127.0.0.1/$WEB_PORT" || return 1
    { printf 'GET %s HTTP/1.0\r\n' "$path" && printf '%s\r\n' "$@" ''; } >&9
    timeout 20 cat <&9
    exec 9>&-
}

# web_says STATUS PATTERN PATH [header]...: the response has this status, and something like that in it. On a busy machine the
# daemon may need longer than the three seconds that the page waits for it: then it is asked again.
web_says() {
    local status=$1 pattern=$2 response deadline=$((SECONDS + PATIENCE * 30))
    shift 2
    while :; do
        response=$(web_get "$@" | tr -d '\r') || fail "no response from $1"
        [[ $response == *'no answer within 3 s'* && $SECONDS -lt $deadline ]] || break
    done
    [[ $response == "HTTP/1."[01]" $status "* ]] || fail "$1: not status $status: ${response:0:300}"
    grep -qE -- "$pattern" <<<"$response" || fail "$1 does not say /$pattern/: $response"
}

web_is_ready() {
    web_get /ready | grep -qx 'ready'
}
