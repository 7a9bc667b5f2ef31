#include "src/start.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "config/installation.h"
#include "config/policy_file.h"
#include "control/keeper.h"
#include "control/rule_store.h"
#include "daemon/log_transport.h"
#include "daemon/process.h"
#include "daemon/sandbox.h"
#include "ipc/trace.h"
#include "src/setup.h"

#define DEFAULT_CONFIG_DIRECTORY "/etc/postfix"
#define BOOT_FILE                "/proc/sys/kernel/random/boot_id"

/*
 * The steps of main() up to the service, in the order in which master(8) and an administrator can
 * see them: a log that works before the configuration is read, the configuration, the log that it
 * asks for, the queue directory, the line that introduces us.
 */

/*
 * The program part of the log tag. Under a stock name we log as stock does; under any other name as
 * the service whose place we take, so that log watchers find the lines of "qmgr".
 */
static const char *log_name(const DaemonOptions *options)
{
    static const char *const stock_names[] = {"qmgr", "oqmgr", "nqmgr"};

    for (size_t i = 0; i < G_N_ELEMENTS(stock_names); i++)
        if (g_str_equal(options->program_name, stock_names[i]))
            return options->program_name;
    return options->service_name;
}

void start_early_log(const DaemonOptions *options)
{
    const char *syslog_name = g_getenv("MAIL_LOGTAG");
    g_autofree char *tag =
        g_strdup_printf("%s/%s", syslog_name != NULL ? syslog_name : "postfix", log_name(options));

    (void)log_transport_open(&(LogTransport){
        .tag = tag,
        .postlog_path = g_getenv("POSTLOG_SERVICE"),
        .hostname = g_getenv("POSTLOG_HOSTNAME"),
        .facility = "mail",
        .also_stderr = options->log_to_stderr,
    });
}

static void open_log(const DaemonOptions *options, const SettingsValues *values)
{
    g_autofree char *tag = g_strdup_printf("%s/%s", values->syslog_name, log_name(options));
    g_autofree char *postlog =
        g_strdup_printf("%s/public/%s", values->queue_directory, values->postlog_service_name);

    (void)log_transport_open(&(LogTransport){
        .tag = tag,
        .postlog_path = *values->maillog_file != '\0' ? postlog : NULL,
        .hostname = values->myhostname,
        .facility = values->syslog_facility,
        .also_stderr = options->log_to_stderr,
    });
    log_allow_utf8(values->smtputf8_enable);
}

void start_require(bool ok, GError **error)
{
    if (!ok)
        log_fatal("%s", (*error)->message);
}

static Settings *load_settings(const DaemonOptions *options)
{
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    g_autofree char *directory = g_get_current_dir();
    g_autofree char *parent_link = g_strdup_printf("/proc/%ld/exe", (long)getppid());
    Installation installation = installation_find("/proc/self/exe", parent_link);
    const char *config_directory = g_getenv("MAIL_CONFIG");
    Settings *settings = settings_load(
        &(SettingsSource){
            .config_directory =
                config_directory != NULL ? config_directory : DEFAULT_CONFIG_DIRECTORY,
            .process_name = options->program_name,
            .service_name = options->service_name,
            .mail_logtag = g_getenv("MAIL_LOGTAG"),
            .overrides = (const char *const *)options->overrides->pdata,
            .start_directory = directory,
            .daemon_directory = installation.daemon_directory,
            .master_program = installation.master_program,
            .round_robin = setup_is_round_robin(options->program_name, NULL),
        },
        warnings, &error);

    installation_clear(&installation);
    for (guint i = 0; i < warnings->len; i++)
        log_warning("%s", (const char *)g_ptr_array_index(warnings, i));
    start_require(settings != NULL, &error);
    return settings;
}

void start_drop_privileges(const DaemonOptions *options, const SettingsValues *values)
{
    g_autoptr(GError) error = NULL;
    const char *root = options->chroot ? values->queue_directory : NULL;

    start_require(
        process_drop_privileges(values->mail_owner, root, options->drop_privileges, &error),
        &error);
}

void start_warn_of_old_name(const DaemonOptions *options, const SettingsValues *values)
{
    if (!g_str_equal(options->program_name, "nqmgr"))
        return;
    log_warning("please update the %s/master.cf file; the new queue manager",
                values->config_directory);
    log_warning("(old name: nqmgr) has become the standard queue manager (new name: qmgr)");
    log_warning("support for the name old name (nqmgr) will be removed from Postfix");
}

ServiceSettings start_enter_service(const DaemonOptions *options, const SettingsValues *values)
{
    g_autoptr(GError) error = NULL;
    ServiceSettings service = {.listen_fd = MASTER_LISTEN,
                               .status_fd = MASTER_STATUS,
                               .extra_argument = options->extra_argument};

    start_require(daemon_options_check(options, &service.type, &error), &error);
    start_require(process_generation(&service.generation, &error), &error);
    start_require(process_check_descriptors(service.type, &error), &error);
    if (options->debugger)
        process_run_debugger(values->debugger_command);
    start_require(process_enter_directory(values->queue_directory, &error), &error);
    return service;
}

/* In Postfix's own words, unless the release is unknown or was configured otherwise. */
static char *release_text(const SettingsValues *values, int release)
{
    if (release == values->postfix_release)
        return g_strdup(values->postfix_version);
    if (RELEASE_PATCH(release) == RELEASE_PART_MAX)
        return g_strdup_printf("%d.%d", RELEASE_MAJOR(release), RELEASE_MINOR(release));
    return g_strdup_printf("%d.%d.%d", RELEASE_MAJOR(release), RELEASE_MINOR(release),
                           RELEASE_PATCH(release));
}

