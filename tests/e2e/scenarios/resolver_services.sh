# shellcheck shell=bash
# eqmgr_resolver_services: clones of the rewrite service are asked in its place, but for one that is missing
[ "$QMGR" != stock ] || skip 'an extra of eqmgr'
# shellcheck source=tests/e2e/lib/slow_map.sh
. "$E2E/lib/slow_map.sh"
scenario_clean() { slow_map_stop; }
instance_create
set_main default_transport=discard relay_transport=discard
slow_map_start 20 discard:
set_master clone1/unix='clone1 unix - - n - 1 trivial-rewrite' clone2/unix='clone2 unix - - n - 1 trivial-rewrite'
echo 'eqmgr_resolver_services = clone1, clone2, missing' >"$HERE/etc/eqmgr.cf"
settle_configuration
instance_start
for service in clone1 clone2; do
    wait_for 30 "questions for $service" asks_until slow_map_was_asked_by "$service"
done
wait_for 30 "all deliveries" all_were_asked
wait_for_empty_queue
expect_log 'connect #1 to subsystem private/missing: No such file or directory'
