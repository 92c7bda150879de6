/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dpdk: any port that DPDK has a driver for. Packets lie in DPDK's buffers (mbufs) and stay there: the sender
 * writes into buffers for sending, the receiver reads where the driver has put the packet, and a server sends
 * back the very buffer that it received. Calls by pointer are made once a burst, never for a packet.
 */
#include "endpoint/io/dpdk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cpuflags.h>
#include <rte_prefetch.h>
#include <rte_version.h>

static inline struct dpdk_io *dpdk_of(struct io *io)
{
	return (struct dpdk_io *)io;
}

static int dpdk_probe(struct error *err)
{
	if (!rte_cpu_is_supported())
		return error_set(err, ENOTSUP, "use a DPDK that was built for this processor",
				 "this processor lacks instructions that the installed DPDK was built for");
	return 0;
}

static void dpdk_close(struct io *io)
{
	dpdk_port_close(dpdk_of(io));
	free(io);
}

extern const struct io_ops io_dpdk; /* below */

static void dpdk_version(char *text, size_t size)
{
	snprintf(text, size, "%s", rte_version());
}

static int dpdk_open(struct io **io, const struct io_config *config, struct error *err)
{
	struct dpdk_io *d = calloc(1, sizeof(*d));
	int ret;

	if (!d)
		return error_errno(err, ENOMEM, NULL, "cannot open dpdk");
	d->io.ops = &io_dpdk;
	d->clock = config->clock;
	ret = dpdk_eal_start(config, err);
	if (!ret)
		ret = dpdk_port_open(d, config, err);
	if (ret) {
		dpdk_close(&d->io);
		return ret;
	}
	*io = &d->io;
	return 0;
}

static int dpdk_wait(struct io *io, struct error *err)
{
	return dpdk_port_wait(dpdk_of(io), err);
}

/* A call in vain. Rarely, see whether there is still somebody to talk to: that takes system calls. */
static inline void dpdk_idle(struct dpdk_io *d)
{
	if (__builtin_expect(++d->idle == DPDK_IDLE_POLLS, 0))
		dpdk_port_look(d);
}

/* The queue for this call; the next call has the next one. */
static inline uint16_t queue_turn(const struct dpdk_io *d, uint16_t *next)
{
	uint16_t queue = *next;

	*next = queue + 1u < d->queues ? (uint16_t)(queue + 1) : 0;
	return queue;
}

/*
 * Buffers are taken as they are: what DPDK's rte_pktmbuf_alloc would set in each has been set when the pool
 * was made, and nobody who gives one back leaves it otherwise. Only the lengths differ: dpdk_tx_burst.
 */
static uint32_t dpdk_tx_buffers(struct io *io, struct io_packet *packets, uint32_t n)
{
	struct dpdk_io *d = dpdk_of(io);
	uint32_t lent = d->tx_end - d->tx_first;

	if (d->tx_first) {
		memmove(d->tx, d->tx + d->tx_first, lent * sizeof(d->tx[0]));
		d->tx_first = 0;
		d->tx_end = lent;
	}
	if (n > lent) {
		if (!rte_mempool_get_bulk(d->tx_pool, (void **)(d->tx + lent), n - lent))
			d->tx_end = n;
		n = d->tx_end;
	}
	for (uint32_t i = 0; i < n; i++) {
		packets[i].data = rte_pktmbuf_mtod(d->tx[i], uint8_t *);
		packets[i].cookie = d->tx[i]->hash.usr;
	}
	return n;
}

static uint32_t dpdk_tx_burst(struct io *io, struct io_packet *packets, uint32_t n)
{
	struct dpdk_io *d = dpdk_of(io);
	struct rte_mbuf **mbufs = d->tx + d->tx_first;
	uint32_t accepted;

	if (__builtin_expect(io->failure.code, 0))
		return 0;
	for (uint32_t i = 0; i < n; i++) {
		mbufs[i]->data_len = (uint16_t)packets[i].size;
		mbufs[i]->pkt_len = packets[i].size;
	}
	accepted = rte_eth_tx_burst(d->id, queue_turn(d, &d->tx_queue), mbufs, (uint16_t)n);
	io->stats.tx_calls++;
	d->tx_first += accepted;
	if (!accepted)
		dpdk_idle(d);
	return accepted;
}

/*
 * A packet in several buffers is longer than any of ours, for which one has room (dpdk_frame_room). It must
 * look so, but be no longer than what may be read: the whole of its first buffer.
 */
