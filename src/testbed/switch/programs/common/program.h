/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract of a program of this folder: a switch that is a DPDK process of our own. Such a program is one file,
 * x.c, which defines `switch_program`, and the line SWITCH_PROGRAM(x, "summary") in ../switches.def. All else
 * (options, ports, threads, what is told by telemetry, the end) is done by the files of common/.
 *
 * Ports are what EAL is told to make (--vdev), in the order that it is told; each has one receive and one transmit
 * queue. Port 2l and port 2l + 1 are the two ends of link l.
 */
#ifndef LB_SWITCH_PROGRAM_H
#define LB_SWITCH_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>
#include <rte_mbuf.h>

#define PROGRAM_BURST 32 /* as in DPDK's samples, and the most that its drivers like */

/* What a thread forwards: the packets that ports first .. end - 1 receive. Nobody else transmits to their peers. */
struct port_share {
	uint16_t first, end;
};

struct switch_program {
	const char *does; /* for --help: lines of at most 100 characters, each with its newline */
	/* Called once, with all ports there but not started. 0 or -errno, said with program_error. May be NULL. */
	int (*prepare)(uint16_t ports);
	/* A thread: forwards until program_stopping. Packets that a port does not take go to program_drop. */
	void (*work)(const struct port_share *share);
};

/* Of the program: the one thing that its file defines. */
extern const struct switch_program switch_program;

/* Set once, when the program is to end. */
extern volatile bool program_stopping;

/* The other end of the port's link. */
static inline uint16_t program_peer(uint16_t port)
{
	return port ^ 1;
}

/* The MAC addresses of the containers at the ports, as far as the program was told them (--mac), and how many. */
extern struct rte_ether_addr program_mac[RTE_MAX_ETHPORTS];
extern uint16_t program_macs;

/* Free packets that could not leave by `port`, and count them: by the one thread that transmits to it. */
void program_drop(uint16_t port, struct rte_mbuf **packets, uint16_t count);

/* "lanebench-x: ..." on standard error. */
void program_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
