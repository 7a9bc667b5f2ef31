#include <stdio.h>

#include "daemon/options.h"

/*
 * The texts of --help and --version.
 */

void daemon_print_help(const char *program_name)
{
    static const char text[] =
        "Usage: %s -l -t unix [-u] [-c] [-n service] [-o name=value] ...\n"
        "\n"
        "eqmgr is a mail queue manager. It takes the place of the qmgr(8) or oqmgr(8) daemon of a\n"
        "Postfix mail system, with the same queue files, protocols, parameters and log lines.\n"
        "It is started by master(8), not by hand. To let it manage the queue:\n"
        "\n"
        "    postconf -F 'qmgr/unix/command=eqmgr'\n"
        "    postfix reload\n"
        "\n"
        "and back:\n"
        "\n"
        "    postconf -F 'qmgr/unix/command=qmgr'\n"
        "    postfix reload\n"
        "\n"
        "The program file belongs in the directory that \"postconf -h daemon_directory\" prints.\n"
        "\n"
        "Options for use by hand:\n"
        "    -h, --help         this text\n"
        "    --version          the version\n"
        "    --postfix-release  the release of Postfix whose daemons it would talk to\n"
        "    -S                 take one request from standard input, then exit\n"
        "    -V                 log to standard error, too\n"
        "    -v                 verbose logging\n"
        "The others are those that master(8) gives to each of its daemons; see eqmgr(8).\n"
        "\n"
        "Files, in the directory that \"postconf -h config_directory\" prints:\n"
        "    main.cf        the parameters of Postfix, with their usual meaning\n"
        "    eqmgr.cf       settings of eqmgr alone; may be absent\n"
        "    master.cf      the services that master(8) runs\n"
        "\n"
        "See also: eqmgr(8), qmgr(8), master(8), master(5), postconf(5), postqueue(1)\n";

    (void)printf(text, program_name);
}

void daemon_print_version(void)
{
    (void)puts("eqmgr " EQMGR_VERSION);
}
