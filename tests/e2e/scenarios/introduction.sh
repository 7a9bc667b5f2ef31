# shellcheck shell=bash
# at each start the log names the queue manager that runs, and each typo in eqmgr.cf

[[ $QMGR != stock ]] || skip "this is about eqmgr"
instance_create
sink_start main
version=$(postconf -dh mail_version)
LINE="$QMGR_IDENT eqmgr [0-9.]+ for Postfix ${version//./\\.}: "
TYPO="$QMGR_IDENT warning: .*/eqmgr.cf: unused parameter: eqmgr_resolver_conections=2"

echo 'eqmgr_resolver_conections = 2' >"$HERE/etc/eqmgr.cf"
instance_start
send sender@e2e.test a@main.test
wait_for_sink main 1
expect_log_times 1 "introductions" "${LINE}preemptive, 8 resolver connections$"
expect_log_times 1 "reminders of the typo" "$TYPO"

printf '%s\n' 'eqmgr_resolver_conections = 2' 'eqmgr_resolver_connections = 1' \
    'eqmgr_scheduler = round-robin' >"$HERE/etc/eqmgr.cf"
instance_reload
send sender@e2e.test b@main.test
wait_for_sink main 2
expect_log_times 1 "introductions after a reload" "${LINE}round-robin, 1 resolver connection$"
expect_log_times 2 "reminders of the typo" "$TYPO"
