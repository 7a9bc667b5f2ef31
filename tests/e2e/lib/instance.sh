# shellcheck shell=bash
#
# A private Postfix instance below the directory $HERE: its own configuration, queue, data directory
# and log, on loopback ports of its own. Nothing outside of $HERE is written, and only processes that
# were started here are ended. MAIL_CONFIG makes all Postfix commands use it.
#
# $QMGR chooses the queue manager: "stock", or the path of a program. $POSTFIX, if it is set, is the
# directory of another Postfix than the installed one: its bin and sbin are below it.

: "${QMGR:?}" "${RUN_DIR:?}" "${HERE:?}"
if [ -n "${POSTFIX:-}" ]; then
    POSTFIX=$(realpath "$POSTFIX")
    PATH=$POSTFIX/bin:$POSTFIX/sbin:$PATH
fi
MASTER_PID=
STOPPED_GROUP=
QMGR_MAY_DIE=no

QMGR_IDENT='postfix/(qmgr|oqmgr)\[[0-9]+\]:'

# A port on which nobody listens. The mark in $RUN_DIR/ports keeps other instances from taking it, too;
# the range is below the ephemeral ports, so no client takes it meanwhile.
free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        if mkdir "$RUN_DIR/ports/$port" 2>/dev/null && ! port_answers "$port"; then
            echo "$port"
            return
        fi
    done
}

# helper_program NAME: the path of tests/e2e/NAME, built if need be. Other scenarios may want to build it at the same moment.
helper_program() {
    local program=${ROOT:-build}/release/tests/e2e/$1
    flock tests/e2e make -s MODE=release ROOT="${ROOT:-build}" "$program" >&2 || fail "no $program"
    echo "$program"
}

port_answers() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# Writes a configuration below $HERE, starts nothing.
instance_create() {
    local mailbox
    export MAIL_CONFIG=$HERE/etc
    mkdir -p "$HERE"/{etc,queue,data,mail,sinks,bin,sanitizer}
    chmod 755 "$HERE" "$HERE/queue"
    chown postfix "$HERE/data" "$HERE/sinks"
    chown nobody "$HERE/mail"
    chmod 1777 "$HERE/sanitizer"
    for mailbox in sender other postmaster; do
        install -o nobody -m 600 /dev/null "$HERE/mail/$mailbox"
    done
    SMTPD_PORT=$(free_port)
    : >"$HERE/etc/transport"
    write_main_cf >"$HERE/etc/main.cf"
    write_master_cf >"$HERE/etc/master.cf"
    import_sanitizer_options
    choose_queue_manager qmgr
    settle_configuration
}

# Mail for domains without a route is bounced, never looked up: nothing leaves the machine.
write_main_cf() {
    cat <<END
compatibility_level = 3.6
config_directory = $HERE/etc
queue_directory = $HERE/queue
data_directory = $HERE/data
maillog_file = $HERE/maillog
maillog_file_prefixes = $HERE
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
myhostname = mail.e2e.test
mydestination = e2e.test
myorigin = e2e.test
local_recipient_maps =
alias_database =
alias_maps = inline:{ {sender = $HERE/mail/sender} {other = $HERE/mail/other} {postmaster = $HERE/mail/postmaster} }
transport_maps = texthash:$HERE/etc/transport
default_transport = error:5.1.2 this test has no route to there
relay_transport = error:5.1.2 this test has no route to there
smtp_dns_support_level = disabled
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
END
    [ -z "${POSTFIX:-}" ] || cat <<END
daemon_directory = $POSTFIX/sbin
command_directory = $POSTFIX/bin
sendmail_path = $POSTFIX/bin/sendmail
mailq_path = $POSTFIX/bin/mailq
newaliases_path = $POSTFIX/bin/newaliases
meta_directory = $POSTFIX/sbin
shlib_directory = no
END
}

write_master_cf() {
    cat <<END
127.0.0.1:$SMTPD_PORT inet n - n - - smtpd
pickup     unix  n  -  n  60     1  pickup
cleanup    unix  n  -  n  -      0  cleanup
qmgr       unix  n  -  n  300    1  qmgr
rewrite    unix  -  -  n  -      -  trivial-rewrite
bounce     unix  -  -  n  -      0  bounce
defer      unix  -  -  n  -      0  bounce
trace      unix  -  -  n  -      0  bounce
verify     unix  -  -  n  -      1  verify
flush      unix  n  -  n  1000?  0  flush
proxymap   unix  -  -  n  -      -  proxymap
smtp       unix  -  -  n  -      -  smtp
showq      unix  n  -  n  -      -  showq
error      unix  -  -  n  -      -  error
retry      unix  -  -  n  -      -  error
discard    unix  -  -  n  -      -  discard
local      unix  -  n  n  -      -  local
anvil      unix  -  -  n  -      1  anvil
scache     unix  -  -  n  -      1  scache
postlog    unix-dgram n - n -    1  postlogd
END
}

# queue_manager_command NAME: the command field to run it as NAME, qmgr or oqmgr. master(8) starts
# programs outside of daemon_directory only by a relative path.
queue_manager_command() {
    local link=$HERE/bin/eqmgr
    if [ "$QMGR" = stock ]; then
        echo "$1"
        return
    fi
    [ "$1" = qmgr ] || link=$HERE/bin/$1
    ln -sf "$QMGR" "$link"
    realpath -s --relative-to="$(postconf -h daemon_directory)" "$link"
}

choose_queue_manager() {
    postconf -F "qmgr/unix/command=$(queue_manager_command "$1")"
    settle_configuration
}

