# shellcheck shell=bash
# with "chroot = y" in master.cf: deliveries, deferrals, bounces and a reload
instance_create
sink_start main
sink_reserve later
postconf -F 'qmgr/unix/chroot=y'
settle_configuration
instance_start
send sender@e2e.test a@main.test
wait_for_sink main 1
send sender@e2e.test nobody-of-that-name@e2e.test
send sender@e2e.test b@later.test
wait_for_mailbox sender '^Subject: Undelivered Mail'
wait_for_queue deferred 1
expect "$(realpath "$HERE/queue")" "root directory" readlink "/proc/$(qmgr_pid)/root"
instance_reload
sink_start later
timeout 20 postqueue -f
wait_for_sink later 1
wait_for_empty_queue
