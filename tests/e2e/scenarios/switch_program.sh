# shellcheck shell=bash
# eqmgr-switch on --program: off knows what was put there; arguments go through as master passes them
# long
# shellcheck disable=SC2016
# shellcheck source=tests/e2e/lib/switch.sh
. tests/e2e/lib/switch.sh
switch_prepare 'qmgr -o { defer_transports = ${myhostname?{one two}} } -o qmgr_clog_warn_time=1h'
instance_start
mkdir "$HERE/libexec/mine"
cp "$HERE/libexec/eqmgr" "$HERE/libexec/mine/qmgr"

running_file() {
    readlink "/proc/$(qmgr_pid)/exe"
}

eqmgr_switch 0 on --program mine/qmgr
expect_said 'configuration +accepted'
expect "$HERE/libexec/mine/qmgr" "program at work" running_file
eqmgr_switch 0 status
expect_said '^queue manager +eqmgr '
eqmgr_switch 0 on
expect_said 'mine/qmgr manages the queue already'

# The program that was checked is the one that runs.
sed '/^find_instance$/,$d' "$HERE/eqmgr-switch" >"$HERE/functions"
cat >"$HERE/split" <<'SPLIT'
. "$1" status
find_instance
split_arguments "$command"
printf '%s\n' "${arguments[@]}"
SPLIT
bash "$HERE/split" "$HERE/functions" >"$HERE/split.out"
tr '\0' '\n' <"/proc/$(qmgr_pid)/cmdline" | sed -n '/^-o$/,$p' >"$HERE/split.real"
cmp "$HERE/split.out" "$HERE/split.real" || fail "master passes other arguments: $(cat "$HERE/split.real")"

# One program of ours after another, and back to the very first.
eqmgr_switch 0 on --program eqmgr.d/oqmgr
expect oqmgr "program at work" running_program
eqmgr_switch 0 off
expect qmgr "program at work" running_program
expect_master_cf_unchanged
instance_stop # without a process to watch it goes faster

# The last three copies are kept, and the one that off goes back to.
eqmgr_switch 0 on
kept=$(sed -n 's/^backup=//p' "$HERE/etc/eqmgr-switch.saved")
for name in mine/qmgr eqmgr mine/qmgr; do
    eqmgr_switch 0 on --program "$name"
done
expect 4 "backup copies" sh -c "ls $HERE/etc/master.cf.eqmgr-* | wc -l"
[ -e "$kept" ] || fail "the copy that off goes back to is gone"
eqmgr_switch 0 off
expect_master_cf_unchanged
expect 3 "backup copies" sh -c "ls $HERE/etc/master.cf.eqmgr-* | wc -l"

# A program outside of daemon_directory, and a main.cf that does not say where Postfix is: the parent, master(8),
# shows it.
postconf -X daemon_directory
settle_configuration
eqmgr_switch 0 on --dry-run --program "$(realpath --relative-to="$(postconf -dh daemon_directory)" "$HERE/libexec/mine/qmgr")"
expect_said 'would replace'
