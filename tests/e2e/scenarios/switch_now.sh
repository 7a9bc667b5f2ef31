# shellcheck shell=bash
# eqmgr-switch --now does not wait for master: off with the program gone, on after a repair
# long
# shellcheck source=tests/e2e/lib/switch.sh
. tests/e2e/lib/switch.sh
# Pretends that systemd has started this instance, one of three.
fake_systemctl() {
    cat >"$HERE/bin/systemctl" <<FAKE
#!/bin/sh
case \$1:\$2 in
show:*) printf 'MainPID=0\nId=postfix.service\n\nId=postfix@x.service\nMainPID=$MASTER_PID\n\nId=postfix@y.service\nMainPID=1\n' ;;
restart:postfix@x.service) postfix stop; postfix start ;;
*) exit 1 ;;
esac
FAKE
    chmod 755 "$HERE/bin/systemctl"
    PATH=$HERE/bin:$PATH
}

switch_prepare qmgr
sink_start main
qmgr_may_die
instance_start
eqmgr_switch 0 on
set_main service_throttle_time=1h
echo 'eqmgr_scheduler = lottery' >"$HERE/etc/eqmgr.cf"
instance_break_qmgr
wait_for_log "libexec/eqmgr: bad command startup -- throttling"
send sender@e2e.test a@main.test
rm "$HERE/etc/eqmgr.cf"
fake_systemctl
eqmgr_switch 0 on --now
expect_said 'restart +systemctl restart postfix@x.service'
master_has_changed
rm "$HERE/bin/systemctl"
expect eqmgr "program at work" running_program
wait_for_sink main 1

# The program file is gone while the process runs: status says so before it is needed.
mv "$HERE/libexec/eqmgr" "$HERE/eqmgr.gone"
eqmgr_switch 0 status
expect_said 'attention +.*/libexec/eqmgr: there is no such program'
instance_break_qmgr
wait_for_log "exec .*/libexec/eqmgr: No such file or directory"
wait_for 30 "the second throttling" log_has_times 2 "libexec/eqmgr: bad command startup -- throttling"
eqmgr_switch 11 status
expect_said 'attention +.*/libexec/eqmgr: there is no such program'
expect_said '^because +.*No such file or directory'
eqmgr_switch 1 on
expect_said 'there is no such program'
send sender@e2e.test b@main.test
eqmgr_switch 0 off --now
master_has_changed
expect_master_cf_unchanged
expect qmgr "program at work" running_program
eqmgr_switch 10 status
wait_for_sink main 2
wait_for_empty_queue

# An error that no check finds: a failed attempt makes master wait, too.
fake_program dies 'exit 1'
set_main service_throttle_time=1h
eqmgr_switch 3 on --now --program dies
master_has_changed
expect_master_cf_unchanged
expect qmgr "program at work" running_program
