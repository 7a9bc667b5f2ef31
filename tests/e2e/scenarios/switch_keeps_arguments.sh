# shellcheck shell=bash
# eqmgr-switch keeps arguments and scheduler, and an edit of master.cf between on and off
# long
# shellcheck source=tests/e2e/lib/switch.sh
. tests/e2e/lib/switch.sh
switch_prepare 'oqmgr -o { defer_transports = one two } -o qmgr_clog_warn_time=1h'
sink_start main
instance_start
before=$(postconf -M qmgr/unix)
eqmgr_switch 0 on --probe a@main.test
expect_said 'delivery .*to=<a@main.test>.*status=sent'
expect 'eqmgr.d/oqmgr -o {defer_transports=one two} -o qmgr_clog_warn_time=1h' \
    "command" postconf -Fh qmgr/unix/command
expect oqmgr "program at work" running_program
expect_log 'postfix/oqmgr\['
set_master 'other/unix=other unix - - n - - smtp'
eqmgr_switch 0 off
expect "$before" "line of the queue manager" postconf -M qmgr/unix
expect 1 "services of the new name" sh -c 'postconf -M other/unix | wc -l'
expect oqmgr "program at work" running_program
wait_for_sink main 1
wait_for_empty_queue
