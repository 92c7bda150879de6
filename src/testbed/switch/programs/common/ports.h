/* SPDX-License-Identifier: Apache-2.0 */
/* The ports, and the threads that forward. */
#ifndef LB_SWITCH_PROGRAM_PORTS_H
#define LB_SWITCH_PROGRAM_PORTS_H

#include <stdint.h>

#include <rte_mempool.h>

/* Configure all ports, let the program prepare, start the ports. 0 or -errno, said on standard error. */
int ports_open(struct rte_mempool *pool);
/* How many threads have something to do: EAL's worker lcores, but no more than there are ports. */
unsigned ports_threads(void);
/*
 * Launch them: the ports are shared out among them, those of a link to one thread where there are no more threads
 * than links. 0 or -errno, said on standard error.
 */
int ports_start(void);
/* Packets that program_drop has counted so far. */
uint64_t ports_dropped(void);
/* End them and wait for them; stop and close the ports. */
void ports_stop(void);

#endif
