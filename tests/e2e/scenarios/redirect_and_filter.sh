# shellcheck shell=bash
# REDIRECT replaces all recipients, FILTER the way to go
instance_create
sink_start main
sink_start other
actions="{redirect@e2e.test = REDIRECT somebody@main.test}"
actions+=" {filter@e2e.test = FILTER smtp:[127.0.0.1]:${SINK_PORT[other]}}"
set_main "smtpd_sender_restrictions=check_sender_access inline:{ $actions }"
instance_start
smtp_dialogue 'EHLO client.e2e.test' 'MAIL FROM:<redirect@e2e.test>' 'RCPT TO:<a@main.test>' \
    'RCPT TO:<b@other.test>' DATA 'Subject: redirected' '' . QUIT
wait_for_sink main 1
wait_for_empty_queue
expect somebody@main.test "recipients of the redirected message" sink_recipients main
expect 0 "recipients at the other sink" sink_count other

smtp_dialogue 'EHLO client.e2e.test' 'MAIL FROM:<filter@e2e.test>' 'RCPT TO:<c@main.test>' \
    'RCPT TO:<other@e2e.test>' DATA 'Subject: filtered' '' . QUIT
wait_for_sink other 2
wait_for_empty_queue
expect $'c@main.test\nother@e2e.test' "recipients of the filtered message" sorted_recipients other
expect 1 "deliveries to the first sink" sink_count main