__attribute__((noinline, cold)) static uint32_t chain_size(struct dpdk_io *d, const struct rte_mbuf *mbuf)
{
	d->rx_chained = true;
	return mbuf->data_len + rte_pktmbuf_tailroom(mbuf);
}

static uint32_t dpdk_rx_burst(struct io *io, struct io_packet *packets, uint32_t n)
{
	struct dpdk_io *d = dpdk_of(io);
	uint64_t ticks;

	if (__builtin_expect(io->failure.code, 0))
		return 0;
	n = rte_eth_rx_burst(d->id, queue_turn(d, &d->rx_queue), d->rx, (uint16_t)n);
	io->stats.rx_calls++;
	d->rx_count = n;
	if (!n) {
		dpdk_idle(d);
		return 0;
	}
	ticks = clock_ticks(d->clock);
	d->rx_chained = false;
	for (uint32_t i = 0; i < n; i++) {
		struct rte_mbuf *mbuf = d->rx[i];
		uint8_t *data = rte_pktmbuf_mtod(mbuf, uint8_t *);

		rte_prefetch0(data);
		packets[i].data = data;
		packets[i].size = mbuf->data_len;
		if (__builtin_expect(mbuf->nb_segs != 1, 0))
			packets[i].size = chain_size(d, mbuf);
		packets[i].cookie = i;
		packets[i].ticks = ticks;
	}
	return n;
}

/* Packets of one buffer each go back to their pool as they are: nobody else had a hold on them. */
static void dpdk_rx_release(struct io *io, struct io_packet *packets, uint32_t n)
{
	struct dpdk_io *d = dpdk_of(io);
	struct rte_mbuf **mbufs = d->rx;

	if (n != d->rx_count) {
		mbufs = d->going;
		for (uint32_t i = 0; i < n; i++)
			mbufs[i] = d->rx[packets[i].cookie];
	}
	if (__builtin_expect(d->rx_chained, 0))
		rte_pktmbuf_free_bulk(mbufs, n);
	else
		rte_mempool_put_bulk(d->rx_pool, (void **)mbufs, n);
}

static uint32_t dpdk_forward(struct io *in, struct io *out, struct io_packet *packets, uint32_t n)
{
	struct dpdk_io *d = dpdk_of(in), *o = dpdk_of(out);
	uint32_t accepted;

	if (__builtin_expect(out->failure.code, 0))
		return 0;
	for (uint32_t i = 0; i < n; i++) {
		d->going[i] = d->rx[packets[i].cookie];
		/* What the driver found on the way in is no wish on the way out. */
		d->going[i]->ol_flags = 0;
	}
	accepted = rte_eth_tx_burst(o->id, queue_turn(o, &o->tx_queue), d->going, (uint16_t)n);
	out->stats.tx_calls++;
	if (!accepted)
		dpdk_idle(o);
	return accepted;
}

/*
 * What a card dropped for want of buffers it counts. A ring in shared memory cannot: what did not fit in, its
 * other side did not put there, and counts itself.
 */
static void dpdk_stats(struct io *io, struct io_stats *stats)
{
	struct dpdk_io *d = dpdk_of(io);
	struct rte_eth_stats port;

	if (d->port.kind == PORT_PCI && !rte_eth_stats_get(d->id, &port)) {
		io->stats.rx_dropped = port.imissed + port.rx_nombuf;
		io->stats.rx_dropped_known = true;
	}
	dpdk_port_look(d);
	*stats = io->stats;
}

static json_t *dpdk_effective(struct io *io)
{
	return dpdk_port_effective(dpdk_of(io));
}

const struct io_ops io_dpdk = {
	.name = "dpdk",
	.summary = "DPDK: virtio-user, memif or a PCI function, polled, packets in place",
	.layer = IO_LAYER_FRAME,
	.ports = PORT_BIT(PORT_VHOST_USER) | PORT_BIT(PORT_MEMIF) | PORT_BIT(PORT_PCI),
	.max_burst = DPDK_MAX_BURST,
	.min_frame = WIRE_FRAME_MIN,
	.max_frame = WIRE_FRAME_MAX,
	.probe = dpdk_probe,
	.version = dpdk_version,
	.open = dpdk_open,
	.wait = dpdk_wait,
	.tx_buffers = dpdk_tx_buffers,
	.tx_burst = dpdk_tx_burst,
	.rx_burst = dpdk_rx_burst,
	.rx_release = dpdk_rx_release,
	.forward = dpdk_forward,
	.stats = dpdk_stats,
	.effective = dpdk_effective,
	.close = dpdk_close,
};
