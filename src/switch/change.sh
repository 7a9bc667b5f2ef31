# shellcheck shell=bash
# --- the change, and the way back ----------------------------------------------------------------

# The phases. checking: nothing was changed. editing: changes are neither complete nor effective. trying:
# the new queue manager has to show that it works. returning: the files are put back. waiting: the files
# are as they should be, and effective. over.
stage=checking
fallback=no # did the old queue manager work when we began?
old_program='' new_program='' former_record=''

# The switch never ends halfway: after each signal that ends a program it first reaches a complete state.
catch_signals() {
    trap on_signal HUP INT QUIT TERM ALRM USR1 USR2 VTALRM PROF XCPU XFSZ IO PWR
    trap : PIPE # say() works without a reader
}

ignore_signals() {
    trap '' HUP INT QUIT TERM ALRM USR1 USR2 VTALRM PROF XCPU XFSZ IO PWR
}

on_signal() {
    case $stage in
    checking) exit 130 ;;
    editing)
        restore_files
        warn "interrupted: nothing was changed"
        exit 130
        ;;
    trying)
        warn "interrupted"
        give_up
        ;;
    returning | over) ;; # it continues to its end
    waiting) die "$E_STUCK" "interrupted: master.cf is as it shall be; whether it works was not waited for" ;;
    esac
}

# Programs that we start would also get the interrupt from the keyboard, and leave half a file.
restore_files() {
    local status
    ignore_signals
    put_files_back && put_record_back "$former_record"
    status=$?
    catch_signals
    return "$status"
}

# The new queue manager does not work. Go back to the old one only if that worked before.
give_up() {
    [ "$fallback" = no ] || roll_back
    stage=waiting
    reload
    warn "master.cf has $new_program now; $old_program did not work when we began, it is not put back"
    die "$E_STUCK" "$new_program does not run yet: see the log. To start it without a wait: $(restart_words)"
}

# Restores the backup copies.
roll_back() {
    local may_wait=no
    stage=returning
    warn "putting master.cf back as it was"
    restore_files || die "$E_STUCK" "cannot write $master_cf; the backup is $backup"
    master_pid >/dev/null || die "$E_STUCK" "master.cf is as it was, but Postfix is not running"
    queue_manager_pid "$new_program" >/dev/null || may_wait=yes
    ! failed_since_mark "$new_program" || may_wait=yes
    activate "$may_wait" || die "$E_STUCK" "master.cf is as it was, but Postfix must be reloaded"
    stage=waiting
    [ "$old_program" = "$new_program" ] || end_leftover "$new_program"
    log_set_mark
    wait_until_up "$old_program" '' "$(patience yes)" ||
        die "$E_STUCK" "master.cf is as it was, but $old_program does not run yet: see the log"
    stage=over
    remove_old_backups
    die "$E_ROLLED_BACK" "all is as it was: $old_program manages the queue, pid $new_pid"
}

# switch_to COMMAND EDIT: the same steps for on and off.
switch_to() {
    local old_pid='' may_wait=no
    old_program=$(program_of "$command")
    new_program=$(program_of "$1")
    log_set_mark
    if master_pid >/dev/null; then
        if is_well "$command"; then fallback=yes; else may_wait=yes; fi
        [ "$fallback" = yes ] || say "  way back       none: $old_program does not run, or does not answer"
        old_pid=$(queue_manager_pid "$old_program")
    fi
    take_backup
    former_record=$(cat "$record" 2>/dev/null)
    stage=editing
    if ! "$2" "$1" || [ "$(service_command)" != "$1" ]; then
        restore_files
        die "$E_CHECK" "cannot change $master_cf; nothing was changed"
    fi
    stage=trying
    say "  master.cf      $(shown "$(service_line)")"
    if ! master_pid >/dev/null; then
        stage=over
        say "Postfix is not running: $new_program will manage the queue from its start on."
        return
    fi
    try_it "$old_pid" "$may_wait" || give_up
    stage=over
    say "$new_program manages the queue now, pid $new_pid."
}

# try_it OLD-PID MAY-WAIT
try_it() {
    log_set_mark
    if activate "$2"; then
        # A process that hangs blocks the next one.
        [ "$2" = no ] || [ -z "$1" ] || [ "$old_program" = "$new_program" ] || end_leftover "$old_program"
        ! works "$new_program" "$1" "$(patience "$2")" || return 0
    fi
    trouble_in_log "$new_program" | indent >&2
    return 1
}
