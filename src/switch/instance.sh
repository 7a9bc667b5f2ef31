# shellcheck shell=bash
# --- what the instance says ----------------------------------------------------------------------

# Each call of postconf(1) warns of parameters that it does not know; only its errors matter.
value_of() {
    postconf -xh "$1" 2>/dev/null
}

seconds_of() { # seconds_of PARAMETER, whose unit is the second unless it has one
    local value number unit=1
    value=$(value_of "$1")
    number=${value%%[!0-9]*}
    case $value in *m) unit=60 ;; *h) unit=3600 ;; *d) unit=86400 ;; *w) unit=604800 ;; esac
    echo $((${number:-60} * unit))
}

find_instance() {
    command -v postconf >/dev/null || die "$E_CHECK" "there is no postconf(1): is Postfix installed?"
    config_dir=${config_dir:-$(postconf -h config_directory 2>/dev/null)}
    [ -f "$config_dir/main.cf" ] || die "$E_CHECK" "$config_dir: no main.cf there"
    config_dir=$(cd "$config_dir" && pwd)
    export MAIL_CONFIG=$config_dir # from here on all commands use this instance
    master_cf=$config_dir/master.cf
    eqmgr_cf=$config_dir/eqmgr.cf
    record=$config_dir/eqmgr-switch.saved
    daemon_dir=$(value_of daemon_directory)
    queue_dir=$(value_of queue_directory)
    throttle_s=$(seconds_of service_throttle_time)
    mail_version=$(postconf -dh mail_version 2>/dev/null) # the built-in value, whatever main.cf says
    find_service
}

# Looks for the service under the name that its clients use; it may be of the old type.
find_service() {
    local name type
    name=$(value_of queue_service_name)
    for type in unix fifo; do
        service=${name:-qmgr}/$type
        command=$(service_command)
        [ -z "$command" ] || return 0
    done
    die "$E_CHECK" "$master_cf has no service ${name:-qmgr}"
}

# Without -h: with it, postconf(1) of Postfix 3.7 loses the blank before the first argument of some lines.
service_command() {
    postconf -F "$service/command" 2>/dev/null | sed 's/^[^=]*= //'
}

service_line() {
    postconf -M "$service" 2>/dev/null
}

# A line for people: without the blanks that make columns.
shown() { # shown LINE
    tr -s ' ' <<<"$1"
}

# The program of a command field, without its arguments.
program_of() {
    printf '%s\n' "${1%%[[:space:]]*}"
}

# The same arguments for another program.
command_with() { # command_with PROGRAM COMMAND
    printf '%s%s\n' "$1" "${2#"$(program_of "$2")"}"
}

# The eighth field of a line of master.cf, and all after it.
command_of_line() { # command_of_line LINE
    [[ $1 =~ ^([^[:space:]]+[[:space:]]+){7}(.*)$ ]] && printf '%s\n' "${BASH_REMATCH[2]}"
}

recorded() { # recorded KEY
    sed -n "s/^$1=//p" "$record" 2>/dev/null
}

# Whatever "on" has put there is ours, also a program of another name.
is_ours() { # is_ours COMMAND
    local name put_there
    name=$(program_of "$1")
    put_there=$(command_of_line "$(recorded after)")
    case $name in
    eqmgr | */eqmgr | eqmgr.d/* | "$program" | "$(program_of "$put_there")") return 0 ;;
    *) return 1 ;;
    esac
}

# master.cf groups words with braces, which may be nested; quotes mean nothing there.
split_arguments() { # split_arguments COMMAND: sets `arguments`
    local rest=${1#"$(program_of "$1")"} length
    arguments=()
    while rest=$(without_blanks "$rest") && [ -n "$rest" ]; do
        if [ "${rest:0:1}" = '{' ]; then
            length=$(length_of_group "$rest")
            arguments+=("$(without_blanks "${rest:1:length-2}")")
        else
            length=${rest%%[[:space:]]*}
            arguments+=("$length")
            length=${#length}
        fi
        rest=${rest:length}
    done
}

# Removes the blanks at the beginning and at the end.
without_blanks() { # without_blanks TEXT
    local text=$1
    text=${text#"${text%%[![:space:]]*}"}
    printf '%s' "${text%"${text##*[![:space:]]}"}"
}

# The length up to the brace that closes the first one, or up to the end.
length_of_group() { # length_of_group TEXT
    local i depth=0
    for ((i = 0; i < ${#1}; i++)); do
        case ${1:i:1} in
        '{') depth=$((depth + 1)) ;;
        '}') depth=$((depth - 1)) ;;
        esac
        [ "$depth" -gt 0 ] || break
    done
    echo $((i + 1))
}
