# shellcheck shell=bash
# --- checks before anything is touched -----------------------------------------------------------

require_root() {
    [ "$(id -u)" -eq 0 ] || die "$E_CHECK" "only root can change this"
}

# Only one switch runs at a time, even if two administrators start one.
take_lock() {
    exec 9<"$config_dir"
    flock -n 9 || die "$E_CHECK" "another eqmgr-switch is at work in $config_dir"
}

# "3.7.11", "3.11-20250101": the release alone, for a comparison of numbers.
release_number() { # release_number VERSION
    local major minor
    IFS=. read -r major minor _ <<<"$1"
    minor=${minor%%[!0-9]*}
    [[ "$major" =~ ^[0-9]+$ && -n "$minor" ]] && echo $((major * 100 + minor))
}

check_release() {
    local release
    release=$(release_number "$mail_version") ||
        die "$E_CHECK" "cannot tell the release of Postfix from \"$mail_version\""
    [ "$release" -ge "$OLDEST_RELEASE" ] ||
        die "$E_CHECK" "Postfix $mail_version is too old: eqmgr needs 3.6 or later"
}

# program_trouble NAME: prints why master(8) cannot run the program; nothing if it can.
program_trouble() {
    local path=$daemon_dir/$1
    if [ ! -f "$path" ]; then
        echo "$path: there is no such program"
    elif [ ! -x "$path" ]; then
        echo "$path: not executable"
    fi
}

check_program() { # check_program NAME
    local path=$daemon_dir/$1 trouble
    trouble=$(program_trouble "$1")
    [ -z "$trouble" ] || die "$E_CHECK" "$trouble"
    [ "$(stat -L -c %u "$path")" -eq 0 ] || die "$E_CHECK" "$path: not owned by root"
    case $(stat -L -c %A "$path") in
    ?????w* | ????????w*) die "$E_CHECK" "$path: others may write to it" ;;
    esac
}

# A program that runs with root's rights must be what it claims to be, and must start.
check_version() { # check_version NAME
    local version
    version=$(timeout 10 "$daemon_dir/$1" --version </dev/null 2>&1) ||
        die "$E_CHECK" "$daemon_dir/$1 --version does not work: $version"
    say "  program        $daemon_dir/$1: $version"
}

# try_program COMMAND QUEUE-DIRECTORY OPTION...: runs the program with its arguments and these options,
# away from the real log. A program outside of daemon_directory finds Postfix by its parent, master(8).
# Here we are the parent, so we pass the directory.
try_program() {
    local -a arguments
    local path queue=$2
    path=$daemon_dir/$(program_of "$1")
    split_arguments "$1"
    shift 2
    [ -f "$(dirname "$(readlink -f "$path")")/master" ] || set -- "$@" -o "daemon_directory=$daemon_dir"
    cd / && MAIL_LOGTAG=eqmgr-switch timeout 20 "$path" "$@" -V -n "${service%/*}" "${arguments[@]}" \
        -o "queue_directory=$queue" -o syslog_name=eqmgr-switch -o maillog_file=
}

# settings_trouble COMMAND: lets the program read the configuration, with the arguments that it will
# get, and serve one request in an empty queue directory of its own. A typo in eqmgr.cf is found here, not
# in the real queue. Prints what the program says; the status is 0 if it worked.
settings_trouble() {
    local scratch status
    scratch=$(mktemp -d) || die "$E_CHECK" "cannot make a temporary directory"
    mkdir "$scratch"/{active,incoming,deferred,defer,bounce,trace,private,public}
    echo I | (try_program "$1" "$scratch" -S -l) 2>&1
    status=$?
    rm -rf "$scratch"
    return "$status"
}

check_settings() { # check_settings COMMAND
    local output
    output=$(settings_trouble "$1") ||
        die "$E_CHECK" "it does not accept the configuration: ${output##*$'\n'}"
    [ -z "$output" ] || warn "$output"
    say "  configuration  accepted"
}

# release_trouble COMMAND: prints what is wrong with the release of Postfix that the program assumes;
# nothing if it is right. With a wrong release the other daemons refuse its requests.
release_trouble() {
    local output found
    if ! output=$( (try_program "$1" "$queue_dir" --postfix-release) 2>&1 </dev/null); then
        echo "it does not accept the configuration: ${output##*$'\n'}"
        return
    fi
    found=${output##*$'\n'} # warnings come first
    if [ "$(release_number "$found")" != "$(release_number "$mail_version")" ]; then
        echo "it takes Postfix $mail_version for release $found: see eqmgr_postfix_release in $eqmgr_cf," \
            "and daemon_directory"
    fi
}

check_postfix() {
    local output
    output=$(postfix check </dev/null 2>&1) || die "$E_CHECK" "postfix check: $output"
    if [ -n "$output" ]; then
        warn "postfix check says (not about this change):"
        indent <<<"$output" >&2
    fi
}

check_probe() {
    [ -n "$probe_to" ] || return 0
    has_log || die "$E_CHECK" "--probe needs a mail log to read, and there is none"
    master_pid >/dev/null || die "$E_CHECK" "--probe needs a running Postfix"
}

check_ours() { # check_ours COMMAND
    local trouble
    check_release
    check_program "$(program_of "$1")"
    check_version "$(program_of "$1")"
    check_settings "$1"
    trouble=$(release_trouble "$1")
    [ -z "$trouble" ] || die "$E_CHECK" "$trouble"
}
