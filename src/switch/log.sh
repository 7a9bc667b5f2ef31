# shellcheck shell=bash
# --- the log -------------------------------------------------------------------------------------

RECENT_LINES=20000 # of a log: enough for the last minutes

log_file='' log_offset=0 log_start=0 log_journal=no

# With maillog_file, the log is that file. Otherwise syslog writes a file, the journal, or both; one of
# them may be unused.
find_log() {
    local file
    log_file=$(value_of maillog_file)
    if [ -z "$log_file" ]; then
        for file in /var/log/mail.log /var/log/maillog; do
            [ ! -r "$file" ] || log_file=$file
        done
        ! journalctl -q -n 1 2>/dev/null | grep -q . || log_journal=yes
    fi
    { [ -f "$log_file" ] && [ -r "$log_file" ]; } || log_file=''
}

has_log() {
    [ -n "$log_file" ] || [ "$log_journal" = yes ]
}

log_set_mark() {
    log_start=$(date +%s)
    [ -z "$log_file" ] || log_offset=$(stat -c %s "$log_file")
}

log_since_mark() {
    [ -z "$log_file" ] || tail -c "+$((log_offset + 1))" "$log_file"
    [ "$log_journal" = no ] || journalctl -q --no-pager --since "@$log_start" 2>/dev/null
}

recent_log() {
    [ -z "$log_file" ] || tail -n "$RECENT_LINES" "$log_file"
    [ "$log_journal" = no ] ||
        journalctl -q --no-pager -o short-iso --since -1h -n "$RECENT_LINES" 2>/dev/null
}

# Lines about a queue manager, or its start, that explain a failure.
trouble_in_log() { # trouble_in_log PROGRAM
    log_since_mark | grep -E "/(qmgr|oqmgr|eqmgr|master)\[[0-9]+\]: " |
        grep -E ": (fatal|panic|error): |/${1//./\\.}( |:)" | tail -n 5
}

failed_since_mark() { # failed_since_mark PROGRAM
    log_since_mark | grep -qF ": warning: $daemon_dir/$1: bad command startup"
}

# When a line was written, in seconds. The old form has no year.
time_of_line() { # time_of_line LINE
    local stamp=${1:0:15} at
    [[ ! $1 =~ ^[0-9]{4}- ]] || stamp=${1%% *}
    at=$(date -d "$stamp" +%s 2>/dev/null) || return 1
    [ "$at" -le $(($(date +%s) + 86400)) ] || at=$(date -d "$stamp last year" +%s)
    echo "$at"
}

# A throttle holds for the service, whichever program caused it. master(8) logs the program only, so the
# line is ours if no other service has that program.
programs_of_others() {
    local field name _
    postconf -F '*/*/command' 2>/dev/null | while read -r field _ name _; do
        [ "$field" = "$service/command" ] || printf '%s: bad command startup\n' "$daemon_dir/$name"
    done
}

# The last failed start under the present master(8); a throttle does not outlive its master. Sets
# `failed_at` (empty: none) and `failed_why`.
find_failure() {
    local master log line program pid
    failed_at='' failed_why=''
    master=$(master_pid) && has_log || return 1
    log=$(recent_log | grep -F "[$master]: warning: ")
    line=$(grep -F ': bad command startup -- throttling' <<<"$log" | grep -vF "$(programs_of_others)" | tail -n 1)
    [ -n "$line" ] && failed_at=$(time_of_line "$line") || return 1
    program=${line#*": warning: "}
    line=$(grep -F ": process ${program%": bad command"*} pid " <<<"$log" | tail -n 1)
    pid=${line#*" pid "}
    failed_why=$(recent_log | grep -E "\[${pid%% *}\]: (fatal|panic|error): " | tail -n 1)
    failed_why=${failed_why:-$line}
    failed_why=${failed_why#*"]: "}
}

# The time when master(8) tries again; empty if it does not wait, as far as the log shows.
throttled_until() {
    local failed_at failed_why
    find_failure || return 0
    [ "$(date +%s)" -gt $((failed_at + throttle_s)) ] || echo $((failed_at + throttle_s))
}

clock_time() { # clock_time SECONDS
    date -d "@$1" +%T
}
