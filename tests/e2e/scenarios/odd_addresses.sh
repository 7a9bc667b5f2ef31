# shellcheck shell=bash
# null sender, quoted and long local parts, domains in capitals, more recipients than one
instance_create
sink_start main
instance_start
long=$(printf 'x%.0s' {1..60})
printf 'Subject: odd\n\nbody\n' | timeout 30 sendmail -f '' -- '"two words"@main.test' \
    '"semi;colon"@MAIN.test' "$long@main.test" -minus@main.test 'a+b@Main.Test' 'per%cent@main.test'
wait_for_sink main 5
wait_for_empty_queue
expect_log_times 1 "activations" "$QMGR_IDENT [0-9A-F]+: from=<>, size=[0-9]+, nrcpt=6 \(queue active\)"
expect_log_times 5 "deliveries" 'smtp.*status=sent'
expect_log 'error.*to=<-minus@main.test>.*dsn=5.1.3, status=bounced \(bad address syntax\)'
for recipient in '"two words"' '"semi;colon"' "$long" a+b; do
    sink_recipients main | grep -qiF -- "$recipient@main.test" || fail "$recipient was left out"
done
# As qmgr writes it, for a sender that needs quotes.
printf 'Subject: odd\n\nbody\n' | sendmail -f '"two words"@e2e.test' last@main.test
wait_for_log "$QMGR_IDENT [0-9A-F]+: from=<\"two words\"@e2e.test>, size=[0-9]+, nrcpt=1"
