# shellcheck shell=bash
# a letter overtakes a list on its way to the same destination
instance_create
prepare_list
instance_start
send_list_then_letter
[ "$(last_recipient list)" != letter@list.test ] || fail "the letter came last"
