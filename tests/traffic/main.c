/*
 * Traffic rules in virtual time: what they claim (traffic.md 9), as tables. Only those of sites
 * depend on the machine.
 *
 *   traffic [PART...]     these parts (see the table); without a name all
 */

#include <stdio.h>
#include <string.h>

#include "tests/traffic/parts.h"

static const struct {
    const char *name;
    void (*play)(void);
} parts[] = {
    {"rates",       traffic_rates      },
    {"concurrency", traffic_concurrency},
    {"kills",       traffic_kills      },
    {"clocks",      traffic_clocks     },
    {"jitter",      traffic_jitter     },
    {"backoff",     traffic_back_off   },
    {"sites",       traffic_sites      },
};

static int play_part(const char *name)
{
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (name != NULL && strcmp(name, parts[i].name) != 0)
            continue;
        parts[i].play();
        if (name != NULL)
            return 0;
    }
    return name == NULL ? 0 : 64;
}

int main(int argc, char **argv)
{
    if (argc == 1)
        return play_part(NULL);
    for (int i = 1; i < argc; i++) {
        if (play_part(argv[i]) != 0) {
            (void)fprintf(stderr, "traffic: %s: there is no such part\n", argv[i]);
            return 64;
        }
    }
    return 0;
}
