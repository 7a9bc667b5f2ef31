#include "tests/kill/common.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <glib.h>

#include "tests/bench/meter.h"

#define LEDGER_FILE "ledger"

static size_t switches_bytes(void)
{
    return sizeof(Switches) + COMMON_GENERATIONS_MAX * sizeof(pid_t);
}

void common_init(Common *common)
{
    void *page =
        mmap(NULL, switches_bytes(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    common->ledger_fd = open(LEDGER_FILE, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
    if (page == MAP_FAILED || common->ledger_fd < 0)
        g_error("%s: %s", LEDGER_FILE, g_strerror(errno));
    common->switches = page;
}

void common_clear(Common *common)
{
    (void)close(common->ledger_fd);
    (void)munmap(common->switches, switches_bytes());
}

void common_note(const Common *common, LedgerEntry entry)
{
    entry.at_ns = meter_now_ns();
    if (write(common->ledger_fd, &entry, sizeof(entry)) != (ssize_t)sizeof(entry))
        g_error("%s: %s", LEDGER_FILE, g_strerror(errno));
}

void common_note_start(const Common *common, pid_t pid)
{
    Switches *switches = common->switches;
    uint32_t generation = switches->generation + 1;

    if (generation >= COMMON_GENERATIONS_MAX)
        g_error("%u queue managers are too many for one run", generation);
    switches->manager_pids[generation] = pid;
    __atomic_store_n(&switches->generation, generation, __ATOMIC_RELEASE);
    common_note(common, (LedgerEntry){.kind = LEDGER_STARTED, .generation = generation});
}

/* Process IDs are used again, so the last one counts. */
uint32_t common_generation_of(const Common *common, pid_t pid)
{
    const Switches *switches = common->switches;
    uint32_t generation = __atomic_load_n(&switches->generation, __ATOMIC_ACQUIRE);

    while (generation > 0 && switches->manager_pids[generation] != pid)
        generation--;
    return generation;
}
