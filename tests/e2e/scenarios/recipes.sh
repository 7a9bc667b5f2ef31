# shellcheck shell=bash
# The section "Recipes" of eqmgrctl(8): each command runs as it is shown there, and prints such lines
# long
# shellcheck source=tests/e2e/lib/ctl.sh
. "$E2E/lib/ctl.sh"

# The manual's site is the name of this machine here, for smtp(8) finds that without DNS.
instance_create
sink_start slow
sink_hold slow
sink_reserve later
# The first failure is a whole cohort: so a site is dead in whatever order mail comes and fails.
set_main initial_destination_concurrency=1 smtp_tcp_port="${SINK_PORT[later]}"
route localhost smtp:localhost
instance_start
flood 40 5 to@localhost
wait_for_queue deferred 40

# shellcheck disable=SC2317 # by the recipes
eqmgrctl() { COLUMNS=1000 ctl "$@"; }

# What must be true before a command, so that it shows what the manual says.
prepare() {
    case $1 in
    'eqmgrctl rules')
        send sender@e2e.test new@localhost
        timeout 20 postqueue -f
        wait_for 30 "knowledge of what is held" rule_holds 41
        ;;
    'eqmgrctl flush example.com' | 'eqmgrctl status') wait_for 30 "the end of a job" job_is_over ;;
    'eqmgrctl messages '*)
        send sender@e2e.test a@slow.test
        wait_for_delivery_to slow
        ;;
    'eqmgrctl flush transport smtp')
        sink_start later
        sink_hold later
        ;;
    esac
}
rule_holds() { ctl -j rules | grep -q "\"suspended\":$1,"; }
job_is_over() { ! ctl -j jobs | grep -qE '"state":"(waiting|pilot|portions)"'; }

# run_recipe COMMAND: its output is in $HERE/printed
run_recipe() {
    local command=${1//example.com/localhost} ended=0 words
    command=${command//4F1A2B3C4D/$(queue_id_of deferred)}
    command=${command//127.0.0.1:9155/127.0.0.1:$(free_port)}
    prepare "$1"
    case $command in
    'eqmgrctl web '*) # runs until it is interrupted
        read -ra words <<<"${command#eqmgrctl }"
        rm -f "$HERE/printed"
        "$program" -c "$HERE/etc" "${words[@]}" >"$HERE/printed" 2>&1 &
        wait_for 30 "$command" grep -q . "$HERE/printed"
        kill -TERM $!
        wait $! || fail "$command: status $?: $(cat "$HERE/printed")"
        ;;
    'eqmgrctl doctor') # of a busy machine it says more than the manual
        expect_no_advice
        grep '^Nothing' "$HERE/advice" >"$HERE/printed" || echo 'Nothing, but that the machine is busy' >"$HERE/printed"
        ;;
    *) (set -o pipefail; eval "$command") >"$HERE/printed" 2>&1 || fail "$command: status $?: $(cat "$HERE/printed")" ;;
    esac
}

# is_printed LINE COMMAND: a heading is printed with all of its words; of another line the first word
is_printed() {
    local line=${1% ...} first pattern
    read -r first _ <<<"$line"
    case $first in
    *[0-9@]*) return ;; # an example of its kind
    esac
    pattern=$first
    if [[ $line =~ ^[A-Z\ -]+$ ]]; then
        # shellcheck disable=SC2086 # words
        pattern=$(printf '%s +' $line)
        pattern=${pattern% +}
    fi
    pattern=${pattern//example.com/localhost}
    pattern=${pattern//./\\.}
    pattern=${pattern//\{/\\{}
    grep -qE "^ *$pattern" "$HERE/printed" || fail "$2 printed no such line: $1 but $(cat "$HERE/printed")"
}

command='' count=0
while IFS= read -r line; do
    case $line in
    '$ '*)
        command=${line#\$ }
        [[ $command != *jq* ]] || command -v jq >/dev/null || { command='' && continue; }
        run_recipe "$command"
        count=$((count + 1))
        ;;
    .*) command='' ;; # what follows is text, or another display
    *) [ -z "$command" ] || [ -z "$line" ] || is_printed "$line" "$command" ;;
    esac
done < <(sed -n '/^\.Sh RECIPES/,/^\.Sh THE STATUS/p' man/eqmgrctl.8)
expect_between 20 99 "commands of the manual" "$count"
