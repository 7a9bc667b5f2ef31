# shellcheck shell=bash
# the lines that log analysers read, word by word

# The lines of the queue manager since the last call, sorted (two messages have no fixed order), without
# parts that differ from run to run. The lines with which eqmgr introduces itself have their own tests.
qmgr_lines() {
    all_qmgr_lines | tail -n +$((seen + 1)) |
        sed -E -e 's/^.* postfix\/qmgr\[[0-9]+\]: //' -e 's/^[0-9A-F]{9,}:/ID:/' \
            -e 's/size=[0-9]+/size=N/' | sort
}

all_qmgr_lines() {
    grep -E "$QMGR_IDENT" "$HERE/maillog" | grep -vE ']: (eqmgr [0-9.]+ for Postfix|sandbox: in force:)'
}

has_qmgr_lines() { # has_qmgr_lines COUNT
    [ "$(all_qmgr_lines | wc -l)" -ge "$1" ]
}

expect_lines() { # expect_lines WHAT LINE...
    local what=$1
    shift
    wait_for 30 "the lines of $what" has_qmgr_lines $((seen + $#))
    wait_for 30 "the end of $what" nothing_in_progress
    expect "$(printf '%s\n' "$@" | sort)" "lines of $what" qmgr_lines
    seen=$((seen + $#))
}

nothing_in_progress() {
    [ -z "$(queue_files maildrop incoming active)" ]
}

seen=0
instance_create
sink_start main
sink_reserve later
instance_start

send sender@e2e.test a@main.test
expect_lines "a delivery" \
    'ID: from=<sender@e2e.test>, size=N, nrcpt=1 (queue active)' 'ID: removed'

send sender@e2e.test nobody-of-that-name@e2e.test
expect_lines "a bounce" \
    'ID: from=<sender@e2e.test>, size=N, nrcpt=1 (queue active)' 'ID: removed' \
    'ID: from=<>, size=N, nrcpt=1 (queue active)' 'ID: removed'

send sender@e2e.test b@later.test
expect_lines "a deferral" 'ID: from=<sender@e2e.test>, size=N, nrcpt=1 (queue active)'

set_main maximal_queue_lifetime=0
instance_reload
timeout 20 postqueue -f
expect_lines "an expiry" \
    'warning: bounce_queue_lifetime is larger than maximal_queue_lifetime - adjusting bounce_queue_lifetime' \
    'ID: from=<sender@e2e.test>, size=N, nrcpt=1 (queue active)' \
    'ID: from=<sender@e2e.test>, status=expired, returned to sender' 'ID: removed' \
    'ID: from=<>, size=N, nrcpt=1 (queue active)' 'ID: removed'
