# shellcheck shell=bash
# a delivery agent that dies, or talks nonsense, defers its mail
instance_create
cat >"$HERE/bin/nonsense" <<'END'
#!/bin/sh
printf 'protocol\0nonsense\0\0'
exec cat >/dev/null
END
chmod 755 "$HERE/bin/nonsense"
sink_start slow
sink_hold slow
route nonsense.test nonsense:somewhere
set_master 'nonsense/unix=nonsense unix - n n - - spawn user=nobody argv='"$HERE/bin/nonsense"
set_main service_throttle_time=1s # for an agent that has never finished a request
instance_start
send sender@e2e.test a@slow.test
wait_for_delivery_to slow
mapfile -t agents < <(pids_of smtp)
kill -KILL "${agents[@]}"
send sender@e2e.test b@nonsense.test
wait_for_queue deferred 2
expect_log "$QMGR_IDENT warning: private/smtp socket: (malformed response|premature disconnect)"
expect_log "$QMGR_IDENT warning: unexpected protocol nonsense from private/nonsense socket"

sink_stop slow
sink_start slow
set_master 'nonsense/unix=nonsense unix - - n - - discard'
instance_reload
flush_until_empty
expect 1 "deliveries after the crash" sink_count slow
expect_log_times 1 "deliveries after the nonsense" 'discard.*to=<b@nonsense.test>.*status=sent'
