# shellcheck shell=bash
# A suspended domain waits through reload and flush, and is delivered once when it is resumed
# long
# shellcheck source=tests/e2e/lib/ctl.sh
. "$E2E/lib/ctl.sh"

instance_create
sink_start held
sink_start main
instance_start
send sender@e2e.test first@main.test
wait_for_sink main 1
says 64 'until when' suspend held.test --reason x
says 64 'a reason is missing' suspend held.test --for 1h
says 64 'WHAT is missing' suspend --for 1h --reason x
says 64 'takes in suspended mail' suspend transport retry --for 1h --reason x
says 64 'that time has passed' suspend held.test --until @1 --reason x
says 1 'no domain "held.tset" is known.*add --new' suspend held.tset --for 1h --reason x
says 0 'nothing was changed' suspend held.test --new --for 1h --reason 'ticket 4711' --dry-run
says 1 '^-- nothing$' rules
says 0 '^ *[0-9]+ +suspend +domain +held\.test .*ticket 4711$' suspend held.test --new --for 1h --reason 'ticket 4711'
says 0 'nothing was changed' resume held.test --dry-run
flood 20 5 to@held.test
send sender@e2e.test a@main.test
wait_for_sink main 2
wait_for_queue deferred 20
wait_for_log 'delivery suspended by administrator \(#1\): ticket 4711'
says 0 '^ *1 +suspend +domain +held\.test +.* 20 +ticket 4711$' rules
says 0 '^eqmgr_suspended_messages 20$' metrics
says 0 'suspended by an administrator \(#1\): ticket 4711' explain "$(queue_id_of deferred)"
says 0 'eqmgrctl resume 1 ends that' explain "$(queue_id_of deferred)"
instance_reload
all_are_known() { ctl rules | grep -qE ' 20 +ticket 4711$'; }
wait_for 30 "knowledge of what is held" all_are_known
timeout 20 postqueue -f
send sender@e2e.test b@main.test
wait_for_sink main 3
expect 0 "messages for the suspended site" sink_count held
says 0 'held\.test' resume 1
wait_for_sink held 20
wait_for_empty_queue
expect 20 "messages, each once" sink_count held
says 1 'no rule is about 1' resume 1
wait_for_log 'control: suspend #1 domain=held\.test until=.*Z uid=[0-9]+: ticket 4711'
wait_for_log 'control: resume #1 domain=held\.test until=.*Z uid=[0-9]+: ticket 4711'
