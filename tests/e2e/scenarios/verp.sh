# shellcheck shell=bash
# VERP: each recipient gets its own sender, bounces too
instance_create
sink_start main
set_main smtpd_authorized_verp_clients=127.0.0.1 recipient_delimiter=+
instance_start
send sender@e2e.test a@main.test -XV
printf 'Subject: list\n\nbody\n' | sendmail -XV -f sender@e2e.test b@main.test c@main.test
smtp_dialogue 'EHLO client.e2e.test' 'MAIL FROM:<sender@e2e.test> XVERP=-=' 'RCPT TO:<d@main.test>' \
    'RCPT TO:<e@main.test>' DATA 'Subject: list' '' . QUIT
wait_for_sink main 5
expect 5 "deliveries of single recipients" sink_messages main
for sender in sender+a=main.test sender+b=main.test sender+c=main.test sender-d=main.test \
    sender-e=main.test; do
    sink_senders main | grep -qx "$sender@e2e.test" || fail "no mail from $sender@e2e.test"
done
send sender@e2e.test nobody-of-that-name@e2e.test -XV
wait_for_mailbox sender '^X-Original-To: sender\+nobody-of-that-name=e2e.test@e2e.test'
wait_for_empty_queue
