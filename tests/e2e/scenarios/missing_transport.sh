# shellcheck shell=bash
# mail for a transport that is missing from master.cf waits until it is there
instance_create
route absent.test absent:somewhere
instance_start
send sender@e2e.test a@absent.test
wait_for_queue deferred 1
expect_log "$QMGR_IDENT warning: connect to transport private/absent: No such file or directory"
expect_log 'to=<a@absent.test>.*dsn=4.3.0, status=deferred \(mail transport unavailable\)'
set_master 'absent/unix=absent unix - - n - - discard'
instance_reload
timeout 20 postqueue -f
wait_for_empty_queue
expect_log 'postfix/discard.*to=<a@absent.test>.*status=sent'
