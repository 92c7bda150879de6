/* SPDX-License-Identifier: Apache-2.0 */
#include "basicfwd/forward.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

/* A thread forwards what these ports receive, each to the other of its pair. */
struct worker {
	uint16_t first, end;
} __rte_cache_aligned;

static struct worker workers[RTE_MAX_LCORE];
static volatile bool stopping;

static int port_open(uint16_t port, struct rte_mempool *pool)
{
	const struct rte_eth_conf configuration = { 0 };
	const int socket = rte_eth_dev_socket_id(port);
	int rc = rte_eth_dev_configure(port, 1, 1, &configuration);

	/* The rings are the endpoint's: their sizes here mean nothing. */
	if (!rc)
		rc = rte_eth_rx_queue_setup(port, 0, 0, (unsigned)socket, NULL, pool);
	if (!rc)
		rc = rte_eth_tx_queue_setup(port, 0, 0, (unsigned)socket, NULL);
	return rc ? rc : rte_eth_dev_start(port);
}

int forward_open_ports(struct rte_mempool *pool)
{
	uint16_t ports = rte_eth_dev_count_avail(), port;

	if (ports == 0 || ports % 2) {
		fprintf(stderr, "lanebench-basicfwd: %u ports are no pairs of ports\n", ports);
		return -EINVAL;
	}
	for (port = 0; port < ports; port++) {
		int rc = port_open(port, pool);

		if (rc) {
			fprintf(stderr, "lanebench-basicfwd: cannot open port %u: %s\n", port, strerror(-rc));
			return rc;
		}
	}
	return 0;
}

/* All that this program is about. */
static inline void forward(uint16_t from, uint16_t to)
{
	struct rte_mbuf *burst[FORWARD_BURST];
	uint16_t received = rte_eth_rx_burst(from, 0, burst, FORWARD_BURST), sent;

	if (!received)
		return;
	sent = rte_eth_tx_burst(to, 0, burst, received);
	if (unlikely(sent < received))
		rte_pktmbuf_free_bulk(burst + sent, received - sent);
}

static int work(void *argument)
{
	const struct worker *worker = argument;

	while (!stopping)
		for (uint16_t port = worker->first; port < worker->end; port++)
			forward(port, port ^ 1);
	return 0;
}

unsigned forward_threads(void)
{
	unsigned ports = rte_eth_dev_count_avail(), workers_there = rte_lcore_count() - 1;

	return workers_there < ports ? workers_there : ports;
}

int forward_start(void)
{
	unsigned ports = rte_eth_dev_count_avail(), threads = forward_threads(), thread = 0, lcore;

	if (!threads) {
		fprintf(stderr, "lanebench-basicfwd: no lcore to forward on beside the main one\n");
		return -EINVAL;
	}
	RTE_LCORE_FOREACH_WORKER(lcore) {
		struct worker *worker = &workers[lcore];
		int rc;

		if (thread == threads)
			break;
		worker->first = (uint16_t)(ports * thread / threads);
		worker->end = (uint16_t)(ports * ++thread / threads);
		rc = rte_eal_remote_launch(work, worker, lcore);
		if (rc) {
			fprintf(stderr, "lanebench-basicfwd: cannot start a thread: %s\n", strerror(-rc));
			return rc;
		}
	}
	return 0;
}

void forward_stop(void)
{
	uint16_t port;

	stopping = true;
	rte_eal_mp_wait_lcore();
	RTE_ETH_FOREACH_DEV(port) {
		rte_eth_dev_stop(port);
		rte_eth_dev_close(port);
	}
}
