# shellcheck shell=bash
#
# Mail in and out of an instance: senders, SMTP sinks that note what they got, local mailboxes, and
# a look into the queue directories.

declare -gA SINK_PORT SINK_PID # the clean-up on exit runs outside of the function that sources this

# sink_reserve NAME: a port for NAME.test on which nothing listens yet (connections are refused).
sink_reserve() {
    SINK_PORT[$1]=$(free_port)
    install -o postfix -m 600 /dev/null "$HERE/sinks/$1"
    route "$1.test" "smtp:[127.0.0.1]:${SINK_PORT[$1]}"
}

# sink_start NAME [smtp-sink option]...: takes mail for NAME.test.
sink_start() {
    local name=$1
    shift
    [ -n "${SINK_PORT[$name]:-}" ] || sink_reserve "$name"
    smtp-sink -4 -u postfix "$@" -D "$HERE/sinks/$name" "127.0.0.1:${SINK_PORT[$name]}" 500 \
        </dev/null >/dev/null 2>&1 &
    SINK_PID[$name]=$!
    wait_for 30 "the sink $name" port_answers "${SINK_PORT[$name]}"
}

sink_stop() {
    kill "${SINK_PID[$1]}" 2>/dev/null || true
    kill -CONT "${SINK_PID[$1]}" 2>/dev/null || true # a scenario may have stopped it
    wait "${SINK_PID[$1]}" 2>/dev/null || true
    unset "SINK_PID[$1]"
}

# A sink that is held takes connections and says nothing: deliveries to it last until it is let go, however slow the machine is.
sink_hold() {
    kill -STOP "${SINK_PID[$1]}"
}

sink_release() {
    kill -CONT "${SINK_PID[$1]}"
}

sinks_stop() {
    local name
    for name in "${!SINK_PID[@]}"; do
        sink_stop "$name"
    done
}

# site_start LIMIT MILLISECONDS NAME...: takes mail for NAME.test, each message so long after its end; above LIMIT connections
# in all it refuses mail. It counts connections itself: a list of the kernel's is not made at one moment.
site_start() {
    local limit=$1 ms=$2 name program
    local -a ports=()
    shift 2
    program=$(helper_program limited_sink) || exit 1
    for name; do
        sink_reserve "$name"
        ports+=("${SINK_PORT[$name]}")
    done
    "$program" "$limit" "$ms" "${ports[@]}" </dev/null >"$HERE/site.$1" &
    SINK_PID[$1]=$!
    for name; do wait_for 30 "the site $name" port_answers "${SINK_PORT[$name]}"; done
}

# Messages that a site of one name has taken or refused, and the most connections it had at the beginning of a message.
site_told() { # site_told taken|refused NAME
    grep -c "^$1" "$HERE/site.$2" || true
}

site_took() { # site_took NAME COUNT
    [ "$(site_told taken "$1")" -ge "$2" ]
}

wait_for_site() { # wait_for_site NAME COUNT
    wait_for 30 "$2 messages at the site $1" site_took "$1" "$2"
}

site_peak() {
    sort -k2n "$HERE/site.$1" | tail -n 1 | cut -d' ' -f2
}

# The envelope recipients for whom a sink has accepted mail, one a line, once for each delivery.
sink_recipients() {
    sed -n 's/^X-Rcpt-Args: <\([^>]*\)>.*/\1/p' "$HERE/sinks/$1" || true
}

sink_senders() {
    sed -n 's/^X-Mail-Args: <\([^>]*\)>.*/\1/p' "$HERE/sinks/$1" || true
}

# Number of recipients delivered to a sink, and of different ones.
sink_count() {
    grep -c '^X-Rcpt-Args: ' "$HERE/sinks/$1" || true
}

sink_distinct() {
    sink_recipients "$1" | sort -u | wc -l
}

sink_messages() {
    grep -c '^X-Mail-Args: ' "$HERE/sinks/$1" || true
}

sink_has() { # sink_has NAME COUNT
    [ "$(sink_count "$1")" -ge "$2" ]
}

wait_for_sink() { # wait_for_sink NAME COUNT [SECONDS]
    wait_for "${3:-30}" "$2 recipients at sink $1" sink_has "$1" "$2"
}

# Connections that delivery agents have to a sink right now.
sink_connections() {
    grep -ciE ":[0-9A-F]{4} [0-9A-F]{8}:$(printf %04X "${SINK_PORT[$1]}") 01 " /proc/net/tcp || true
}

sink_is_busy() {
    [ "$(sink_connections "$1")" -gt 0 ]
}

wait_for_delivery_to() { # the agent has opened the queue file and talks to the sink
    wait_for 30 "a delivery to $1" sink_is_busy "$1"
}

# send FROM TO [sendmail option]... [TO]...: through sendmail, postdrop and pickup.
send() {
    local from=$1 to=$2
    shift 2
    printf 'From: %s\nTo: %s\nSubject: test of %s\n\nbody\n' "$from" "$to" "$to" |
        timeout 30 sendmail "$@" -f "$from" "$to" || fail "sendmail to $to"
}

# flood COUNT SESSIONS TO [smtp-source option]...: different recipients through smtpd. For user@domain
# they are 1user@domain and so on; smtp-source of newer releases begins with user0@domain.
flood() {
    local count=$1 sessions=$2 to=$3
    shift 3
    timeout 120 smtp-source -4 -s "$sessions" -m "$count" -N -f sender@e2e.test -t "$to" "$@" \
        "127.0.0.1:$SMTPD_PORT" &
    wait $! || fail "smtp-source ended with status $?" # a wait can be interrupted
}

