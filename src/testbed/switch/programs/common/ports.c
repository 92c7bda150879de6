/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/switch/programs/common/ports.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include "testbed/switch/programs/common/program.h"

struct worker {
	struct port_share share;
} __rte_cache_aligned;

volatile bool program_stopping;

static struct worker workers[RTE_MAX_LCORE];

/* Each is written by one thread. */
static struct counter {
	uint64_t packets;
} __rte_cache_aligned dropped[RTE_MAX_ETHPORTS];

void program_drop(uint16_t port, struct rte_mbuf **packets, uint16_t count)
{
	rte_pktmbuf_free_bulk(packets, count);
	__atomic_store_n(&dropped[port].packets, dropped[port].packets + count, __ATOMIC_RELAXED);
}

uint64_t ports_dropped(void)
{
	uint64_t sum = 0;

	for (unsigned port = 0; port < RTE_MAX_ETHPORTS; port++)
		sum += __atomic_load_n(&dropped[port].packets, __ATOMIC_RELAXED);
	return sum;
}

static int port_configure(uint16_t port, struct rte_mempool *pool)
{
	const struct rte_eth_conf configuration = { 0 };
	const int socket = rte_eth_dev_socket_id(port);
	int rc = rte_eth_dev_configure(port, 1, 1, &configuration);

	/* The rings are the endpoint's: their sizes here mean nothing. */
	if (!rc)
		rc = rte_eth_rx_queue_setup(port, 0, 0, (unsigned)socket, NULL, pool);
	if (!rc)
		rc = rte_eth_tx_queue_setup(port, 0, 0, (unsigned)socket, NULL);
	return rc;
}

int ports_open(struct rte_mempool *pool)
{
	uint16_t ports = rte_eth_dev_count_avail(), port;
	int rc = 0;

	if (ports == 0 || ports % 2) {
		program_error("%u ports are no ends of links", ports);
		return -EINVAL;
	}
	for (port = 0; port < ports && !rc; port++)
		rc = port_configure(port, pool);
	if (!rc && switch_program.prepare) {
		rc = switch_program.prepare(ports);
		if (rc)
			return rc;
	}
	for (port = 0; port < ports && !rc; port++)
		rc = rte_eth_dev_start(port);
	if (rc)
		program_error("cannot open port %u: %s", port - 1, strerror(-rc));
	return rc;
}

static int work(void *argument)
{
	const struct worker *worker = argument;

	switch_program.work(&worker->share);
	return 0;
}

unsigned ports_threads(void)
{
	unsigned ports = rte_eth_dev_count_avail(), workers_there = rte_lcore_count() - 1;

	return workers_there < ports ? workers_there : ports;
}

int ports_start(void)
{
	unsigned ports = rte_eth_dev_count_avail(), threads = ports_threads(), thread = 0, lcore;

	if (!threads) {
		program_error("no lcore to forward on beside the main one");
		return -EINVAL;
	}
	RTE_LCORE_FOREACH_WORKER(lcore) {
		struct worker *worker = &workers[lcore];
		int rc;

		if (thread == threads)
			break;
		worker->share.first = (uint16_t)(ports * thread / threads);
		worker->share.end = (uint16_t)(ports * ++thread / threads);
		rc = rte_eal_remote_launch(work, worker, lcore);
		if (rc) {
			program_error("cannot start a thread: %s", strerror(-rc));
			return rc;
		}
	}
	return 0;
}

void ports_stop(void)
{
	uint16_t port;

	program_stopping = true;
	rte_eal_mp_wait_lcore();
	RTE_ETH_FOREACH_DEV(port) {
		rte_eth_dev_stop(port);
		rte_eth_dev_close(port);
	}
}