int start_open_data(const SettingsValues *values)
{
    int fd = data_file_open_directory(values->data_directory);

    if (fd < 0 && errno != ENOENT)
        log_warning("control: data_directory %s: %s", values->data_directory, g_strerror(errno));
    return fd;
}

void start_load_rules(int data_fd, const SettingsValues *values, SteerSubject *ret_subject)
{
    Rules *rules = rules_new();
    char *problem = NULL;
    RuleLoad load = data_fd >= 0 ? rule_store_load(data_fd, rules, &problem) : RULE_LOAD_OK;

    if (problem != NULL)
        log_warning("control: %s", problem);
    if (rules_count(rules) > 0)
        log_info("control: %u rule%s in force", rules_count(rules),
                 rules_count(rules) == 1 ? " is" : "s are");
    *ret_subject = (SteerSubject){.rules = rules,
                                  .directory = values->data_directory,
                                  .directory_fd = data_fd,
                                  .load = load,
                                  .problem = problem};
}

char *start_read_boot(void)
{
    char *boot = NULL;

    return g_file_get_contents(BOOT_FILE, &boot, NULL, NULL) ? g_strstrip(boot) : NULL;
}

MeterBook *start_load_meters(int data_fd, const Setup *setup)
{
    const MeterBookOwner owner = setup_meter_owner(setup);

    return settings_values(setup->settings)->eqmgr_keep_state && data_fd >= 0
               ? keeper_load(data_fd, &owner, clock_mono_us(), g_get_real_time())
               : NULL;
}

void start_introduce(const SettingsValues *values, int release)
{
    g_autofree char *text = release_text(values, release);
    int connections = values->eqmgr_resolver_connections;

    log_info("eqmgr " EQMGR_VERSION " for Postfix %s: %s, %d resolver connection%s", text,
             values->eqmgr_scheduler, connections, connections == 1 ? "" : "s");
}

void start_print_release(const SettingsValues *values)
{
    int release = setup_release(values);

    (void)printf("%d.%d\n", RELEASE_MAJOR(release), RELEASE_MINOR(release));
}

Sites *start_load_policy(const Settings *settings)
{
    const char *path = settings_values(settings)->eqmgr_policy_file;
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    Sites *sites;

    if (*path == '\0') {
        sites = sites_new();
        sites_seal(sites);
        return sites;
    }
    sites = policy_file_load(path, settings, errors, warnings);
    for (guint i = 0; i < warnings->len; i++)
        log_warning("policy: %s", (const char *)warnings->pdata[i]);
    for (guint i = 0; i < errors->len; i++)
        log_error("policy: %s", (const char *)errors->pdata[i]);
    if (sites == NULL)
        log_fatal("policy: errors in %s: %u", path, errors->len);
    return sites;
}

Settings *start_configure(const DaemonOptions *options)
{
    Settings *settings = load_settings(options);

    open_log(options, settings_values(settings));
    return settings;
}

static SandboxMode sandbox_mode(const char *text)
{
    if (g_str_equal(text, "no"))
        return SANDBOX_NO;
    return g_str_equal(text, "log") ? SANDBOX_LOG : SANDBOX_YES;
}

/*
 * The queue directory as a whole, since an administrator may replace one of its directories at any
 * time; each of them that is a symbolic link besides: no others, since the kernel looks for a rule
 * at each step up, and a rule more costs each rename. In a jail there is no configuration any more.
 * The process itself: its own memory usage is told in metrics, and its directory has to stay open
 * for the rule to hold.
 */
void start_confine(const SettingsValues *values, int data_fd, struct event_base *base)
{
    g_autofree char *policy_directory = g_path_get_dirname(values->eqmgr_policy_file);
    int own_fd = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
    const SandboxPlace places[] = {
        {".",                      -1,      SANDBOX_CHANGE, SANDBOX_NEEDED  },
        {"incoming",               -1,      SANDBOX_CHANGE, SANDBOX_IF_LINK },
        {"active",                 -1,      SANDBOX_CHANGE, SANDBOX_IF_LINK },
        {"deferred",               -1,      SANDBOX_CHANGE, SANDBOX_IF_LINK },
        {"corrupt",                -1,      SANDBOX_CHANGE, SANDBOX_IF_LINK },
        {"defer",                  -1,      SANDBOX_CHANGE, SANDBOX_IF_LINK },
        {"bounce",                 -1,      SANDBOX_CHANGE, SANDBOX_IF_LINK },
        {"trace",                  -1,      SANDBOX_CHANGE, SANDBOX_IF_LINK },
        {NULL,                     data_fd, SANDBOX_CHANGE, SANDBOX_IF_THERE},
        {values->config_directory, -1,      SANDBOX_READ,   SANDBOX_IF_THERE},
        {policy_directory,         -1,      SANDBOX_READ,   SANDBOX_IF_THERE},
        {NULL,                     own_fd,  SANDBOX_READ,   SANDBOX_IF_THERE},
    };

    sandbox_enter(&(SandboxSettings){.mode = sandbox_mode(values->eqmgr_sandbox),
                                     .core_dump = values->eqmgr_core_dump,
                                     .places = places,
                                     .place_count = G_N_ELEMENTS(places)},
                  base);
}

static void trace_conversation(const char *path, const char *from, const char *to, const char *why)
{
    log_info("conversation with %s: was %s, is %s%s%s", path, from, to, why != NULL ? ": " : "",
             why != NULL ? why : "");
}

void start_trace(bool verbose)
{
    ipc_trace_to(verbose ? trace_conversation : NULL);
}
