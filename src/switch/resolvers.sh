# shellcheck shell=bash
# --- address resolvers of our own ----------------------------------------------------------------
# Clones of the rewrite service with one process each. Why not one service with many processes? Its
# connections share the processes that master(8) happens to have started, and a process answers one
# question after the other.

CLONE_PREFIX=eqmgr-rewrite
PARAMETER=eqmgr_resolver_services

check_resolvers() {
    local name line
    [ -n "$resolvers" ] && [ "$resolvers" -gt 0 ] || return 0
    line=$(postconf -M "$(rewrite_service)/unix" 2>/dev/null)
    [ -n "$line" ] || die "$E_CHECK" "$master_cf has no service $(rewrite_service)"
    for name in $(resolver_names); do
        [[ " $(recorded services) " == *" $name "* ]] || [ -z "$(postconf -M "$name/unix" 2>/dev/null)" ] ||
            die "$E_CHECK" "$master_cf has a service $name already"
    done
}

rewrite_service() {
    local name
    name=$(value_of rewrite_service_name)
    echo "${name:-rewrite}"
}

resolver_names() {
    local i names=''
    for ((i = 1; i <= resolvers; i++)); do
        names+="${names:+ }$CLONE_PREFIX$i"
    done
    echo "$names"
}

resolver_setting() { # resolver_setting NAMES: the line of eqmgr.cf
    [ -z "$1" ] || echo "$PARAMETER = ${1// /, }"
}

add_resolvers() { # add_resolvers NAMES
    local name line clone
    [ -n "$1" ] || return 0
    line=$(postconf -M "$(rewrite_service)/unix" 2>/dev/null)
    [[ $line =~ ^[^[:space:]]+[[:space:]]+(([^[:space:]]+[[:space:]]+){5})[^[:space:]]+[[:space:]]+(.*)$ ]] ||
        return 1
    clone="${BASH_REMATCH[1]}1 ${BASH_REMATCH[3]}"
    for name in $1; do
        postconf -M "$name/unix=$name $clone" || return 1
    done
    write_eqmgr_cf "$(resolver_setting "$1")" || return 1
    say "  resolvers      $1"
}

# The services of the record, without those that somebody has removed by hand.
present_services() {
    local name names=''
    for name in $(recorded services); do
        [ -z "$(postconf -M "$name/unix" 2>/dev/null)" ] || names+="${names:+ }$name"
    done
    echo "$names"
}

remove_resolver_services() {
    local name
    for name in $(present_services); do
        postconf -MX "$name/unix" || return 1
    done
}

# Restores eqmgr.cf as it was before; if it was edited since, removes only our setting. May be repeated.
remove_resolver_setting() {
    local copy
    [ -n "$(recorded services)" ] || return 0
    copy=$(recorded eqmgr_cf)
    if [ -f "$copy" ] && cmp -s "$copy" "$eqmgr_cf"; then
        return
    fi
    if [ "$(recorded eqmgr_cf_checksum)" = "$(checksum "$eqmgr_cf")" ]; then
        case $copy in
        none)
            rm -f "$eqmgr_cf"
            return
            ;;
        ?*)
            [ ! -f "$copy" ] || { put_file_back "$copy" "$eqmgr_cf" && return; }
            ;;
        esac
    fi
    write_eqmgr_cf ''
}

# Replaces the parameter in the file by LINE, or removes it if LINE is empty; by a rename.
write_eqmgr_cf() { # write_eqmgr_cf LINE
    local new=$eqmgr_cf.eqmgr-new
    [ -f "$eqmgr_cf" ] || [ -n "$1" ] || return 0
    if [ -f "$eqmgr_cf" ]; then
        cp -p "$eqmgr_cf" "$new" || return 1
    fi
    eqmgr_cf_with "$1" >"$new" && mv -f "$new" "$eqmgr_cf"
}

eqmgr_cf_with() { # eqmgr_cf_with LINE
    without_parameter && { [ -z "$1" ] || printf '%s\n' "$1"; }
}

# A line that begins with a blank continues the one before; comments may be between them.
without_parameter() {
    local line ours=no
    [ -f "$eqmgr_cf" ] || return 0
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
        '#'* | '') ;;
        [[:space:]]*) [ "$ours" = no ] || continue ;;
        *) if [[ $line =~ ^${PARAMETER}[[:space:]]*= ]]; then ours=yes; else ours=no; fi ;;
        esac
        if [ "$ours" = no ] || [ "${line:0:1}" = '#' ] || [ -z "$line" ]; then
            printf '%s\n' "$line"
        fi
    done <"$eqmgr_cf"
}
