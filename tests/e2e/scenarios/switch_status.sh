# shellcheck shell=bash
# eqmgr-switch status tells the truth: before the first start, without root, during a start
# long
# shellcheck source=tests/e2e/lib/switch.sh
. tests/e2e/lib/switch.sh
switch_prepare eqmgr

eqmgr_switch 11 status
expect_said 'none: Postfix is not running'
expect_said 'hold 0'
status_as_nobody 11
expect_said 'none: Postfix is not running'
instance_start
wait_for 30 "a queue manager" qmgr_runs
eqmgr_switch 0 status
status_as_nobody 0
expect_said "^queue manager +eqmgr .*pid $(qmgr_pid), since "
expect_said 'active \?'

# After an upgrade of Postfix.
echo 'eqmgr_postfix_release = 3.99' >"$HERE/etc/eqmgr.cf"
eqmgr_switch 0 status
expect_said 'attention +it takes Postfix .* for release 3.99: see eqmgr_postfix_release'
echo 'eqmgr_scheduler = lottery' >"$HERE/etc/eqmgr.cf"
eqmgr_switch 0 status
expect_said 'attention +it does not accept the configuration: .*lottery'
rm "$HERE/etc/eqmgr.cf"

# A pid file that cannot be read, and no other sign: status must not say "not running".
chmod 700 "$HERE/queue/pid"
status_as_nobody 12
expect_said 'unknown: only root can tell'
chmod 755 "$HERE/queue/pid"

# status reports an edit that is not effective; a queue manager that starts meanwhile is not taken for one.
postconf -F qmgr/unix/command=qmgr
eqmgr_switch 11 status
expect_said 'master.cf has changed: "postfix reload"'
postconf -F qmgr/unix/command=eqmgr
sed '/^find_instance$/,$d' "$HERE/eqmgr-switch" >"$HERE/functions"
cat >"$HERE/look" <<'LOOK'
. "$1" status
find_instance
children_of_master() {
    [ ! -e "$2.seen" ] || echo "$PPID eqmgr"
    : >"$2.seen"
}
command_status
LOOK
sed -i "s|\$2.seen|$HERE/seen|g" "$HERE/look"
MAIL_CONFIG=$HERE/etc bash "$HERE/look" "$HERE/functions" >"$HERE/said" 2>&1 || true
cat "$HERE/said"
expect_said 'none now: master'
if grep -q 'has changed' "$HERE/said"; then
    fail "master.cf has not changed"
fi
