#ifndef EQMGR_TESTS_TRAFFIC_PARTS_H
#define EQMGR_TESTS_TRAFFIC_PARTS_H

/* The parts of bench-traffic: each prints a table. */

void traffic_rates(void);
void traffic_back_off(void);
void traffic_sites(void); /* alone depends on the machine */

#endif
