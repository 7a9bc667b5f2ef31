/*
 * The table of verbs, and the help that comes from it.
 */

#include "src/ctl/check/check_internal.h"
#include "src/ctl/command_internal.h"
#include "src/ctl/completion_internal.h"
#include "src/ctl/doctor/doctor_internal.h"
#include "src/ctl/explain_internal.h"
#include "src/ctl/help_internal.h"
#include "src/ctl/metrics_internal.h"
#include "src/ctl/policy/policy_internal.h"
#include "src/ctl/schema_internal.h"
#include "src/ctl/show_internal.h"
#include "src/ctl/status_internal.h"
#include "src/ctl/top/top_internal.h"
#include "src/ctl/web/web_internal.h"

/* The formatter would align the rows as columns. */
/* clang-format off */
static const Command commands[] = {
    {
        .name = "status",
        .level = "summary",
        .summary = "the state of the queue on one screen",
        .details = "Lines that begin with ! want attention.\n",
        .run = status_run,
    },
    {
        .name = "transports",
        .level = "summary",
        .summary = "transports; of one: its settings in force",
        .operand = "[NAME]",
        .wire = "transport",
        .details = "  eqmgrctl transports\n"
                   "  eqmgrctl transports smtp\n",
        .run = show_listing,
    },
    {
        .name = "destinations",
        .level = "summary",
        .summary = "destinations with mail in the active queue, or dead",
        .operand = "[PATTERN]",
        .wire = "pattern",
        .options = {{"state", 's', "STATE", "state", "only in this state", false,
                     "idle ready full paced throttled blocked suspended draining"},
                    {"transport", 'T', "NAME", "transport", "only of this transport", false, NULL},
                    {"sort", 'S', "KEY", "sort", "sorted by this (default: waiting)", false,
                     "waiting running deferred until name"},
                    {"internal", 0, NULL, "internal", "those of retry and error, too", false,
                     NULL}},
        .details = "PATTERN is a name, with * at its begin or end for anything.\n"
                   "With --all the rows come in no order. Below level view single users are one\n"
                   "row of their transport, *@nexthop, and WHY counts their states.\n\n"
                   "  eqmgrctl destinations -n 5\n"
                   "  eqmgrctl destinations --state throttled --sort until\n"
                   "  eqmgrctl destinations '*.example.com'\n",
        .run = show_listing,
    },
    {
        .name = "destination",
        .level = "summary",
        .summary = "all about one: what bounds it now, its last errors",
        .operand = "DESTINATION",
        .wire = "destination",
        .operand_required = true,
        .options = {{"transport", 'T', "NAME", "transport", "of this transport", false, NULL}},
        .details = "With level view its next messages are shown as well.\n\n"
                   "  eqmgrctl destination example.com\n",
        .run = show_listing,
    },
    {
        .name = "throttled",
        .level = "summary",
        .summary = "what is dead, paced, slowed or suspended, and why",
        .details = "Transports that are dead come first: all of their mail waits. Then come the\n"
                   "rules of administrators, sites that are slowed because of their answers, the\n"
                   "last one first, and destinations, soonest end first.\n",
        .run = show_listing,
    },
    {
        .name = "due",
        .level = "summary",
        .summary = "when deferred mail is tried again, minute by minute",
        .options = {{"within", 'w', "TIME", "within", "how far ahead (default: 1h)", true, NULL}},
        .details = "With level view the next messages are listed by queue ID.\n\n"
                   "  eqmgrctl due --within 15m\n",
        .run = show_listing,
    },
    {
        .name = "deferred",
        .level = "summary",
        .summary = "what deferred mail waits for, and why: most first",
        .operand = "[PATTERN]",
        .wire = "pattern",
        .options = {{"by", 'b', "WHAT", "by", "destination (default), reason, or both", false,
                     "destination reason destination,reason"},
                    {"internal", 0, NULL, "internal", "mail of retry and error, too", false,
                     NULL}},
        .details = "PATTERN is a destination, as in destinations. A message counts for the first\n"
                   "destination that deferred it in its last attempt. After a restart that is known\n"
                   "only of messages that were tried or read since; the last line says of how many.\n\n"
                   "  eqmgrctl deferred\n"
                   "  eqmgrctl deferred --by reason\n"
                   "  eqmgrctl deferred --by destination,reason '*.example.com'\n",
        .run = show_listing,
    },
    {
        .name = "messages",
        .level = "view",
        .summary = "messages in the active queue",
        .options = {{"destination", 'd', "NAME", "destination", "with mail for it", false, NULL},
                    {"sender", 'f', "ADDRESS", "sender", "of this sender; * as in destinations",
                     false, NULL},
                    {"state", 's', "STATE", "state", "only in this state", false,
                     "resolving waiting delivering finishing stuck"},
                    {"older", 'o', "AGE", "older", "that arrived longer ago", true, NULL}},
        .details = "Deferred messages: postqueue -j.\n\n"
                   "  eqmgrctl messages --state stuck\n"
                   "  eqmgrctl messages --destination example.com --older 10m\n",
        .run = show_listing,
    },
    {
        .name = "connections",
        .level = "summary",
        .summary = "connections to delivery agents, oldest first",
        .options = {{"older", 'o', "TIME", "older", "that have lasted longer", true, NULL}},
        .details = "Queue IDs are shown with level view.\n\n"
                   "  eqmgrctl connections --older 60s\n",
        .run = show_listing,
    },
    {
        .name = "explain",
        .level = "view",
        .summary = "where a message is, what it waits for, and what would help",
        .operand = "QUEUE-ID",
        .wire = "queue_id",
        .operand_required = true,
        .details = "  eqmgrctl explain 4F1A2B3C4D\n",
        .run = explain_run,
    },
    {
        .name = "events",
        .level = "summary",
        .summary = "the last changes of state: what died, what came back",
        .options = {{"follow", 'f', NULL, NULL, "wait for more, until interrupted", false, NULL}},
        .details = "  eqmgrctl events -f\n",
        .run = show_events,
    },
    {
        .name = "flush",
        .level = "control",
        .summary = "forget that something is dead, and try its deferred mail now",
        .operand = "WHAT",
        .wire = "what",
        .second_wire = "name",
        .operand_required = true,
        .options = {{"no-pilot", 0, NULL, "no_pilot", "all of it at once", false, NULL}},
        .details = "WHAT is as in suspend. Deferred mail is chosen by the destination that deferred\n"
                   "it. A job tries initial_destination_concurrency messages; when one comes\n"
                   "through, the rest follows in portions of a tenth of the active queue. If the\n"
                   "destination dies, the rest keeps its times. Suspended mail stays suspended.\n"
                   "See jobs and cancel.\n\n"
                   "  eqmgrctl flush example.com\n"
                   "  eqmgrctl flush transport smtp --dry-run\n",
        .run = show_listing,
    },
    {
        .name = "jobs",
        .level = "summary",
        .summary = "how far flush, resume and reresolve are, or how they ended",
        .details = "THROUGH counts messages of which a delivery was done, BACK those that were\n"
                   "deferred again, LEFT those not tried. A restart ends all jobs: the rest keeps\n"
                   "its times.\n\n"
                   "  eqmgrctl jobs\n",
        .run = show_listing,
    },
    {
        .name = "cancel",
        .level = "control",
        .summary = "end a job; the rest of its mail keeps its times",
        .operand = "JOB",
        .wire = "job",
        .operand_required = true,
        .details = "JOB is a number that jobs shows. What is in active already is delivered.\n\n"
                   "  eqmgrctl cancel 3\n",
        .run = show_listing,
    },
    {
        .name = "expedite",
        .level = "control",
        .summary = "this message next",
        .operand = "QUEUE-ID...",
        .wire = "queue_id",
        .operand_required = true,
        .has_more_operands = true,
        .has_done_rows = true,
        .options = {{"force", 0, NULL, "force", "past suspensions, this once", false, NULL}},
        .details = "A message of incoming or deferred is taken into active before all others, at\n"
                   "once or when there is room; its sites are not dead any more. In active it goes\n"
                   "before the other mail of its transports, though not with oqmgr(8). If it is\n"
                   "deferred again it is like any other. Exit status 1: not done for all of them.\n\n"
                   "  eqmgrctl expedite 4F1A2B3C4D\n"
                   "  eqmgrctl expedite 4F1A2B3C4D 4Yb2Ql0kZqz1k --force\n",
        .run = show_listing,
    },
    {
        .name = "unthrottle",
        .level = "control",
        .summary = "forget that something is dead, and nothing else",
        .operand = "WHAT",
        .wire = "what",
        .second_wire = "name",
        .operand_required = true,
        .details = "WHAT is as in suspend.\n\n"
                   "  eqmgrctl unthrottle example.com\n",
        .run = show_listing,
    },
    {
        .name = "reresolve",
        .level = "control",
        .summary = "waiting mail asks where to, after a change of a map",
        .operand = "WHAT",
        .wire = "what",
        .second_wire = "name",
        .operand_required = true,
        .details = "WHAT is as in suspend. No reload is needed, but for what trivial-rewrite(8)\n"
                   "reads only when it starts: main.cf, and maps like texthash. A job asks; see\n"
                   "jobs and cancel. Deliveries that run are not touched; deferred mail asks\n"
                   "anyway when it is tried.\n\n"
                   "  eqmgrctl reresolve example.com\n"
                   "  eqmgrctl reresolve all --dry-run\n",
        .run = show_listing,
    },
    {
        .name = "rules",
        .level = "summary",
        .summary = "what an administrator suspended or limited: until when, why",
        .details = "SUSPENDED counts deferred messages that are known to wait for the end of the\n"
                   "rule alone. After a restart they become known when they are tried.\n\n"
                   "  eqmgrctl rules\n",
        .run = show_listing,
    },
    {
        .name = "suspend",
        .level = "control",
        .summary = "hold back mail of a domain, destination, transport, or all",
        .operand = "WHAT",
        .wire = "what",
        .second_wire = "name",
        .operand_required = true,
        .options = {{"for", 'f', "TIME", "for", "for so long", true, NULL},
                    {"until", 'u', "TIME", "until", "until then: 18:30, 2026-11-30", false, NULL},
                    {"forever", 0, NULL, "forever", "until it is resumed", false, NULL},
                    {"reason", 'r', "TEXT", "reason", "why; senders see it in notices", false, NULL},
                    {"new", 0, NULL, "new", "although no such mail is known", false, NULL}},
        .details = "WHAT is DOMAIN (of recipients; .DOMAIN: its subdomains), domain DOMAIN,\n"
                   "destination NAME, transport NAME, or all. An end and a reason are required.\n"
                   "Deliveries that run go on. The same again replaces the rule. It survives\n"
                   "restarts; no flush lifts it.\n\n"
                   "  eqmgrctl suspend example.com --for 2h --reason 'ticket 4711'\n"
                   "  eqmgrctl suspend destination '[gw.example.com]:25' --until 18:30 --reason move\n"
                   "  eqmgrctl suspend transport smtp --for 10m --reason 'uplink' --dry-run\n",
        .run = show_listing,
    },
    {
        .name = "limit",
        .level = "control",
        .summary = "lower or raise the concurrency or rate of destinations",
        .operand = "WHAT concurrency N | WHAT rate N/TIME",
        .wire = "what",
        .second_wire = "name",
        .measures = "concurrency rate",
        .operand_required = true,
        .choices = "domain destination transport all concurrency rate",
        .options = {{"for", 'f', "TIME", "for", "for so long", true, NULL},
                    {"until", 'u', "TIME", "until", "until then: 18:30, 2026-11-30", false, NULL},
                    {"forever", 0, NULL, "forever", "until it is resumed", false, NULL},
                    {"reason", 'r', "TEXT", "reason", "why; rules and status show it", false, NULL},
                    {"new", 0, NULL, "new", "although no such mail is known", false, NULL}},
        .details = "WHAT is destination NAME, transport NAME, domain DOMAIN or DOMAIN (destinations\n"
                   "with this nexthop, not recipients), or all. It holds for each destination by\n"
                   "itself; of several limits, that for the smallest WHAT. concurrency N replaces\n"
                   "<transport>_destination_concurrency_limit; deliveries that run go on, and a\n"
                   "window grows from where it is. rate N/TIME lets N deliveries begin in TIME, with\n"
                   "bursts of two seconds' worth, at least 2. The process limit of master.cf still\n"
                   "holds, and a rate delay allows one at a time. eqmgrctl resume NUMBER ends it.\n\n"
                   "  eqmgrctl limit example.com concurrency 2 --for 2h --reason 'ticket 4711'\n"
                   "  eqmgrctl limit example.com rate 100/1m --until 18:30 --reason 'too fast'\n"
                   "  eqmgrctl limit transport smtp concurrency 50 --for 1h --reason campaign\n",
        .run = show_listing,
    },
    {
        .name = "resume",
        .level = "control",
        .summary = "end a suspension; its mail comes by pilot and portions",
        .operand = "WHAT",
        .wire = "what",
        .second_wire = "name",
        .operand_required = true,
        .options = {{"later", 0, NULL, "later", "its mail comes at the times that it has", false,
                     NULL},
                    {"no-pilot", 0, NULL, "no_pilot", "all of it at once", false, NULL}},
        .details = "WHAT is the number of a rule, or what was said to suspend. A job lets the mail\n"
                   "go, as with flush; see jobs and cancel. A limit ends by its number only.\n\n"
                   "  eqmgrctl resume 7\n"
                   "  eqmgrctl resume example.com\n"
                   "  eqmgrctl resume transport smtp --later\n",
        .run = show_listing,
    },
    {
        .name = "metrics",
        .level = "summary",
        .summary = "counters and gauges in the text format of Prometheus",
        .options = {{"openmetrics", 0, NULL, NULL, "the text format of OpenMetrics", false, NULL}},
        .details = "For a scraper: eqmgrctl web, or a timer that writes this to a file for the\n"
                   "node exporter.\n",
        .run = metrics_run,
    },
    {
        .name = "check",
        .level = "summary",
        .summary = "a line and an exit status for Nagios, Icinga and their kin",
        .options = {{"active", 'a', "W,C", NULL, "percent of the active queue used (80,95)", false, NULL},
                    {"dead", 'd', "W,C", NULL, "transports that are dead (1,3)", false, NULL},
                    {"stuck", 's', "W,C", NULL, "messages that cannot be moved (1,100)", false, NULL},
                    {"overdue", 'o', "W,C", NULL, "messages that are overdue (-)", false, NULL},
                    {"deferred", 'D', "W,C", NULL, "deferred messages (-)", false, NULL},
                    {"oldest", 'O', "W,C", NULL, "age of the oldest in active, as 1h,6h (-)", false,
                     NULL}},
        .details = "W is the value from which on it is a warning, C the one for critical; - is\n"
                   "never. After | come the values for graphs. Exit status: 0 OK; 1 warning;\n"
                   "2 critical, also if no eqmgr answers; 3 unknown: the check is not permitted, or\n"
                   "its options are wrong.\n\n"
                   "  eqmgrctl check\n"
                   "  eqmgrctl check --deferred 5000,50000 --oldest 1h,6h\n",
        .usage_status = 3, /* for Nagios, which reads standard output: the check itself is wrong */
        .usage_prefix = "EQMGR UNKNOWN - ",
        .run = check_run,
    },
    {
        .name = "doctor",
        .level = "summary",
        .summary = "advice: what is not well, and what would help",
        .details = "Exit status 0 if there is none, 1 if there is.\n",
        .run = doctor_run,
    },
    {
        .name = "top",
        .level = "summary",
        .summary = "the queue and its destinations while one watches",
        .options = {{"delay", 'd', "SECONDS", NULL, "between two looks (default: 1)", false, NULL},
                    {"batch", 'b', NULL, NULL, "a line for each look, as without a terminal", false,
                     NULL},
                    {"count", 'N', "N", NULL, "with --batch: end after so many lines", false, NULL}},
        .details = "? shows the keys, q ends it. --batch prints what came in, was removed and was\n"
                   "deferred between two looks, a second.\n\n"
                   "  eqmgrctl top\n"
                   "  eqmgrctl top --batch --delay 10 | tee queue.log\n",
        .run = top_run,
    },
    {
        .name = "web",
        .level = "summary",
        .summary = "a status page, metrics and JSON over HTTP",
        .options = {{"listen", 'l', "ADDRESS:PORT", NULL,
                     "where (default: " WEB_DEFAULT_ADDRESS ")", false, NULL}},
        .details = "It runs until it is interrupted, and shows what level summary may see: no\n"
                   "addresses, no queue IDs. / is the page, /metrics for Prometheus, /ready and\n"
                   "/healthy for supervisors, /api/1/VERB the lines of eqmgrctl -j VERB.\n\n"
                   "  eqmgrctl web\n"
                   "  eqmgrctl web --listen '[::1]:8080'\n",
        .run = web_run,
    },
    {
        .name = "policy",
        .level = "",
        .summary = "check, show, compare policy files; explain what a site gets",
        .operand = "check|show [FILE] | diff FILE | explain TRANSPORT NEXTHOP",
        .wire = "what",
        .second_wire = "first",
        .third_wire = "second",
        .operand_required = true,
        .choices = "check show diff explain",
        .details = "check tells all errors and warnings; without FILE, of eqmgr_policy_file. Exit\n"
                   "status 0: no error; 1: some. show tells its sections as they are understood,\n"
                   "with defaults and lines. explain tells the section that wins, each number,\n"
                   "and where it comes from. All read the files, and ask no daemon. diff tells\n"
                   "which sections of FILE differ from eqmgr_policy_file, and asks the daemon for\n"
                   "its destinations: what changes for them after a reload with FILE.\n\n"
                   "  eqmgrctl policy check /etc/postfix/eqmgr_policy.new\n"
                   "  eqmgrctl policy show\n"
                   "  eqmgrctl policy diff /etc/postfix/eqmgr_policy.new\n"
                   "  eqmgrctl policy explain smtp example.com\n",
        .run = policy_run,
    },
    {
        .name = "completion",
        .level = "",
        .summary = "what makes a shell complete these words: bash, zsh, fish",
        .operand = "SHELL",
        .choices = "bash zsh fish",
        .operand_required = true,
        .details = "  eqmgrctl completion bash >/etc/bash_completion.d/eqmgrctl\n",
        .run = completion_run,
    },
    {
        .name = "schema",
        .level = "",
        .summary = "JSON Schema of the lines that -j prints",
        .details = "",
        .run = schema_run,
    },
    {
        .name = "help",
        .level = "",
        .summary = "this overview; of a verb: what it shows and takes",
        .operand = "[VERB]",
        .details = "",
        .run = help_run,
    },
};
/* clang-format on */

const Command *command_at(unsigned i)
{
    return i < G_N_ELEMENTS(commands) ? &commands[i] : NULL;
}