# How many different recipients of a flood have reached a sink.
flood_arrived() { # flood_arrived NAME TO
    sink_recipients "$1" | sort -u | grep -cxE "[0-9]+$2|${2%@*}[0-9]+@${2#*@}" || true
}

# Each recipient of a flood must have come to the sink, exactly once unless "$4" allows repetitions.
expect_flood_at_sink() { # NAME COUNT TO [ALLOWED REPETITIONS]
    local arrived
    arrived=$(flood_arrived "$1" "$3")
    [ "$arrived" -eq "$2" ] || fail "$(($2 - arrived)) of $2 messages lost"
    expect_between "$2" $(($2 + ${4:-0})) "deliveries of $2 messages" "$(sink_count "$1")"
}

# Sends a list and, when deliveries of it have begun, a letter to the same destination; one delivery at a time. They go on when
# both are in the active queue.
LIST_LENGTH=600

prepare_list() {
    sink_start list
    set_main smtp_destination_concurrency_limit=1 smtp_destination_recipient_limit=2
}

send_list_then_letter() {
    local readers
    mapfile -t readers < <(seq -f '%.0freader@list.test' 1 "$LIST_LENGTH")
    sink_hold list
    printf 'Subject: list\n\nbody\n' | timeout 30 sendmail -f sender@e2e.test "${readers[@]}"
    wait_for_delivery_to list
    send sender@e2e.test letter@list.test
    wait_for_queue active 2
    sink_release list
    wait_for_sink list $((LIST_LENGTH + 1)) 60
    wait_for_empty_queue
    expect_flood_at_sink list "$LIST_LENGTH" reader@list.test 1
}

last_recipient() {
    sink_recipients "$1" | tail -n 1
}

# smtp_dialogue COMMAND...: says each command to smtpd, expecting 2xx or 3xx, and prints the replies.
smtp_dialogue() {
    local command reply
    exec 3<>"/dev/tcp/127.0.0.1/$SMTPD_PORT"
    smtp_reply
    for command in "$@"; do
        printf '%s\r\n' "$command" >&3
        [ "${command%%:*}" = Subject ] || [ -z "$command" ] || smtp_reply
    done
    exec 3>&-
}

smtp_reply() {
    while read -r -t 20 reply <&3; do
        printf '%s\n' "$reply"
        case $reply in
        [23]??-*) ;;
        [23]*) return 0 ;;
        *) fail "smtpd said \"${reply%$'\r'}\" to \"${command:-connect}\"" ;;
        esac
    done
    fail "smtpd said nothing to \"${command:-connect}\""
}

# Local mailboxes: sender@e2e.test, other@e2e.test, postmaster@e2e.test.
mailbox_count() { # mailbox_count NAME [PATTERN]: messages, or lines that match PATTERN
    grep -cE -- "${2:-^From }" "$HERE/mail/$1" || true
}

mailbox_has() { # mailbox_has NAME PATTERN [COUNT]
    [ "$(mailbox_count "$1" "$2")" -ge "${3:-1}" ]
}

wait_for_mailbox() { # wait_for_mailbox NAME PATTERN [COUNT]
    wait_for 30 "/$2/ in the mailbox of $1" mailbox_has "$1" "$2" "${3:-1}"
}

# Paths of the files in the named queues.
queue_files() {
    local queue
    for queue in "$@"; do
        find "$HERE/queue/$queue" -type f ! -name '.*' 2>/dev/null || true
    done
}

queue_count() {
    queue_files "$@" | wc -l
}

queue_has() { # queue_has QUEUE COUNT
    [ "$(queue_count "$1")" -eq "$2" ]
}

wait_for_queue() { # wait_for_queue QUEUE COUNT
    wait_for 30 "$2 files in the $1 queue" queue_has "$1" "$2"
}

# Nothing in the queue. Looks at incoming and active again: neither a file on its way from deferred or hold back to there may
# be missed, nor a bounce, which comes into incoming after the first look while the message that it returns leaves active.
queue_is_empty() {
    [ -z "$(queue_files maildrop incoming active deferred hold incoming active)" ]
}

wait_for_empty_queue() {
    wait_for 30 "an empty queue" queue_is_empty
}

# Deliveries that a restart interrupted are resumed a minute later, or at once after a flush.
flush_until_empty() { # flush_until_empty [SECONDS]
    local deadline=$((SECONDS + PATIENCE * ${1:-60}))
    until queue_is_empty; do
        [ "$SECONDS" -lt "$deadline" ] || fail "the queue does not become empty"
        timeout 20 postqueue -f
        sleep 0.5
    done
}

queue_id_of() { # queue_id_of QUEUE: the queue ID of its first file
    local file
    file=$(queue_files "$1" | head -n 1)
    echo "${file##*/}"
}

# The queue ID of the message for a recipient, as the queue listing knows it.
queue_id_of_recipient() {
    timeout 20 postqueue -j | sed -n "s/.*\"queue_id\": \"\([^\"]*\)\".*\"address\": \"$1\".*/\1/p"
}

sorted_recipients() {
    sink_recipients "$1" | sort
}
