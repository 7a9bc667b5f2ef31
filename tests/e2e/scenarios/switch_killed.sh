# shellcheck shell=bash
# eqmgr-switch killed with -9 before any of its steps, on the way there or back: off undoes it all
# long
# shellcheck source=tests/e2e/lib/switch.sh
. tests/e2e/lib/switch.sh
switch_prepare 'qmgr -o { defer_transports = one two }'
printf '%s\n' 'eqmgr_resolver_services = rewrite' 'eqmgr_retry_exact = yes' >"$HERE/etc/eqmgr.cf"
cp "$HERE/etc/eqmgr.cf" "$HERE/eqmgr.cf.before"
before=$(postconf -M)

# Commands that change files below etc count down, and the last one kills the switch before it acts.
for name in cp mv rm postconf; do
    cat >"$HERE/bin/$name" <<STEP
#!/bin/bash
case "$name \$*" in
postconf\ -F\ *=* | postconf\ -M\ *=* | postconf\ -MX\ * | [cmr]*" $HERE/etc/"*)
    left=\$(<"$HERE/left")
    echo \$((left - 1)) >"$HERE/left"
    if [ "\$left" -eq 0 ]; then
        kill -KILL "\$(<"$HERE/switch.pid")"
        exit 1
    fi
    ;;
esac
exec $(command -v "$name") "\$@"
STEP
    chmod 755 "$HERE/bin/$name"
done

# killed_at STEP ARGUMENT...: false if the switch ended before that step.
killed_at() {
    echo "$1" >"$HERE/left"
    shift
    PATH=$HERE/bin:$PATH bash -c 'echo $$ >"$0"; exec "$@"' "$HERE/switch.pid" \
        "$SWITCH" -c "$HERE/etc" "$@" </dev/null >"$HERE/said" 2>&1 || true
    cat "$HERE/said"
    [ "$(<"$HERE/left")" -lt 0 ]
}

expect_all_undone() { # expect_all_undone WHEN
    [ "$(postconf -M)" = "$before" ] || fail "$1: master.cf is not what it was"
    cmp "$HERE/etc/eqmgr.cf" "$HERE/eqmgr.cf.before" || fail "$1: eqmgr.cf is not what it was"
    [ ! -e "$HERE/etc/eqmgr-switch.saved" ] || fail "$1: a record is left"
}

# A third of the steps each time; all of them with E2E_STEPS=1.
stride=${E2E_STEPS:-3}
first=$((RANDOM % stride))
steps=$first
while killed_at "$steps" on --resolvers 2; do
    eqmgr_switch 0 off
    expect_all_undone "killed at step $steps of on"
    steps=$((steps + stride))
done
expect_between 8 20 "steps of on" "$steps"
eqmgr_switch 0 off
expect_all_undone "killed by nobody"

steps=$first
while eqmgr_switch 0 on --resolvers 2 && killed_at "$steps" off; do
    eqmgr_switch 0 off
    expect_all_undone "killed at step $steps of off"
    steps=$((steps + stride))
done
expect_between 4 20 "steps of off" "$steps"
