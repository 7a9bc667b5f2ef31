#include "policy/nexthop.h"

#include <string.h>

char *nexthop_host(const char *nexthop)
{
    if (g_str_has_prefix(nexthop, "inet:"))
        nexthop += strlen("inet:");
    if (*nexthop == '[')
        return g_strndup(nexthop + 1, strcspn(nexthop + 1, "]"));
    return strchr(nexthop, '/') == NULL ? g_strndup(nexthop, strcspn(nexthop, ":"))
                                        : g_strdup(nexthop);
}
