#ifndef EQMGR_POLICY_NEXTHOP_H
#define EQMGR_POLICY_NEXTHOP_H

/*
 * policy/nexthop: the host or domain in a nexthop, which is what people mean by the domain of a
 * destination: "[mx.example.com]:587", "example.com:24" and "inet:example.com:24" have one more
 * than its name. A nexthop with a path in it stays as it is.
 */

#include <glib.h>

/* The caller's: g_free(). Case is kept. */
char *nexthop_host(const char *nexthop) G_GNUC_WARN_UNUSED_RESULT;

#endif
