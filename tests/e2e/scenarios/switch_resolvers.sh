# shellcheck shell=bash
# eqmgr-switch on --resolvers: services of its own in master.cf and eqmgr.cf, which off takes away
# long
# shellcheck source=tests/e2e/lib/switch.sh
. tests/e2e/lib/switch.sh
# shellcheck source=tests/e2e/lib/slow_map.sh
. "$E2E/lib/slow_map.sh"
scenario_clean() { slow_map_stop; }
switch_prepare qmgr
set_master 'rewrite/unix=rewrite unix - - n - 7 trivial-rewrite -o { default_transport = error:5.1.2 no route }'
cp -p "$HERE/etc/master.cf" "$HERE/master.cf.before"
sink_start main
instance_start

setting() { # as the file says
    sed -n 's/^eqmgr_resolver_services *= *//p' "$HERE/etc/eqmgr.cf"
}

clones() {
    postconf -M | sed -n 's/  */ /g; /^eqmgr-rewrite/p'
}

# Without an eqmgr.cf.
eqmgr_switch 0 on --resolvers 2 --probe a@main.test
expect 'eqmgr-rewrite1, eqmgr-rewrite2' "setting" setting
expect 'eqmgr-rewrite1 unix - - n - 1 trivial-rewrite -o {default_transport=error:5.1.2 no route}
eqmgr-rewrite2 unix - - n - 1 trivial-rewrite -o {default_transport=error:5.1.2 no route}' "services" clones
wait_for 30 "the sockets" test -S "$HERE/queue/private/eqmgr-rewrite2"
eqmgr_switch 0 status
expect_said '^resolvers +eqmgr-rewrite1 eqmgr-rewrite2$'
eqmgr_switch 0 on --resolvers 2
expect_said 'manages the queue already'

# Lookups reach each of them.
tables=$(postconf -h transport_maps)
slow_map_start 20 discard:
settle_configuration
instance_reload
for service in eqmgr-rewrite1 eqmgr-rewrite2; do
    wait_for 30 "questions for $service" asks_until slow_map_was_asked_by "$service"
done
wait_for 30 "all deliveries" all_were_asked
set_main "transport_maps=$tables"
slow_map_stop
instance_stop # for a while: without a process to watch it goes faster
eqmgr_switch 0 on --resolvers 1
expect 'eqmgr-rewrite1' "setting" setting
expect 1 "services" sh -c "postconf -M | grep -c ^eqmgr-rewrite"
eqmgr_switch 0 off
expect_master_cf_unchanged
[ ! -e "$HERE/etc/eqmgr.cf" ] || fail "eqmgr.cf was not there before"

# With an eqmgr.cf that has a value of its own, and edits of both files before off.
printf '%s\n' '# mine' 'eqmgr_resolver_services =' '# in between' '    rewrite' 'eqmgr_retry_exact = yes' >"$HERE/etc/eqmgr.cf"
cp "$HERE/etc/eqmgr.cf" "$HERE/eqmgr.cf.before"
eqmgr_switch 0 on --resolvers 3
expect 'eqmgr-rewrite1, eqmgr-rewrite2, eqmgr-rewrite3' "setting" setting
grep -q '^eqmgr_retry_exact = yes' "$HERE/etc/eqmgr.cf" || fail "another setting is gone"
eqmgr_switch 0 off
cmp "$HERE/etc/eqmgr.cf" "$HERE/eqmgr.cf.before" || fail "eqmgr.cf is not what it was"
expect_master_cf_unchanged
eqmgr_switch 0 on --resolvers 3
echo 'eqmgr_resolver_connections = 4' >>"$HERE/etc/eqmgr.cf"
set_master 'other/unix=other unix - - n - - smtp'
eqmgr_switch 0 on --program eqmgr.d/oqmgr
expect 3 "services" sh -c "postconf -M | grep -c ^eqmgr-rewrite"
eqmgr_switch 0 off
expect 0 "services" sh -c "postconf -M | grep -c ^eqmgr-rewrite || true"
expect "" "setting" setting
grep -q '^eqmgr_resolver_connections = 4' "$HERE/etc/eqmgr.cf" || fail "an edit is gone"
expect 1 "services of the new name" sh -c 'postconf -M other/unix | wc -l'
postconf -MX other/unix

# A failed attempt leaves both files as they were; an existing service of that name is not taken over.
rm "$HERE/etc/eqmgr.cf"
qmgr_may_die
instance_start
cp -p "$HERE/etc/master.cf" "$HERE/master.cf.before"
fake_program dies 'exit 1'
eqmgr_switch 3 on --resolvers 2 --program dies
expect_master_cf_unchanged
[ ! -e "$HERE/etc/eqmgr.cf" ] || fail "eqmgr.cf was not there before"
set_master 'eqmgr-rewrite2/unix=eqmgr-rewrite2 unix - - n - - smtp'
cp -p "$HERE/etc/master.cf" "$HERE/master.cf.before"
eqmgr_switch 1 on --resolvers 2
expect_said 'has a service eqmgr-rewrite2 already'
expect_master_cf_unchanged
