# shellcheck shell=bash
# --- the running service -------------------------------------------------------------------------

new_pid=''

# Processes that postfix(1) leaves in the background must not keep the lock or one of our pipes open, and
# an interrupt from the keyboard must not end postfix(1) halfway.
run_postfix() { # run_postfix COMMAND
    local output status
    output=$(mktemp) || return 1
    setsid -w postfix "$1" </dev/null >"$output" 2>&1 9<&-
    status=$?
    [ "$status" -eq 0 ] || warn "postfix $1: $(cat "$output")"
    rm -f "$output"
    return "$status"
}

reload() {
    run_postfix reload
}

# The unit of systemd(1) that has started master(8), if there is one: systemd must do the restart then.
systemd_unit() {
    local master line id=''
    master=$(master_pid) && command -v systemctl >/dev/null || return 0
    systemctl show -p Id -p MainPID 'postfix*.service' 2>/dev/null | while IFS= read -r line; do
        case $line in
        Id=*) id=${line#Id=} ;;
        "MainPID=$master") main=yes ;;
        '') id='' main=no ;;
        esac
        if [ -n "$id" ] && [ "${main:-no}" = yes ]; then
            echo "$id"
            break
        fi
    done
}

restart_words() {
    local unit
    unit=$(systemd_unit)
    if [ -n "$unit" ]; then
        echo "systemctl restart $unit"
    else
        echo "postfix -c $config_dir stop; postfix -c $config_dir start"
    fi
}

# When master(8) ends, its wait ends, too.
restart() {
    local unit
    unit=$(systemd_unit)
    say "  restart        $(restart_words)"
    if [ -n "$unit" ]; then
        systemctl restart "$unit" </dev/null 9<&-
        return
    fi
    run_postfix stop
    run_postfix start || die "$E_STUCK" "Postfix is stopped, and does not start: see its log"
}

# Makes master.cf effective; with --now also if master(8) waits after a failed start.
activate() { # activate MAY-WAIT
    if [ "$1" = yes ] && [ "$now" = yes ]; then
        restart
        return
    fi
    reload || return 1
    [ "$1" = no ] || tell_of_wait
}

tell_of_wait() {
    local until
    until=$(throttled_until)
    [ -n "$until" ] || ! has_log || return 0
    say "  wait           after a failed start master(8) leaves a service alone" \
        "${until:+until $(clock_time "$until"), }for $throttle_s s; mail is kept meanwhile"
    say "                 to end that at once (--now does it): $(restart_words)"
}

# Requests a look at the incoming queue. This is harmless, starts the process if none runs, and returns when
# the request was read. A queue manager hangs up when it has read the letter, perhaps before postkick(1)
# has written its last byte: so a broken pipe also means yes.
kick() { # kick SECONDS
    local output status
    output=$(timeout "$1" postkick public "${service%/*}" I 2>&1)
    status=$?
    case $status:$output in 0:* | 141:* | *'Broken pipe'*) return 0 ;; *) return 1 ;; esac
}

answers() { # answers PID
    kick 5 && is_alive "$1"
}

# wait_until_up PROGRAM OLD-PID SECONDS: a failed start of the program ends the wait. Sets `new_pid`.
wait_until_up() {
    local deadline=$((SECONDS + $3)) told=$SECONDS
    while [ "$SECONDS" -lt "$deadline" ]; do
        kick 1 # master(8) starts a process for the request, even if nobody waits for an answer any more
        new_pid=$(queue_manager_pid "$1")
        if [ -n "$new_pid" ] && [ "$new_pid" != "$2" ] && answers "$new_pid"; then
            return 0
        fi
        ! failed_since_mark "$1" || return 1
        if [ $((SECONDS - told)) -ge 5 ]; then
            say "  ... waiting for $1, up to $((deadline - SECONDS)) s more"
            told=$SECONDS
        fi
        sleep 0.3
    done
    return 1
}

stays_up() { # stays_up PID
    local end=$((SECONDS + STEADY_S + 1)) # part of the current second may be over
    while [ "$SECONDS" -lt "$end" ]; do
        is_alive "$1" || return 1
        sleep 0.5
    done
    answers "$1"
}

# patience MAY-WAIT: how long a queue manager may take to start.
patience() {
    if [ "$1" = yes ]; then echo $((throttle_s + START_S)); else echo "$START_S"; fi
}

works() { # works PROGRAM OLD-PID SECONDS
    if ! wait_until_up "$1" "$2" "$3"; then
        warn "$1 does not start, or does not answer"
        return 1
    fi
    say "  started        $1, pid $new_pid; watching it for $STEADY_S s"
    stays_up "$new_pid" || { warn "$1 did not last" && return 1; }
    [ -z "$probe_to" ] || probe
}

# Does PROGRAM run, or start when it is called? If its start has just failed, or if we know that it is
# broken, it is not called: that would make master(8) wait again.
is_well() { # is_well COMMAND
    local name pid
    name=$(program_of "$1")
    pid=$(queue_manager_pid "$name")
    if [ -n "$pid" ]; then
        answers "$pid"
        return
    fi
    [ -z "$(program_trouble "$name")" ] && [ -z "$(throttled_until)" ] || return 1
    ! is_ours "$1" || settings_trouble "$1" >/dev/null || return 1
    wait_until_up "$name" '' "$WAKE_S"
}

# The message has no sender, so nobody gets a bounce. Any line of a delivery agent about it shows that the
# queue manager took it in, had it resolved and handed it out.
probe() {
    local id queue_id='' line='' deadline=$((SECONDS + 60))
    id="eqmgr-switch.$(date +%s).$$@$(value_of myhostname)"
    printf 'From: eqmgr-switch <>\nTo: %s\nSubject: test message of eqmgr-switch\nMessage-ID: <%s>\n\n%s\n' \
        "$probe_to" "$id" 'This message shows that the queue manager works. Nothing has to be done.' |
        "$(value_of sendmail_path)" -i -f '' "$probe_to" || { warn "the test message was refused" && return 1; }
    say "  test message   to $probe_to"
    while [ "$SECONDS" -lt "$deadline" ] && [ -z "$line" ]; do
        sleep 0.5
        queue_id=$(log_since_mark | sed -n "s/.* \([0-9A-Za-z]*\): message-id=<${id//./\\.}>.*/\1/p" | head -n 1)
        [ -z "$queue_id" ] || line=$(log_since_mark | grep -m 1 -E " $queue_id: to=<.*status=")
    done
    if [ -n "$line" ]; then
        say "  delivery       ${line#*: }"
    elif [ -z "$queue_id" ]; then # no queue manager can be blamed for a log that we cannot find
        warn "the test message is not in the log: it cannot be told what became of it"
    else
        warn "nothing happened to the test message $queue_id within a minute"
        return 1
    fi
}

# master(8) starts no other process before the last one is gone, and a process that hangs has not noticed
# that it should end.
end_leftover() { # end_leftover PROGRAM
    local pid signal
    for signal in 0 TERM KILL; do
        pid=$(queue_manager_pid "$1") || return 0
        kill "-$signal" "$pid" 2>/dev/null || return 0
        sleep 2
    done
}
