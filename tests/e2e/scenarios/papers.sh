# shellcheck shell=bash
# the pages in conf/doc: each command runs as it is shown there, while mail waits and moves
# long
# shellcheck source=tests/e2e/lib/switch.sh
. tests/e2e/lib/switch.sh
# shellcheck source=tests/e2e/lib/ctl.sh
. "$E2E/lib/ctl.sh"

# The site of the pages is the name of this machine here, for smtp(8) finds that without DNS.
switch_prepare qmgr
sink_start slow
sink_hold slow
sink_reserve later
set_main smtp_tcp_port="${SINK_PORT[later]}"
route localhost smtp:localhost
instance_start
program=$(realpath "$program")

# shellcheck disable=SC2317 # by the commands of the pages
eqmgrctl() { "$program" -c "$HERE/etc" "$@"; }
# shellcheck disable=SC2317
eqmgr-switch() { "$SWITCH" -c "$HERE/etc" "$@"; }

# The statuses that a command may have: of a question that has no answer, of a check that found something.
allowed() { # allowed COMMAND
    case $1 in
    'eqmgr-switch status') echo '0|10' ;;
    'eqmgrctl doctor' | 'eqmgrctl destinations' | 'eqmgrctl messages '* | 'eqmgrctl rules' | 'eqmgrctl connections '* | 'eqmgrctl throttled' | \
        'eqmgrctl events' | 'eqmgrctl due '* | 'eqmgrctl jobs' | 'eqmgrctl reresolve '*) echo '0|1' ;;
    'eqmgrctl check') echo '0|1|2' ;;
    *) echo 0 ;;
    esac
}

# What must be true before a command.
prepare() {
    case $1 in
    'eqmgrctl deferred '*) wait_for_queue deferred 3 ;;
    'eqmgrctl explain '*) wait_for_delivery_to slow ;;
    esac
}

play() { # play PAGE LEAST: of the commands, at least so many
    local line command ended count=0
    while IFS= read -r line; do
        command=${line#    \$ }
        prepare "$command"
        command=${command//example.com/localhost}
        command=${command//4F1A2B3C4D/$(queue_id_of deferred)}
        ended=0
        (eval "$command") </dev/null >"$HERE/printed" 2>&1 || ended=$?
        [[ $ended =~ ^($(allowed "$command"))$ ]] || fail "$1: $command: status $ended: $(cat "$HERE/printed")"
        [ -s "$HERE/printed" ] || [[ $command == 'postfix '* ]] || fail "$1: $command printed nothing"
        count=$((count + 1))
    done < <(grep '^    \$ ' "conf/doc/$1")
    expect_between "$2" 99 "commands of $1" "$count"
}

for name in a b c; do send sender@e2e.test "$name@localhost"; done
wait_for_queue deferred 3
play from-qmgr-to-eqmgr.md 13
expect qmgr "program at the end of the first page" running_program
eqmgr_switch 0 on
send sender@e2e.test a@slow.test
timeout 20 postqueue -f
play when-mail-does-not-move.md 22
