/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lanebench-l2fwd: DPDK's sample "l2fwd" on our ports: a frame that comes in at one port of a link gets new MAC
 * addresses and goes out at the other. As in the sample, frames to a port are gathered until there is a burst of them,
 * and sent at the latest after 100 us; those that the port does not take are dropped.
 *
 * The sample writes 02:00:00:00:00:<port> and its port's own address into a frame, which nobody behind the port
 * answers to. This program is told the address of each container (--mac) and writes that of the one behind the
 * port of departure as destination, and that of the one behind the port of arrival as source: the same work for
 * each frame, and its receiver finds what it expects.
 */
#include <errno.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <rte_prefetch.h>

#include "testbed/switch/programs/common/program.h"

#define DRAIN_US 100 /* the sample's BURST_TX_DRAIN_US */

static struct rte_eth_dev_tx_buffer *gathered[RTE_MAX_ETHPORTS];

static void drop(struct rte_mbuf **packets, uint16_t count, void *port)
{
	program_drop((uint16_t)(uintptr_t)port, packets, count);
}

static int l2fwd_prepare(uint16_t ports)
{
	if (program_macs != ports) {
		program_error("--mac is needed for each of %u ports", ports);
		return -EINVAL;
	}
	for (uint16_t port = 0; port < ports; port++) {
		gathered[port] = rte_zmalloc(NULL, RTE_ETH_TX_BUFFER_SIZE(PROGRAM_BURST), 0);
		if (!gathered[port]) {
			program_error("no memory to gather frames in");
			return -ENOMEM;
		}
		rte_eth_tx_buffer_init(gathered[port], PROGRAM_BURST);
		rte_eth_tx_buffer_set_err_callback(gathered[port], drop, (void *)(uintptr_t)port);
	}
	return 0;
}

static inline void forward_one(struct rte_mbuf *packet, uint16_t from, uint16_t to)
{
	struct rte_ether_hdr *header = rte_pktmbuf_mtod(packet, struct rte_ether_hdr *);

	rte_ether_addr_copy(&program_mac[to], &header->dst_addr);
	rte_ether_addr_copy(&program_mac[from], &header->src_addr);
	rte_eth_tx_buffer(to, 0, gathered[to], packet);
}

static inline void forward(uint16_t from, uint16_t to)
{
	struct rte_mbuf *burst[PROGRAM_BURST];
	uint16_t received = rte_eth_rx_burst(from, 0, burst, PROGRAM_BURST);

	for (uint16_t i = 0; i < received; i++) {
		rte_prefetch0(rte_pktmbuf_mtod(burst[i], void *));
		forward_one(burst[i], from, to);
	}
}

static void l2fwd_work(const struct port_share *share)
{
	const uint64_t drain = (rte_get_tsc_hz() + US_PER_S - 1) / US_PER_S * DRAIN_US;
	uint64_t drained = rte_rdtsc();

	while (!program_stopping) {
		uint64_t now = rte_rdtsc();

		if (unlikely(now - drained > drain)) {
			for (uint16_t port = share->first; port < share->end; port++)
				rte_eth_tx_buffer_flush(program_peer(port), 0, gathered[program_peer(port)]);
			drained = now;
		}
		for (uint16_t port = share->first; port < share->end; port++)
			forward(port, program_peer(port));
	}
}

const struct switch_program switch_program = {
	.does = "Forwards what a port receives to the other port of its link, with the MAC addresses of the\n"
		"containers behind the two, in bursts that are sent when they are full or after 100 us.\n",
	.prepare = l2fwd_prepare,
	.work = l2fwd_work,
};
