# shellcheck shell=bash
# --- master.cf, its backup copies, and the record of what "off" puts back ------------------------

backup='' cf_backup='' # of master.cf; of eqmgr.cf, if there is one

checksum() { # checksum FILE: if there is no file, that of an empty one
    if [ -f "$1" ]; then sha256sum <"$1"; else sha256sum </dev/null; fi
}

# An earlier copy is never overwritten, not even one of the same second.
take_backup() {
    local stamp
    stamp=eqmgr-$(date +%Y%m%d-%H%M%S)
    while [ -e "$master_cf.$stamp" ] || [ -e "$eqmgr_cf.$stamp" ]; do
        stamp+=+
    done
    backup=$master_cf.$stamp
    cp -p "$master_cf" "$backup" || die "$E_CHECK" "cannot make a backup copy of $master_cf"
    say "  backup         $backup"
    [ -f "$eqmgr_cf" ] || return 0
    cf_backup=$eqmgr_cf.$stamp
    cp -p "$eqmgr_cf" "$cf_backup" || die "$E_CHECK" "cannot make a backup copy of $eqmgr_cf"
}

# The oldest go, but not the ones that "off" goes back to.
remove_old_backups() {
    local file
    for file in "$master_cf" "$eqmgr_cf"; do
        find "$config_dir" -maxdepth 1 -type f -name "${file##*/}.eqmgr-[0-9]*" | sort -r |
            tail -n "+$((BACKUPS_KEPT + 1))" |
            grep -vxF -e "${backup:-/}" -e "$(recorded backup)" -e "$(recorded eqmgr_cf)" |
            while IFS= read -r file; do
                rm -f "$file"
            done
    done
}

# put_file_back BACKUP FILE: by rename, so that it is the old one or the new one, never half of either.
put_file_back() {
    cp -p "$1" "$2.eqmgr-new" && mv -f "$2.eqmgr-new" "$2"
}

put_files_back() {
    put_file_back "$backup" "$master_cf" || return 1
    if [ -n "$cf_backup" ]; then
        cmp -s "$cf_backup" "$eqmgr_cf" || put_file_back "$cf_backup" "$eqmgr_cf" || return 1
    else
        rm -f "$eqmgr_cf"
    fi
}

# postconf(1) writes a new file and renames it, too.
set_command() {
    local output
    output=$(postconf -F "$service/command=$1" 2>&1) || { warn "postconf -F: $output" && return 1; }
}

# write_record LINE BACKUP CHECKSUM SERVICES CF-BACKUP CF-CHECKSUM
write_record() {
    {
        echo '# Written by eqmgr-switch(8): what "eqmgr-switch off" puts back.'
        echo "since=$(date '+%Y-%m-%d %H:%M:%S %z')"
        echo "line=$1"
        echo "backup=$2"
        echo "after=$(service_line)"
        echo "checksum=$3"
        echo "services=$4"
        echo "eqmgr_cf=$5"
        echo "eqmgr_cf_checksum=$6"
    } >"$record.new" && mv -f "$record.new" "$record"
}

put_record_back() { # put_record_back TEXT
    if [ -n "$1" ]; then
        printf '%s\n' "$1" >"$record.new" && mv -f "$record.new" "$record"
    else
        rm -f "$record"
    fi
}

# Has nobody edited master.cf since it was recorded?
is_as_recorded() {
    [ -f "$(recorded backup)" ] || return 1
    [ "$(recorded checksum)" = "$(checksum "$master_cf")" ] || cmp -s "$(recorded backup)" "$master_cf"
}

# "off": restores master.cf, byte for byte; if it was edited since, restores the one line and removes the
# resolvers.
put_line_back() { # put_line_back COMMAND
    local line
    line=$(recorded line)
    remove_resolver_setting || return 1
    if is_as_recorded; then
        put_file_back "$(recorded backup)" "$master_cf"
        return
    fi
    remove_resolver_services || return 1
    if [ -z "$line" ]; then
        set_command "$1"
        return
    fi
    [ "$(recorded after)" = "$(service_line)" ] ||
        warn "this line was changed after \"on\", the change goes: $(shown "$(service_line)")"
    postconf -M "$service=$line" 2>/dev/null
}

# "on". After a second "on", "off" still restores what was there before the first. The record is written
# before the change, too, with a checksum that fits nothing: if we are killed on the way, "off" restores
# piece by piece what was changed.
put_ours() { # put_ours COMMAND
    local line from=$backup names cf_from cf_checksum
    line=$(service_line)
    names=$(present_services)
    [ -z "$resolvers" ] || names=$(resolver_names)
    cf_from=$(recorded eqmgr_cf)
    cf_checksum=$(recorded eqmgr_cf_checksum)
    if is_ours "$command" && [ -n "$(recorded line)" ]; then
        line=$(recorded line)
        from=''
        ! is_as_recorded || from=$(recorded backup)
    fi
    if [ -n "$resolvers" ]; then
        remove_resolver_setting && remove_resolver_services || return 1
        cf_from=$(copy_of_eqmgr_cf)
        cf_checksum=$(eqmgr_cf_with "$(resolver_setting "$names")" | sha256sum)
    fi
    write_record "$line" "$from" none "$names" "$cf_from" "$cf_checksum" && set_command "$1" || return 1
    [ -z "$resolvers" ] || add_resolvers "$names" || return 1
    write_record "$line" "$from" "$(checksum "$master_cf")" "$names" "$cf_from" "$cf_checksum"
}

# What remove_resolver_setting() restores: a backup copy, "none" (there was no file), or nothing, if the
# copy still has our setting and so is not the original text.
copy_of_eqmgr_cf() {
    if [ ! -f "$eqmgr_cf" ]; then
        echo none
    elif [ -n "$cf_backup" ] && cmp -s "$cf_backup" "$eqmgr_cf"; then
        echo "$cf_backup"
    elif [ -f "$(recorded eqmgr_cf)" ] && cmp -s "$(recorded eqmgr_cf)" "$eqmgr_cf"; then
        recorded eqmgr_cf
    fi
}
