#ifndef EQMGR_POLICY_TRANSPORT_RATE_H
#define EQMGR_POLICY_TRANSPORT_RATE_H

/*
 * policy/transport_rate: which rates eqmgr.cf can say of a transport (traffic.md 1). Each of them
 * is a MeterLimit.
 */

typedef enum TransportRate {
    TRANSPORT_RATE_DELIVERIES, /* to each destination: what no section of the policy file says */
    TRANSPORT_RATE_RECIPIENTS, /* the same, counted in recipients */
    TRANSPORT_RATE_WHOLE,      /* deliveries to all destinations together */
    TRANSPORT_RATE_COUNT
} TransportRate;

#endif
