/* SPDX-License-Identifier: Apache-2.0 */
/* The threads that forward. */
#ifndef LB_BASICFWD_FORWARD_H
#define LB_BASICFWD_FORWARD_H

#include <rte_mempool.h>

#define FORWARD_BURST 32 /* as in DPDK's sample, and the most that its drivers like */

/* Configure and start all ports. 0 or -errno, said on standard error. */
int forward_open_ports(struct rte_mempool *pool);
/* How many threads have something to do: EAL's worker lcores, but no more than there are ports. */
unsigned forward_threads(void);
/*
 * Launch them: port 0 <-> port 1, port 2 <-> port 3, ...; the directions are shared out among them, those of
 * a pair to one thread where there are no more threads than pairs. 0 or -errno, said on standard error.
 */
int forward_start(void);
/* End them and wait for them; stop and close the ports. */
void forward_stop(void);

#endif
