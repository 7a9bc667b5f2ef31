# shellcheck shell=bash
# a queue manager that starts a program ends, with the call in its last line; the mail is not lost

[[ $QMGR != stock ]] || skip "this is about eqmgr"
ldd "$QMGR" | grep -q libasan && skip "a sanitizer makes calls of its own"
qmgr_may_die
command -v cc >/dev/null || skip "there is no compiler"

# A library that takes over the queue manager: once for each file defer/trap, when it opens a message.
instance_create
cat >"$HERE/bin/intruder.c" <<'END'
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

int flock(int fd, int operation)
{
    char *const words[] = {"true", NULL}, *const none[] = {NULL};

    if (unlink("defer/trap") == 0)
        (void)execve("/bin/true-or-not", words, none);
    return (int)syscall(SYS_flock, fd, operation);
}
END
cc -shared -fPIC -o "$HERE/bin/intruder.so" "$HERE/bin/intruder.c"
rm -f "$HERE/bin/eqmgr"
printf '#!/bin/sh\nLD_PRELOAD=%s exec %s "$@"\n' "$HERE/bin/intruder.so" "$(realpath "$QMGR")" >"$HERE/bin/eqmgr"
chmod 755 "$HERE/bin/eqmgr" "$HERE/bin"
set_main service_throttle_time=2s
sink_start main
instance_start
send sender@e2e.test before@main.test
wait_for_sink main 1
if log_has 'sandbox: .*seccomp \('; then
    skip "no filter here: $(grep -o 'not in force: .*' "$HERE/maillog" | head -n 1)"
fi

before=$(qmgr_pid)
touch "$HERE/queue/defer/trap"
send sender@e2e.test during@main.test
wait_for_log "$QMGR_IDENT fatal: sandbox: system call execve is not allowed"
wait_for_log "postfix/master.*process .*eqmgr pid $before exit status 1"
timeout 20 postqueue -f # which makes master(8) start the next one
wait_for 30 "the next queue manager" queue_manager_is_not "$before"
wait_for_sink main 2
wait_for_empty_queue
expect_log_times 1 "deliveries of the message" 'to=<during@main.test>.*status=sent'

echo 'eqmgr_sandbox = log' >"$HERE/etc/eqmgr.cf"
instance_reload
touch "$HERE/queue/defer/trap"
send sender@e2e.test after@main.test
wait_for_sink main 3
wait_for_log "$QMGR_IDENT warning: sandbox: system call execve would not be allowed"
expect_log_times 1 "ends by the sandbox" 'sandbox: system call execve is not allowed'
