/* SPDX-License-Identifier: Apache-2.0 */
/* The port of the technique dpdk: buffers and rings for a device, and whether its other side is there. */
#include "endpoint/io/dpdk.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <rte_errno.h>

#define POOL_CACHE 512u     /* buffers that a pool keeps at hand: DPDK's limit, as 2/3 of the pool is */

static const struct timespec wait_step = { .tv_nsec = 200000 };
static const struct timespec connect_step = { .tv_nsec = 1000000 }; /* the driver logs each attempt */

static void buffer_number(struct rte_mempool *pool, void *context, void *object, unsigned index)
{
	struct rte_mbuf *mbuf = object;

	mbuf->hash.usr = index; /* nobody looks at it on the way out, so it stays */
}

/*
 * Buffers of one port may lie in another's ring for sending when the port is closed. Its pools then wait
 * until they have all buffers back, or no port is left.
 */
static struct rte_mempool *retired[2 * (IO_PORTS_MAX + 1)];
static unsigned open_ports;

static void pools_sweep(void)
{
	for (unsigned i = 0; i < RTE_DIM(retired); i++) {
		if (retired[i] && (!open_ports || rte_mempool_full(retired[i]))) {
			rte_mempool_free(retired[i]);
			retired[i] = NULL;
		}
	}
}

static void pool_retire(struct rte_mempool *pool)
{
	pools_sweep();
	for (unsigned i = 0; i < RTE_DIM(retired) && pool; i++) {
		if (!retired[i]) {
			retired[i] = pool;
			pool = NULL;
		}
	}
	pools_sweep();
}

static int pool_make(struct rte_mempool **pool, const char *name, uint32_t n, const struct io_config *config,
		     struct error *err)
{
	static unsigned number;
	uint32_t room = RTE_PKTMBUF_HEADROOM + dpdk_frame_room(config->max_frame);
	uint32_t cache = RTE_MIN(POOL_CACHE, n / 3 * 2);
	char unique[RTE_MEMPOOL_NAMESIZE];

	snprintf(unique, sizeof(unique), "%s%u", name, number++);
	*pool = rte_pktmbuf_pool_create(unique, n, cache, 0, (uint16_t)room, (int)rte_socket_id());
	if (*pool)
		return 0;
	return error_set(err, rte_errno ? rte_errno : ENOMEM,
			 "give the endpoint more memory, or choose a smaller ring, burst or packet size",
			 "no room for %u packet buffers of %u bytes in the %u MB that DPDK may use: %s", n,
			 room, config->memory->megabytes, rte_strerror(rte_errno));
}

/* control/port.c counts them. A server's buffers lie in its ring for receiving and in that for sending. */
static int pools_make(struct dpdk_io *d, const struct io_config *config, struct error *err)
{
	uint32_t spare = 2 * config->max_burst + POOL_CACHE;
	int ret;

	pools_sweep();
	ret = pool_make(&d->tx_pool, "tx", d->queues * d->tx_ring + spare, config, err);

	if (!ret)
		ret = pool_make(&d->rx_pool, "rx", d->queues * (d->rx_ring + d->tx_ring) + spare, config, err);
	if (ret)
		return ret;
	rte_mempool_obj_iter(d->tx_pool, buffer_number, NULL);
	d->io.tx_cookies = d->tx_pool->size;
	return 0;
}

static int rings_make(struct dpdk_io *d, struct error *err)
{
	int ret = 0;

	for (uint16_t q = 0; q < d->queues && !ret; q++) {
		ret = rte_eth_rx_queue_setup(d->id, q, (uint16_t)d->rx_ring, SOCKET_ID_ANY, NULL, d->rx_pool);
		if (!ret)
			ret = rte_eth_tx_queue_setup(d->id, q, (uint16_t)d->tx_ring, SOCKET_ID_ANY, NULL);
	}
	if (ret)
		return error_set(err, -ret, "choose a smaller ring", "cannot make the rings of %s: %s",
				 d->port.address, strerror(-ret));
	return 0;
}

/*
 * memif's driver says that it takes no frame above 1518 bytes, and takes those that fit its buffers. Of the
 * others the limit is true.
 */
static int mtu_choose(const struct dpdk_io *d, uint32_t *mtu, struct error *err)
{
	struct rte_eth_dev_info info;
	uint32_t limit;
	int ret = rte_eth_dev_info_get(d->id, &info);

	if (ret)
		return error_set(err, -ret, NULL, "cannot ask about the port %s: %s", d->port.address,
				 strerror(-ret));
	limit = RTE_MIN((uint32_t)info.max_mtu, info.max_rx_pktlen - WIRE_ETHERNET_LEN - RTE_ETHER_CRC_LEN);
	*mtu = RTE_MAX(d->max_frame - WIRE_ETHERNET_LEN, (uint32_t)RTE_ETHER_MIN_MTU);
	if (*mtu <= limit)
		return 0;
	if (d->port.kind != PORT_MEMIF)
		return error_set(err, EMSGSIZE, "choose a smaller packet size",
				 "the port %s takes frames of up to %u bytes, not %u", d->port.address,
				 limit + WIRE_ETHERNET_LEN, d->max_frame);
	*mtu = limit;
	return 0;
}

