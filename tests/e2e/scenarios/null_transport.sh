# shellcheck shell=bash
# a line of a table has no transport: its mail is deferred, all other mail goes on
[ "$QMGR" != stock ] || skip 'the stock queue manager asks for this one address for ever, and for no other'
instance_create
sink_start main
set_main 'sender_dependent_default_transport_maps=inline:{ {sender@e2e.test = :} }'
settle_configuration
instance_start
send sender@e2e.test u@any.test
wait_for_log 'to=<u@any.test>.*status=deferred .address resolver failure'
timeout 60 smtp-source -4 -s 10 -m 300 -N -f other@e2e.test -t u@main.test "127.0.0.1:$SMTPD_PORT"
wait_for_sink main 300
timeout 20 postqueue -f
wait_for 30 "the second attempt" log_has_times 2 'to=<u@any.test>.*status=deferred .address resolver failure'
expect_no_log 'null transport result'