# master(8) strips the environment, so a sanitized build has to be told where to write its reports.
# Leaks are not detected, because after setuid(2) the process must not be traced. GCC's
# undefined-behaviour sanitizer writes only the summary into the file.
import_sanitizer_options() {
    local options="log_path=$HERE/sanitizer/report:abort_on_error=0:detect_leaks=0"
    if [ "$QMGR" != stock ] && grep -q __asan_init "$QMGR"; then
        postconf -e "import_environment = $(postconf -dh import_environment) \
ASAN_OPTIONS=$options UBSAN_OPTIONS=$options:print_summary=1:report_error_type=1"
    fi
}

# set_main NAME=VALUE...; effective at the next start or reload.
set_main() {
    postconf -e "$@"
    settle_configuration
}

# set_master NAME/TYPE='whole line'...
set_master() {
    postconf -M "$@"
    settle_configuration
}

# Daemons wait until main.cf has not changed for a second; an older time stamp avoids the wait.
settle_configuration() {
    touch -d '1 minute ago' "$HERE"/etc/*
}

# route DOMAIN TRANSPORT:NEXTHOP
route() {
    printf '%s %s\n' "$1" "$2" >>"$HERE/etc/transport"
    settle_configuration
}

instance_start() {
    [ -z "$STOPPED_GROUP" ] || wait_for_stopped_group
    timeout 60 postfix start </dev/null >"$HERE/start.out" 2>&1 ||
        fail "postfix start: $(tail -n 1 "$HERE/start.out")"
    MASTER_PID=$(master_pid)
}

# Returns when the next queue manager runs: a request to the old one in its last moment would be lost.
instance_reload() {
    local before
    before=$(pids_of qmgr oqmgr eqmgr)
    timeout 60 postfix reload </dev/null >>"$HERE/start.out" 2>&1 || fail "postfix reload"
    wait_for 30 "the next queue manager" queue_manager_is_not "$before"
}

queue_manager_is_not() { # queue_manager_is_not PID
    local now
    now=$(pids_of qmgr oqmgr eqmgr)
    [ -n "$now" ] && [ "$now" != "$1" ]
}

master_pid() {
    tr -d ' ' <"$HERE/queue/pid/master.pid"
}

# pids_of COMMAND...: the instance's processes of these names. The kernel's list of children may leave some out while others end,
# so that there is none is believed the third time.
pids_of() {
    local pid name found=''
    for _ in 1 2 3; do
        while read -r -d ' ' pid; do
            name=$(cat "/proc/$pid/comm" 2>/dev/null) || continue
            case " $* " in *" $name "*) found+=$pid$'\n' ;; esac
        done <"/proc/$MASTER_PID/task/$MASTER_PID/children"
        [ -z "$found" ] || break
    done
    printf '%s' "$found"
}

# The queue manager's process id; empty if none runs (it is started on demand).
qmgr_pid() {
    pids_of qmgr oqmgr eqmgr
}

# restart_qmgr: kill -9, then a flush, which makes master(8) start the next one. If that is killed before it has served a
# trigger, the service is throttled: set service_throttle_time to a second in a scenario that kills more than once.
restart_qmgr() {
    local old
    old=$(qmgr_pid)
    [ -n "$old" ] || fail "no queue manager to kill"
    kill -KILL "$old"
    wait_for 30 "the end of the killed queue manager" qmgr_is_not "$old"
    timeout 20 postqueue -f
    wait_for 30 "a new queue manager" qmgr_runs
}

qmgr_is_not() {
    [ "$(qmgr_pid)" != "$1" ]
}

qmgr_runs() {
    [ -n "$(qmgr_pid)" ]
}

# The receiver may close after the first byte it reads; SIGPIPE would then end postkick(1).
kick() { # kick SERVICE REQUEST
    (trap '' PIPE && exec postkick public "$1" "$2")
}

# Without its master each daemon exits by itself (for the queue manager this is the orderly end). What is
# left of the session is then killed as a group, which has only this instance's processes.
instance_stop() {
    [ -n "${MASTER_PID:-}" ] || return 0
    local pid=$MASTER_PID qmgr deadline=$((SECONDS + 30))
    qmgr=$(qmgr_pid 2>/dev/null) || true
    MASTER_PID=
    kill -KILL "$pid" 2>/dev/null || true
    # shellcheck disable=SC2086 # words
    while [ "$SECONDS" -lt "$deadline" ] && one_runs "$pid" $qmgr; do
        sleep 0.05
    done
    kill -KILL -- "-$pid" 2>/dev/null || true
    STOPPED_GROUP=$pid
}

# Its ports are needed by the next one. Where nobody collects the dead they stay in the list: so not for long.
wait_for_stopped_group() {
    local round
    for ((round = 0; round < 40; round++)); do
        kill -0 -- "-$STOPPED_GROUP" 2>/dev/null || break
        sleep 0.05
    done
    STOPPED_GROUP=
}

one_runs() { # one_runs PID...
    local pid stat
    for pid; do
        stat=$(cat "/proc/$pid/stat" 2>/dev/null) || continue
        [[ $stat =~ \)\ [ZX] ]] || return 0
    done
    return 1
}

# For scenarios that kill the queue manager, or drive it to its end.
qmgr_may_die() {
    QMGR_MAY_DIE=yes
}

# What must be true at the end of every scenario: the queue manager logged no error of its own and
# did not die unexpectedly.
instance_check() {
    local report
    for report in "$HERE"/sanitizer/report*; do
        [ ! -e "$report" ] || fail "sanitizer: $(grep -m 1 -E 'ERROR|SUMMARY' "$report")"
    done
    expect_no_log "$QMGR_IDENT panic:"
    if [ "$QMGR_MAY_DIE" = no ]; then
        expect_no_log "$QMGR_IDENT fatal:"
        expect_no_log 'postfix/master.*process .*qmgr pid .* (exit status|killed by signal)'
    fi
}
