# shellcheck shell=bash
# damaged files go to corrupt; foreign files stay and do no harm
qmgr_may_die # it is restarted on purpose

plant() { # plant QUEUE NAME MODE: standard input as a queue file
    cat >"$HERE/queue/$1/$2"
    chown postfix "$HERE/queue/$1/$2"
    chmod "$3" "$HERE/queue/$1/$2"
}

instance_create
sink_reserve later
instance_start
send sender@e2e.test a@later.test
wait_for_queue deferred 1
whole=$(queue_files deferred)
mkdir -p "$HERE/queue/deferred/B"
chown postfix "$HERE/queue/deferred/B"

plant incoming BAD0001 700 </dev/null
head -c 100 "$whole" | plant incoming BAD0002 700
head -c 4096 /dev/urandom | plant incoming BAD0003 700
sed '1s/  *[0-9]/ x/' "$whole" | plant deferred/B BAD0004 700
plant active BAD0005 700 </dev/null

plant incoming READING1 600 </dev/null # cleanup(8) has not finished it
plant incoming not-an-id 700 </dev/null
plant active README.txt 700 </dev/null
plant deferred/B 'blank name' 700 </dev/null
head -c 100 "$whole" | plant deferred BAD0006 700 # its place is deferred/B
mkdir "$HERE/queue/incoming/DIRECTORY"
mkfifo "$HERE/queue/deferred/B/BF1F0"
ln -s "$whole" "$HERE/queue/incoming/LINK"

sink_start later
restart_qmgr
wait_for_sink later 1
wait_for 30 "five files in the corrupt queue" queue_has corrupt 5
for id in BAD0001 BAD0002 BAD0003 BAD0004 BAD0005; do
    expect_log "$QMGR_IDENT warning: saving corrupt file \"$id\" from queue \"active\" to queue \"corrupt\""
done
for file in incoming/READING1 incoming/not-an-id active/README.txt 'deferred/B/blank name' \
    incoming/DIRECTORY deferred/BAD0006 deferred/B/BF1F0 incoming/LINK; do
    [ -e "$HERE/queue/$file" ] || [ -L "$HERE/queue/$file" ] || fail "$file has gone"
done
for file in incoming/DIRECTORY incoming/LINK deferred/B/BF1F0; do
    expect_log "$QMGR_IDENT warning: $file: uid [0-9]+: not a regular file"
done
send sender@e2e.test b@later.test
wait_for_sink later 2
expect_no_log "$QMGR_IDENT (fatal|panic):"
