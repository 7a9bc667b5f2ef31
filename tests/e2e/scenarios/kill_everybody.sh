# shellcheck shell=bash
# kill -9 of queue manager, resolvers and agents at random, in a real Postfix: nothing lost or twice
# long
#
# smtp agents are not killed, so their mail comes once. pipe(8) agents are killed: their command notes for
# which agent it works, and only mail of a killed agent may come again.
KILL_ROUNDS=12
LETTERS=80
READERS=30 # of each list, at either place
LISTS=3
: "${KILL_SEED:=$RANDOM}"

write_command() {
    cat >"$HERE/bin/take" <<END
#!/bin/sh
cat >/dev/null
[ \$((\$\$ % 3)) -ne 0 ] || sleep 0.3
echo "\$PPID \$1" >>$HERE/mail/taken
END
    chmod 755 "$HERE/bin/take"
    install -o nobody -m 600 /dev/null "$HERE/mail/taken"
}

send_list() { # send_list NAME
    local readers
    mapfile -t readers < <(
        seq -f "%.0f$1@main.test" "$READERS"
        seq -f "%.0f$1@piped.test" "$READERS"
    )
    printf 'Subject: list\n\nbody\n' | timeout 30 sendmail -f sender@e2e.test "${readers[@]}"
}

send_all() {
    local list
    for ((list = 1; list <= LISTS; list++)); do
        send_list "list$list"
    done
    flood "$LETTERS" 5 to@main.test &
    flood "$LETTERS" 5 to@piped.test
    wait $!
}

# kill_one COMMAND: kills one of the processes of that name, if there is any, and notes its number.
kill_one() {
    local pids victim
    mapfile -t pids < <(pids_of "$1")
    [ ${#pids[@]} -gt 0 ] || return 0
    victim=${pids[RANDOM % ${#pids[@]}]}
    echo "$victim" >>"$HERE/killed.$1"
    kill -KILL "$victim" 2>/dev/null || true
}

kill_qmgr() {
    kill_one "$(ps_name_of_qmgr)"
    timeout 20 postqueue -f || true # makes master start the next one
}

ps_name_of_qmgr() {
    if [ "$QMGR" = stock ]; then echo qmgr; else echo eqmgr; fi
}

kill_by_chance() {
    case $((RANDOM % 6)) in
    0 | 1) kill_qmgr ;;
    2) kill_one trivial-rewrite ;;
    *) kill_one pipe ;;
    esac
    sleep "0.$((RANDOM % 4))$((RANDOM % 10))"
}

# Deliveries to the command by agents that were not killed. The parent of a command whose agent was killed early is whoever
# adopts orphans here: no agent, so it has logged nothing as one.
taken_once_for_all() {
    sed -n 's/.* postfix\/pipe\[\([0-9]*\)\]: .*/\1/p' "$HERE/maillog" | sort -u >"$HERE/agents"
    awk 'FILENAME ~ /agents$/ { agent[$1]; next } FILENAME ~ /killed.pipe$/ { delete agent[$1]; next } $1 in agent { print $2 }' \
        "$HERE/agents" "$HERE/killed.pipe" "$HERE/mail/taken"
}

expect_nothing_lost() { # what came on standard input
    local wanted=$((LETTERS + LISTS * READERS)) got
    got=$(sort -u | wc -l)
    [ "$got" -eq "$wanted" ] || fail "seed $KILL_SEED: $got of $wanted recipients got their mail"
}

expect_nothing_twice() { # what came on standard input
    local twice
    twice=$(sort | uniq -d | head -n 3)
    [ -z "$twice" ] || fail "seed $KILL_SEED: came twice: $twice"
}

qmgr_may_die
instance_create
sink_start main -w 1 # so that there are always deliveries in flight
write_command
: >"$HERE/killed.pipe"
route piped.test piped:
set_master "piped/unix=piped unix - n n - 4 pipe user=nobody argv=$HERE/bin/take \${recipient}"
set_main piped_destination_recipient_limit=1 smtp_destination_recipient_limit=5 \
    initial_destination_concurrency=20 \
    service_throttle_time=1s transport_retry_time=1s \
    minimal_backoff_time=2s maximal_backoff_time=4s queue_run_delay=2s
instance_start
echo "seed $KILL_SEED"
RANDOM=$KILL_SEED
send_all &
source_pid=$!
wait_for_sink main 1
for ((round = 0; round < KILL_ROUNDS; round++)); do
    kill_by_chance
done
wait "$source_pid"
flush_until_empty
sink_recipients main | expect_nothing_lost
sink_recipients main | expect_nothing_twice
cut -d' ' -f2 "$HERE/mail/taken" | expect_nothing_lost
taken_once_for_all | expect_nothing_twice
