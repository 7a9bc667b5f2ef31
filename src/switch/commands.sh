# shellcheck shell=bash
# --- on and off ----------------------------------------------------------------------------------

# oqmgr is the round-robin scheduler; under this name eqmgr uses it, too.
successor_of() { # successor_of COMMAND
    if [ -n "$program" ]; then
        command_with "$program" "$1"
    elif is_ours "$1"; then
        printf '%s\n' "$1"
    elif [ "$(program_of "$1")" = oqmgr ]; then
        command_with eqmgr.d/oqmgr "$1"
    else
        command_with eqmgr "$1"
    fi
}

# The former command, as far as it is known.
predecessor() {
    local former=qmgr
    if command_of_line "$(recorded line)"; then
        return
    fi
    case $(program_of "$command") in */oqmgr) former=oqmgr ;; esac
    warn "no record of what was there before (switched by hand?); taking $former"
    command_with "$former" "$command"
}

# master.cf already names the wanted queue manager. Does that one run?
already() {
    local name
    name=$(program_of "$command")
    if ! master_pid >/dev/null; then
        say "$name is in master.cf already; Postfix is not running."
    elif queue_manager_pid "$name" >/dev/null; then
        say "$name manages the queue already, pid $(queue_manager_pid "$name")."
    else
        say "$name is in master.cf already, but does not run."
        start_already "$name"
    fi
}

# Usually after somebody has repaired a failure.
start_already() { # start_already PROGRAM
    local may_wait=yes
    if is_ours "$command"; then check_ours "$command"; else check_program "$1"; fi
    [ "$dry_run" = no ] || return 0
    log_set_mark
    ! is_well "$command" || may_wait=no
    new_program=$1
    stage=waiting
    log_set_mark
    if ! activate "$may_wait" || ! works "$1" '' "$(patience "$may_wait")"; then
        trouble_in_log "$1" | indent >&2
        die "$E_STUCK" "$1 does not run yet: see the log"
    fi
    stage=over
    say "$1 manages the queue now, pid $new_pid."
}

begin() {
    require_root
    take_lock
    catch_signals
    find_log
    check_probe
    say "instance $config_dir, Postfix $mail_version, queue $queue_dir"
}

would_replace() { # would_replace COMMAND
    say "would replace \"$command\" by \"$1\" in $master_cf, and reload"
    [ -z "$resolvers" ] || say "would have $resolvers resolvers of its own in $master_cf and $eqmgr_cf"
}

command_on() {
    local wanted
    begin
    wanted=$(successor_of "$command")
    if [ "$wanted" = "$command" ] &&
        { [ -z "$resolvers" ] || [ "$(resolver_names)" = "$(present_services)" ]; }; then
        already
        return
    fi
    check_ours "$wanted"
    check_resolvers
    check_postfix
    if [ "$dry_run" = yes ]; then
        would_replace "$wanted"
        return
    fi
    switch_to "$wanted" put_ours
    remove_old_backups
    say "To go back: eqmgr-switch off"
}

# Other queue managers know no rules: mail that eqmgr holds back is tried at its next time, and limits are no more.
name_rules() {
    local file kind number about until_s rest now_s effect
    file=$(value_of data_directory)/eqmgr-control
    [ -r "$file" ] || return 0
    now_s=$(date +%s)
    while read -r kind number about rest; do
        case $kind in
            suspend) effect="its mail will be tried: ${about/=/ }" ;;
            limit) effect="it ends: ${about/=/ } ${rest%% *}" ;;
            *) continue ;;
        esac
        until_s=" $rest" until_s=${until_s#* until=} until_s=${until_s%% *}
        [ "$until_s" = forever ] || [ "$until_s" -gt "$now_s" ] 2>/dev/null || continue
        warn "rule $number is not known there, $effect (${rest#*reason=})"
    done <"$file"
}

command_off() {
    local wanted
    begin
    if ! is_ours "$command"; then
        already
        [ "$dry_run" = yes ] || [ -n "$(present_services)" ] || rm -f "$record"
        return
    fi
    wanted=$(predecessor)
    check_program "$(program_of "$wanted")"
    check_postfix
    name_rules
    if [ "$dry_run" = yes ]; then
        would_replace "$wanted"
        return
    fi
    switch_to "$wanted" put_line_back
    rm -f "$record"
    remove_old_backups
}
