# shellcheck shell=bash
# in the sandbox mail moves, with a queue directory elsewhere, too; log names no call; no is open

[[ $QMGR != stock ]] || skip "this is about eqmgr"
ldd "$QMGR" | grep -q libasan && skip "a sanitizer makes calls of its own"
# shellcheck source=tests/e2e/lib/ctl.sh
. "$E2E/lib/ctl.sh"

# What the kernel says about the running queue manager: Seccomp, NoNewPrivs.
state() {
    awk -v field="$1:" '$1 == field { print $2 }' "/proc/$(qmgr_pid)/status"
}

# A directory as Postfix makes it.
make_queue() {
    install -d -o postfix -m 700 "$1"
}

mail_moves() { # mail_moves NAME DIRECTORY: is deferred into it, held by a rule, let go and delivered
    send sender@e2e.test "$1@later.test"
    wait_for_log "to=<$1@later.test>.*status=deferred"
    wait_for 30 "the message in deferred" has_files "$2"
    says 0 suspend suspend later.test --new --for 1h --reason test
    says 0 '' resume later.test
    sink_start later
    timeout 20 postqueue -f
    wait_for_log "to=<$1@later.test>.*status=sent"
    wait_for_empty_queue
    sink_stop later
    says 0 'process_resident_memory_bytes [1-9]' metrics
}

has_files() {
    [ -n "$(find "$1" -type f)" ]
}

instance_create
sink_reserve later
mkdir -p "$HERE/elsewhere"
chmod 755 "$HERE/elsewhere"
make_queue "$HERE/elsewhere/deferred"
rm -rf "$HERE/queue/deferred"
ln -s "$HERE/elsewhere/deferred" "$HERE/queue/deferred"
instance_start
send sender@e2e.test sender@e2e.test
wait_for_mailbox sender '^Subject'
if log_has 'sandbox: .*seccomp \('; then
    skip "no sandbox here: $(grep -o 'not in force: .*' "$HERE/maillog" | head -n 1)"
fi
expect 1 "no new privileges" state NoNewPrivs
expect 2 "a filter of system calls" state Seccomp
# shellcheck disable=SC2016 # a field of awk
expect 0 "soft limit of core files" awk '/^Max core/ { print $5 }' "/proc/$(qmgr_pid)/limits"
mail_moves linked "$HERE/elsewhere/deferred"

# An administrator puts it back while the queue manager runs.
rm "$HERE/queue/deferred"
make_queue "$HERE/queue/deferred"
mail_moves replaced "$HERE/queue/deferred"

printf 'eqmgr_sandbox = log\neqmgr_core_dump = yes\n' >"$HERE/etc/eqmgr.cf"
instance_reload
wait_for_log 'sandbox: in force: core dumps, .*, others are logged'
mail_moves logged "$HERE/queue/deferred"
expect_no_log 'sandbox: system call'

echo 'eqmgr_sandbox = no' >"$HERE/etc/eqmgr.cf"
instance_reload
wait_for_log 'sandbox: in force: no core dumps; not in force: all else \(eqmgr_sandbox is no\)'
expect 0 "a filter of system calls" state Seccomp
mail_moves free "$HERE/queue/deferred"
