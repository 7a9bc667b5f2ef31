# shellcheck shell=bash
# --- status --------------------------------------------------------------------------------------

RELOAD_S=1 # between the end of one queue manager and the start of the next

# A directory that Postfix has not made yet counts as empty.
queue_counts() {
    local queue count line=''
    for queue in maildrop incoming active deferred hold corrupt; do
        count='?'
        if [ -r "$queue_dir/$queue" ]; then
            count=$(find "$queue_dir/$queue" -type f 2>/dev/null | wc -l)
        elif [ -x "$queue_dir" ] && [ ! -e "$queue_dir/$queue" ]; then
            count=0
        fi
        line+="${line:+, }$queue $count"
    done
    echo "$line"
}

version_of() { # version_of PROGRAM
    if [ -n "$(program_trouble "$1")" ]; then
        echo "$1"
    elif is_ours "$1"; then
        timeout 10 "$daemon_dir/$1" --version </dev/null 2>&1 | head -n 1
    else
        echo "$1 of Postfix $mail_version"
    fi
}

# find_running PROGRAM: sets `running` and `running_pid`, of PROGRAM if that runs, else of a queue manager
# that runs although master.cf names another. All processes are listed once: between two lists one could
# start.
find_running() {
    local pid name
    running='' running_pid=''
    while read -r pid name; do
        if [ "$name" = "$1" ]; then
            running=$name running_pid=$pid
            return
        fi
        case $name in
        qmgr | oqmgr | nqmgr) ;;
        *) is_ours "$name" || continue ;;
        esac
        running=$name running_pid=$pid
    done < <(children_of_master)
}

command_status() {
    local name status=$E_MISMATCH running='' running_pid='' master
    find_log
    name=$(program_of "$command")
    echo "instance        $config_dir, Postfix $mail_version"
    echo "master.cf       $(shown "$(service_line)")"
    master=$(master_pid)
    case $? in
    0) show_queue_manager "$name" "$master" ;;
    1) echo "queue manager   none: Postfix is not running" ;;
    *) echo "queue manager   unknown: only root can tell" && status=$E_UNKNOWN ;;
    esac
    if [ -n "$running" ] && [ "$running" = "$name" ]; then
        if is_ours "$name"; then status=0; else status=$E_OTHER; fi
    fi
    show_program_trouble "$name"
    show_record
    echo "queues          $(queue_counts)"
    return "$status"
}

# show_queue_manager NAME MASTER-PID: sets `running` and `running_pid` for its caller.
show_queue_manager() {
    local before
    find_running "$1"
    before=$running_pid
    if [ -n "$running" ] && [ "$running" != "$1" ]; then # perhaps a reload has just ended it
        sleep "$RELOAD_S"
        find_running "$1"
    fi
    if [ -z "$running" ]; then
        show_absence "$1" "$2"
        return
    fi
    [ "$running" = "$1" ] || [ "$running_pid" != "$before" ] ||
        echo "attention       master.cf has changed: \"postfix reload\" makes it effective"
    echo "queue manager   $(version_of "$running"), pid $running_pid, since $(started_at "$running_pid")"
    case $(readlink "/proc/$running_pid/exe" 2>/dev/null) in
    *' (deleted)') [ ! -e "$daemon_dir/$running" ] ||
        echo "attention       its program file was replaced: \"postfix reload\" starts the new one" ;;
    esac
}

show_absence() { # show_absence NAME MASTER-PID
    local failed_at failed_why
    if ! has_log; then
        echo "queue manager   none now: master(8), pid $2, starts it when there is mail, or waits after a" \
            "failed start (only a mail log could tell, and none can be read)"
    elif ! find_failure; then
        echo "queue manager   none now: master(8), pid $2, starts it when there is mail"
    elif [ "$(date +%s)" -le $((failed_at + throttle_s)) ]; then
        echo "queue manager   none: throttled since $(clock_time "$failed_at")," \
            "again at $(clock_time $((failed_at + throttle_s)))"
        echo "because         $failed_why"
        [ -n "$(program_trouble "$1")" ] || echo "attention       to try again at once: $(restart_words)"
    else
        echo "queue manager   none now: master(8), pid $2, tries again when there is mail"
        echo "last failure    at $(clock_time "$failed_at"): $failed_why"
    fi
}

# Shows what would prevent the next start, even if everything works now.
show_program_trouble() { # show_program_trouble NAME
    local trouble
    trouble=$(program_trouble "$1")
    if [ -n "$trouble" ]; then
        echo "attention       $trouble: without it no mail moves; \"eqmgr-switch off --now\"" \
            "puts back what was there before"
    elif is_ours "$1" && [ "$(id -u)" -eq 0 ]; then # others may not be allowed to read all of it
        trouble=$(release_trouble "$command")
        [ -z "$trouble" ] || echo "attention       $trouble"
    fi
}

show_record() {
    is_ours "$command" && [ -n "$(recorded line)" ] || return 0
    echo "switched on     $(recorded since), backup $(recorded backup)"
    echo "before          $(shown "$(recorded line)")"
    [ -z "$(recorded services)" ] || echo "resolvers       $(recorded services)"
}
