# shellcheck shell=bash
# address verification probes are answered and leave no mail
instance_create
sink_start main
set_main smtpd_recipient_restrictions=reject_unverified_recipient unverified_recipient_reject_code=550
instance_start
smtp_dialogue 'EHLO client.e2e.test' 'MAIL FROM:<sender@e2e.test>' 'RCPT TO:<a@main.test>' QUIT
expect_log 'to=<a@main.test>.*status=deliverable'
# Here it must fail.
(VERDICT=/dev/null smtp_dialogue 'EHLO client.e2e.test' 'MAIL FROM:<sender@e2e.test>' \
    'RCPT TO:<nobody-of-that-name@e2e.test>' QUIT) && fail "the unknown address was accepted"
expect_log 'to=<nobody-of-that-name@e2e.test>.*status=undeliverable'
wait_for_empty_queue
expect 0 "deliveries" sink_count main
