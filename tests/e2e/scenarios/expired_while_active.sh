# shellcheck shell=bash
# mail that is declared expired during its deliveries is returned for all remaining recipients, after a reload
[ "$QMGR" != stock ] || skip "stock forgets recipients that the defer log does not tell of"
instance_create
sink_start slow
sink_hold slow
sink_reserve later
postconf -M 'slow/unix=slow unix - - n - 1 smtp'
route slow.test "slow:[127.0.0.1]:${SINK_PORT[slow]}"
sed -i '/^slow.test smtp:/d' "$HERE/etc/transport"
settle_configuration
instance_start
send sender@e2e.test first@slow.test
wait_for_delivery_to slow
# b waits for the one process of the transport, a is deferred at once
printf 'Subject: two\n\nbody\n' | sendmail -f other@e2e.test a@later.test b@slow.test
wait_for_log 'to=<a@later.test>.*status=deferred'
id=$(queue_id_of_recipient b@slow.test | head -n 1)
postsuper -e "$id"
instance_reload
wait_for_log "$QMGR_IDENT warning: $id: not all recipients were returned: trying again"
wait_for_mailbox other '^Final-Recipient: rfc822; a@later.test' 1
wait_for_mailbox other '^Final-Recipient: rfc822; b@slow.test' 1
wait_for_log "$QMGR_IDENT $id: removed"
expect 1 "notices for a" mailbox_count other '^Final-Recipient: rfc822; a@later.test'
expect 1 "notices for b" mailbox_count other '^Final-Recipient: rfc822; b@slow.test'
