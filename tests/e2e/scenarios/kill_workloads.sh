# shellcheck shell=bash
# kills at random moments during the workloads of the benchmark: nothing lost, nothing twice
# long
program=$QMGR
[ "$QMGR" != stock ] || program=$(postconf -dh daemon_directory)/qmgr
make --no-print-directory MODE="$MODE" ROOT="$ROOT" kill-program >"$RUN_DIR/build-kill" 2>&1 ||
    fail "kill-program: $(tail -n 1 "$RUN_DIR/build-kill")"
: >"$HERE/maillog" # instance_check reads it; there is no instance here
KILL_TEST=$ROOT/$MODE/tests/kill/kill-test tests/kill/run "$program" --seconds 8 ||
    fail "see $RUN_DIR/kill_workloads.output"