static int device_configure(struct dpdk_io *d, const struct io_config *config, struct error *err)
{
	uint16_t rx_ring = (uint16_t)d->port.ring, tx_ring = (uint16_t)d->port.ring;
	struct rte_eth_conf conf = { 0 };
	int ret = mtu_choose(d, &conf.rxmode.mtu, err);

	if (ret)
		return ret;
	ret = rte_eth_dev_configure(d->id, d->queues, d->queues, &conf);
	if (!ret)
		ret = rte_eth_dev_adjust_nb_rx_tx_desc(d->id, &rx_ring, &tx_ring);
	if (ret)
		return error_set(err, -ret, NULL, "cannot configure the port %s: %s", d->port.address,
				 strerror(-ret));
	d->rx_ring = rx_ring;
	d->tx_ring = tx_ring;
	ret = pools_make(d, config, err);
	if (!ret)
		ret = rings_make(d, err);
	return ret;
}

static bool link_up(const struct dpdk_io *d)
{
	struct rte_eth_link link;

	return !rte_eth_link_get_nowait(d->id, &link) && link.link_status == RTE_ETH_LINK_UP;
}

/* A memif that has to connect does not start before somebody listens. */
static int device_start(struct dpdk_io *d, struct error *err)
{
	bool connects = d->port.kind == PORT_MEMIF && !d->port.listens;
	int ret;

	for (;;) {
		ret = rte_eth_dev_start(d->id);
		d->started = !ret;
		if (d->started)
			return dpdk_device_show(d, err);
		if (!connects)
			return error_set(err, -ret, NULL, "cannot start the port %s: %s", d->port.address,
					 strerror(-ret));
		if (clock_monotonic_ns() >= d->deadline_ns)
			return dpdk_no_peer(d, err);
		nanosleep(&connect_step, NULL);
	}
}

static void log_take(struct dpdk_io *d)
{
	struct dpdk_log log;

	dpdk_log_recall(&log);
	memcpy(d->rx_path, log.rx_path, sizeof(d->rx_path));
	memcpy(d->tx_path, log.tx_path, sizeof(d->tx_path));
	d->features = log.features;
	d->features_known = log.features_known;
}

int dpdk_port_open(struct dpdk_io *d, const struct io_config *config, struct error *err)
{
	uint32_t ring = config->port->ring;
	int ret;

	open_ports++;
	d->counted = true;
	d->port = *config->port;
	d->queues = d->port.queues ? (uint16_t)d->port.queues : 1;
	d->local = config->local;
	d->max_frame = config->max_frame;
	if (ring < config->max_burst || (ring & (ring - 1)))
		return error_set(err, EINVAL, "choose a larger ring or a smaller burst",
				 "a ring of %u packets does not take bursts of %u (and must be a power of 2)",
				 ring, config->max_burst);
	dpdk_log_forget();
	ret = dpdk_device_attach(d, err);
	if (!ret)
		ret = device_configure(d, config, err);
	d->deadline_ns = clock_monotonic_ns() + DPDK_WAIT_NS;
	if (!ret)
		ret = device_start(d, err);
	if (!ret)
		log_take(d);
	return ret;
}

/* The link comes up. */
int dpdk_port_wait(struct dpdk_io *d, struct error *err)
{
	while (!link_up(d)) {
		if (clock_monotonic_ns() >= d->deadline_ns)
			return dpdk_no_peer(d, err);
		nanosleep(&wait_step, NULL);
	}
	return 0;
}

void dpdk_port_close(struct dpdk_io *d)
{
	if (d->started)
		rte_eth_dev_stop(d->id);
	dpdk_device_detach(d);
	open_ports -= d->counted;
	pool_retire(d->rx_pool);
	pool_retire(d->tx_pool);
}

void dpdk_port_look(struct dpdk_io *d)
{
	d->idle = 0;
	if (!d->io.failure.code && !link_up(d))
		error_set(&d->io.failure, ENOTCONN, "see the log of the switch: did it end?",
			  "the other side of the port %s is gone", d->port.address);
}

/* What the driver calls the way that packets take: some answer, of others the log has told. */
static void paths_tell(struct dpdk_io *d, json_t *object)
{
	struct rte_eth_burst_mode rx, tx;

	if (!rte_eth_rx_burst_mode_get(d->id, 0, &rx))
		json_object_set_new(object, "rx_path", json_string(rx.info));
	else if (*d->rx_path)
		json_object_set_new(object, "rx_path", json_string(d->rx_path));
	if (!rte_eth_tx_burst_mode_get(d->id, 0, &tx))
		json_object_set_new(object, "tx_path", json_string(tx.info));
	else if (*d->tx_path)
		json_object_set_new(object, "tx_path", json_string(d->tx_path));
}

json_t *dpdk_port_effective(struct dpdk_io *d)
{
	struct rte_eth_dev_info info = { 0 };
	char features[32];
	uint16_t mtu = 0;
	json_t *object;

	rte_eth_dev_info_get(d->id, &info);
	rte_eth_dev_get_mtu(d->id, &mtu);
	object = json_pack("{s:s, s:s, s:s, s:b, s:i, s:i, s:i, s:i, s:i, s:i}",
			   "io", d->io.ops->name, "driver", info.driver_name ? info.driver_name : "",
			   "address", d->port.address, "listens", d->port.listens, "mtu", mtu,
			   /* given: no driver here tells */
			   "queues", d->queues, "rx_ring", d->rx_ring, "tx_ring", d->tx_ring,
			   "rx_buffers", d->rx_pool->size, "tx_buffers", d->tx_pool->size);
	if (!object)
		return NULL;
	paths_tell(d, object);
	if (d->features_known) {
		snprintf(features, sizeof(features), "0x%" PRIx64, d->features);
		json_object_set_new(object, "virtio_features", json_string(features));
	}
	if (d->port.kind == PORT_MEMIF)
		json_object_set_new(object, "zero_copy", json_boolean(d->zero_copy));
	dpdk_eal_effective(object);
	return object;
}
