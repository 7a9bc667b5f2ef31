# shellcheck shell=bash
# a flush of which nothing comes through says with which words the site refuses
# shellcheck source=tests/e2e/lib/ctl.sh
. "$E2E/lib/ctl.sh"

instance_create
sink_start full -r rcpt
instance_start
send sender@e2e.test a@full.test
send sender@e2e.test b@full.test
wait_for_queue deferred 2
says 0 '^destination .* 2 +1$' flush destination "[127.0.0.1]:${SINK_PORT[full]}"
job_has_stopped() { ctl -j jobs | grep -q '"state":"stopped"'; }
wait_for 30 "the end of the job" job_has_stopped
says 0 'none came through: 4\.3\.0 host 127\.0\.0\.1\[127\.0\.0\.1\] said: 450 4\.3\.0' jobs
log_has 'control: end of job .*stopped: none came through: 4\.3\.0 host .* said: 450 4\.3\.0' || fail "the log does not say it"
