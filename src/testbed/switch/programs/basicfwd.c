/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lanebench-basicfwd: what comes in at one port of a link goes out at the other; nothing else. The least that a
 * switch built on DPDK can do, as the papers measure it (DPDK's sample "skeleton").
 */
#include <rte_ethdev.h>

#include "testbed/switch/programs/common/program.h"

/* All that this program is about. */
static inline void forward(uint16_t from, uint16_t to)
{
	struct rte_mbuf *burst[PROGRAM_BURST];
	uint16_t received = rte_eth_rx_burst(from, 0, burst, PROGRAM_BURST), sent;

	if (!received)
		return;
	sent = rte_eth_tx_burst(to, 0, burst, received);
	if (unlikely(sent < received))
		program_drop(to, burst + sent, received - sent);
}

static void basicfwd_work(const struct port_share *share)
{
	while (!program_stopping)
		for (uint16_t port = share->first; port < share->end; port++)
			forward(port, program_peer(port));
}

const struct switch_program switch_program = {
	.does = "Forwards what a port receives to the other port of its link, as it is.\n",
	.work = basicfwd_work,
};
