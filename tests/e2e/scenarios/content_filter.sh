# shellcheck shell=bash
# mail goes through a content filter and comes back
instance_create
sink_start main
filter_port=$(free_port)
set_main "content_filter=smtp:[127.0.0.1]:$filter_port"
set_master "127.0.0.1:$filter_port/inet=127.0.0.1:$filter_port inet n - n - 10 smtpd \
-o content_filter= -o myhostname=filter.e2e.test \
-o receive_override_options=no_unknown_recipient_checks,no_address_mappings"
instance_start
flood 20 5 to@main.test
wait_for_sink main 20
wait_for_empty_queue
expect_flood_at_sink main 20 to@main.test
expect_log_times 20 "deliveries to the filter" \
    "to=<[0-9]*to[0-9]*@main.test>, relay=127.0.0.1\[127.0.0.1\]:$filter_port,.*status=sent"
expect_log_times 40 "activations" "$QMGR_IDENT .*\(queue active\)"
