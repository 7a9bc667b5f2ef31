# shellcheck shell=bash
# eqmgr-switch changes nothing if the program or the configuration is not good
# long
# shellcheck source=tests/e2e/lib/switch.sh
. tests/e2e/lib/switch.sh
switch_prepare qmgr
instance_start

refused() { # refused WHY ARGUMENT...
    local why=$1
    shift
    eqmgr_switch 1 "$@"
    expect_said "$why"
    expect_master_cf_unchanged
    expect "" "backup copies" find "$HERE/etc" -name '*.eqmgr-*'
}

refused 'no such program' on --program nosuch
touch "$HERE/libexec/notrunnable"
refused 'not executable' on --program notrunnable
printf '#!/bin/sh\nexit 1\n' >"$HERE/libexec/broken"
chmod 755 "$HERE/libexec/broken"
refused '--version does not work' on --program broken
chmod g+w "$HERE/libexec/broken"
refused 'others may write' on --program broken
echo 'eqmgr_scheduler = lottery' >"$HERE/etc/eqmgr.cf"
refused 'does not accept the configuration.*eqmgr_scheduler' on
echo 'eqmgr_postfix_release = 3.99' >"$HERE/etc/eqmgr.cf"
refused 'for release 3.99.*eqmgr_postfix_release' on
rm "$HERE/etc/eqmgr.cf"
eqmgr_switch 0 on --dry-run
expect_said 'would replace "qmgr" by "eqmgr"'
expect_master_cf_unchanged
eqmgr_switch 2 on off
eqmgr_switch 2 sideways
eqmgr_switch 2 off --resolvers 2
eqmgr_switch 2 on --resolvers many
eqmgr_switch 2 on --resolvers 65
