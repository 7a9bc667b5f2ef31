# shellcheck shell=bash
# --- processes -----------------------------------------------------------------------------------
# Processes are looked up in /proc, because a container often has no ps(1).

# 1: it does not run; 2: it cannot be known.
master_pid() {
    local file=$queue_dir/pid/master.pid pid='' name
    if [ -r "$file" ]; then
        read -r pid <"$file" || return 1
    elif [ "$(id -u)" -eq 0 ]; then
        return 1
    else
        [ -x "$queue_dir/pid" ] || [ ! -e "$queue_dir/pid" ] || return 2
        [ -r /proc/locks ] || return 2
        pid=$(lock_holder "$file") || return 1
    fi
    [ -e "/proc/$pid" ] || [ -r /proc/1/stat ] || return 2 # the processes of others are hidden
    read -r name <"/proc/$pid/comm" || return 1
    [ "$name" = master ] || return 1
    echo "$pid"
} 2>/dev/null

# Only root may read the file, but everybody can see who has locked it: master(8), as long as it lives.
# The kernel's list of locks is read in pieces and may change in between, so a line can be missing once.
lock_holder() { # lock_holder FILE
    local inode round _ kind pid place
    inode=$(stat -c %i "$1") || return 1
    for round in 1 2 3 4 5; do
        [ "$round" -eq 1 ] || sleep 0.1
        while read -r _ kind _ _ pid place _; do
            if [ "$kind" != '->' ] && [ "${place##*:}" = "$inode" ] &&
                [ "$(cat "/proc/$pid/comm")" = master ]; then
                echo "$pid"
                return 0
            fi
        done < <(cat /proc/locks)
    done
    return 1
} 2>/dev/null

# The fields after the name of the program (a name may hold anything): state, parent, and 17 fields later
# the time of its start.
process_fields() { # process_fields PID: sets `fields`
    local stat
    read -r stat <"/proc/$1/stat" || return 1
    read -r -a fields <<<"${stat##*) }"
} 2>/dev/null

# "PID NAME" of each. master(8) passes the field of master.cf as the name of the program.
children_of_master() {
    local master directory name fields
    master=$(master_pid) || return 1
    for directory in /proc/[0-9]*; do
        process_fields "${directory#/proc/}" || continue
        [ "${fields[1]}" = "$master" ] || continue
        IFS= read -r -d '' name 2>/dev/null <"$directory/cmdline" || continue
        printf '%s %s\n' "${directory#/proc/}" "$name"
    done
}

queue_manager_pid() { # queue_manager_pid PROGRAM
    local pid name
    while read -r pid name; do
        if [ "$name" = "$1" ]; then
            echo "$pid"
            return 0
        fi
    done < <(children_of_master)
    return 1
}

started_at() { # started_at PID
    local boot_s fields
    boot_s=$(sed -n 's/^btime //p' /proc/stat)
    process_fields "$1" || return 1
    date -d "@$((boot_s + fields[19] / $(getconf CLK_TCK)))" +%c
}

is_alive() { # is_alive PID
    kill -0 "$1" 2>/dev/null
}
