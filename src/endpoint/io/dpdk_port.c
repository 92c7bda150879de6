/* SPDX-License-Identifier: Apache-2.0 */
/* The port of the technique dpdk: a device that is attached, given buffers and rings, and started. */
#include "endpoint/io/dpdk.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <rte_dev.h>
#include <rte_errno.h>

#define POOL_CACHE 512u     /* buffers that a pool keeps at hand; DPDK's largest, if it is 2/3 of the pool */
#define ROOM_EXTRA 64u      /* what drivers put around a frame, and the byte that makes it too long */
#define WAIT_STEP_NS 200000

#ifndef sigev_notify_thread_id /* glibc before 2.41 */
#define sigev_notify_thread_id _sigev_un._tid
#endif

static uint32_t frame_room(uint32_t max_frame)
{
	return RTE_ALIGN_CEIL(max_frame + ROOM_EXTRA, RTE_CACHE_LINE_SIZE);
}

/*
 * memif's driver listens before it is ready to be connected to, turns those away who are early, and theirs does not
 * try again. So its socket has another name until it is ready.
 */
static int socket_hide(struct dpdk_io *d, struct error *err)
{
	const char *address = d->port.address, *slash = strrchr(address, '/');

	if (d->port.kind != PORT_MEMIF || !d->port.listens)
		return 0;
	if ((size_t)snprintf(d->hidden, sizeof(d->hidden), "%.*s~", slash ? (int)(slash + 1 - address) : 0,
			     address) < sizeof(d->hidden))
		return 0;
	return error_set(err, ENAMETOOLONG, "use another directory", "the path %s is too long", address);
}

/*
 * What the drivers are told.
 *
 * virtio-user: a split ring, used in order, with buffers that are never chained: frames lie in one buffer each.
 * Of all its paths that is the fastest, or within a few percent of it, against DPDK's vhost. Packed rings gain
 * nothing there, vectors lose (their transmit path is the slow one), and neither is known to every switch.
 *
 * memif: the side that connects makes the rings, and its peer copies from and to its buffers where they lie.
 */
static int device_arguments(struct dpdk_io *d, char *text, size_t size, struct error *err)
{
	const struct port *port = &d->port;
	const uint8_t *mac = d->local.mac;
	char address[18];

	int ret = socket_hide(d, err);

	if (ret)
		return ret;
	if (strpbrk(port->address, ",[]\""))
		return error_set(err, EINVAL, "use another directory",
				 "DPDK cannot be told of the socket %s: one of ,[]\" is in its name", port->address);
	snprintf(address, sizeof(address), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
		 mac[5]);
	if (port->kind == PORT_VHOST_USER) {
		snprintf(text, size, "path=%s,server=%d,queue_size=%u,mac=%s,mrg_rxbuf=0,in_order=1", port->address,
			 port->listens, port->ring, address);
	} else {
		d->zero_copy = !port->listens && dpdk_eal_files_restore();
		snprintf(text, size, "role=%s,socket=%s,socket-abstract=no,rsize=%d,bsize=%u,mac=%s%s",
			 port->listens ? "server" : "client", *d->hidden ? d->hidden : port->address, __builtin_ctz(port->ring),
			 frame_room(d->max_frame), address, d->zero_copy ? ",zero-copy=yes" : "");
	}
	return 0;
}

static void waker(int signal)
{
}

/* Drivers wait for their peers without end. A signal now and then, from the deadline on, ends each such call. */
static int patience_begin(timer_t *timer, struct error *err)
{
	struct sigaction action = { .sa_handler = waker };
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGALRM };
	struct itimerspec when = { .it_value.tv_sec = DPDK_WAIT_NS / 1000000000,
		.it_interval.tv_nsec = 50000000 };

	event.sigev_notify_thread_id = gettid();
	if (sigaction(SIGALRM, &action, NULL) || timer_create(CLOCK_MONOTONIC, &event, timer) ||
	    timer_settime(*timer, 0, &when, NULL))
		return error_errno(err, errno, NULL, "cannot set a timer");
	return 0;
}

static const char *peer_remedy(const struct port *port)
{
	return port->listens ? "the switch, or the other endpoint, must connect to this socket" :
			       "the switch, or the other endpoint, must listen at this socket";
}

static int no_peer(const struct dpdk_io *d, struct error *err)
{
	return error_set(err, ETIMEDOUT, peer_remedy(&d->port), "no peer at the socket %s within %u s",
			 d->port.address, (unsigned)(DPDK_WAIT_NS / 1000000000));
}

static int socket_check(const struct port *port, struct error *err)
{
	struct stat st;

	if (port->listens || port->kind == PORT_MEMIF)
		return 0; /* a memif that is early tries again */
	if (stat(port->address, &st))
		return error_errno(err, errno, peer_remedy(port), "no socket at %s", port->address);
	if (!S_ISSOCK(st.st_mode))
		return error_set(err, ENOTSOCK, peer_remedy(port), "%s is no socket", port->address);
	return 0;
}

/* A socket that we are to make: what an endpoint that was killed, or a driver in its failure, has left there. */
static void socket_clear(const struct port *port)
{
	struct stat st;

	if (port->listens && !lstat(port->address, &st) && S_ISSOCK(st.st_mode))
		unlink(port->address);
}

/* A device that is nothing but a socket: made now. */
static int socket_attach(struct dpdk_io *d, struct error *err)
{
	static unsigned counter;
	uint64_t begin_ns = clock_monotonic_ns();
	char arguments[256];
	struct dpdk_log log;
	timer_t timer;
	int ret;

	snprintf(d->name, sizeof(d->name), "net_%s%u", d->port.kind == PORT_MEMIF ? "memif" : "virtio_user",
		 counter++);
	ret = device_arguments(d, arguments, sizeof(arguments), err);
	if (!ret)
		ret = socket_check(&d->port, err);
	if (!ret)
		ret = patience_begin(&timer, err);
	if (ret)
		return ret;
	socket_clear(&d->port);
	ret = rte_eal_hotplug_add("vdev", d->name, arguments);
	timer_delete(timer);
	if (!ret)
		return 0;
	socket_clear(&d->port);
	if (clock_monotonic_ns() - begin_ns >= DPDK_WAIT_NS)
		return no_peer(d, err);
	dpdk_log_recall(&log);
	return error_set(err, -ret, peer_remedy(&d->port), "cannot open the port at %s: %s", d->port.address,
			 *log.error ? log.error : strerror(-ret));
}

/* EAL has found the function when it started, unless it was closed since. */
static int pci_attach(struct dpdk_io *d, struct error *err)
{
	uint16_t id;
	int ret = 0;

	snprintf(d->name, sizeof(d->name), "%s", d->port.address);
	if (rte_eth_dev_get_port_by_name(d->name, &id))
		ret = rte_eal_hotplug_add("pci", d->name, "");
	if (ret)
		return error_set(err, -ret, "bind it to vfio-pci, and give its group to the container",
				 "DPDK cannot drive the PCI function %s: %s", d->name, strerror(-ret));
	return 0;
}

static int device_attach(struct dpdk_io *d, struct error *err)
{
	int ret = d->port.kind == PORT_PCI ? pci_attach(d, err) : socket_attach(d, err);

	if (ret)
		return ret;
	if (rte_eth_dev_get_port_by_name(d->name, &d->id))
		return error_set(err, ENODEV, "see the endpoint's log", "DPDK has made no port of %s",
				 d->port.address);
	d->attached = true;
	return 0;
}

static void buffer_number(struct rte_mempool *pool, void *context, void *object, unsigned index)
{
	struct rte_mbuf *mbuf = object;

	mbuf->hash.usr = index; /* nobody looks at it on the way out, so it stays */
}

static int pool_make(struct rte_mempool **pool, const char *name, uint32_t n, const struct io_config *config,
		     struct error *err)
{
	uint32_t room = RTE_PKTMBUF_HEADROOM + frame_room(config->max_frame);

	*pool = rte_pktmbuf_pool_create(name, n, RTE_MIN(POOL_CACHE, n / 3 * 2), 0, (uint16_t)room, (int)rte_socket_id());
	if (*pool)
		return 0;
	return error_set(err, rte_errno ? rte_errno : ENOMEM,
			 "give the endpoint more memory, or choose a smaller ring, burst or packet size",
			 "no room for %u packet buffers of %u bytes in the %u MB that DPDK may use: %s", n, room,
			 config->memory->megabytes, rte_strerror(rte_errno));
}

/* control/port.c counts them. A server's buffers lie in its ring for receiving and in that for sending. */
static int pools_make(struct dpdk_io *d, const struct io_config *config, struct error *err)
{
	uint32_t spare = 2 * config->max_burst + POOL_CACHE;
	int ret = pool_make(&d->tx_pool, "tx", d->tx_ring + spare, config, err);

	if (!ret)
		ret = pool_make(&d->rx_pool, "rx", d->rx_ring + d->tx_ring + spare, config, err);
	if (ret)
		return ret;
	rte_mempool_obj_iter(d->tx_pool, buffer_number, NULL);
	d->io.tx_cookies = d->tx_pool->size;
	return 0;
}

/*
 * memif's driver says that it takes no frame above 1518 bytes, and takes those that fit its buffers. Of the others
 * the limit is true.
 */
static int device_mtu(const struct dpdk_io *d, uint32_t *mtu, struct error *err)
{
	struct rte_eth_dev_info info;
	uint32_t limit;
	int ret = rte_eth_dev_info_get(d->id, &info);

	if (ret)
		return error_set(err, -ret, NULL, "cannot ask about the port %s: %s", d->port.address, strerror(-ret));
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
	int ret = device_mtu(d, &conf.rxmode.mtu, err);

	if (ret)
		return ret;
	ret = rte_eth_dev_configure(d->id, 1, 1, &conf);
	if (!ret)
		ret = rte_eth_dev_adjust_nb_rx_tx_desc(d->id, &rx_ring, &tx_ring);
	if (ret)
		return error_set(err, -ret, NULL, "cannot configure the port %s: %s", d->port.address, strerror(-ret));
	d->rx_ring = rx_ring;
	d->tx_ring = tx_ring;
	ret = pools_make(d, config, err);
	if (ret)
		return ret;
	ret = rte_eth_rx_queue_setup(d->id, 0, rx_ring, SOCKET_ID_ANY, NULL, d->rx_pool);
	if (!ret)
		ret = rte_eth_tx_queue_setup(d->id, 0, tx_ring, SOCKET_ID_ANY, NULL);
	if (ret)
		return error_set(err, -ret, NULL, "cannot make the rings of %s: %s", d->port.address, strerror(-ret));
	return 0;
}

static bool link_up(const struct dpdk_io *d)
{
	struct rte_eth_link link;

	return !rte_eth_link_get_nowait(d->id, &link) && link.link_status == RTE_ETH_LINK_UP;
}

/* See socket_hide. */
static int socket_show(struct dpdk_io *d, struct error *err)
{
	if (!*d->hidden || !rename(d->hidden, d->port.address))
		return 0;
	return error_errno(err, errno, NULL, "cannot make the socket %s", d->port.address);
}

/*
 * Start the device, and wait for the other side: the link comes up. A memif that has to connect does not start
 * before somebody listens.
 */
static int device_start(struct dpdk_io *d, struct error *err)
{
	const struct timespec step = { .tv_nsec = WAIT_STEP_NS };
	bool connects = d->port.kind == PORT_MEMIF && !d->port.listens;
	uint64_t end_ns = clock_monotonic_ns() + DPDK_WAIT_NS;
	int ret;

	while (clock_monotonic_ns() < end_ns) {
		if (!d->started) {
			ret = rte_eth_dev_start(d->id);
			if (ret && !connects)
				return error_set(err, -ret, NULL, "cannot start the port %s: %s",
						 d->port.address, strerror(-ret));
			d->started = !ret;
			ret = d->started ? socket_show(d, err) : 0;
			if (ret)
				return ret;
		}
		if (d->started && link_up(d))
			return 0;
		nanosleep(&step, NULL);
	}
	return no_peer(d, err);
}

int dpdk_port_open(struct dpdk_io *d, const struct io_config *config, struct error *err)
{
	const struct port *port = config->port;
	struct dpdk_log log;
	int ret;

	d->port = *port;
	d->local = config->local;
	d->max_frame = config->max_frame;
	if (port->ring < config->max_burst || (port->ring & (port->ring - 1)))
		return error_set(err, EINVAL, "choose a larger ring or a smaller burst",
				 "a ring of %u packets does not take bursts of %u (and must be a power of two)",
				 port->ring, config->max_burst);
	dpdk_log_forget();
	ret = device_attach(d, err);
	if (!ret)
		ret = device_configure(d, config, err);
	if (!ret)
		ret = device_start(d, err);
	dpdk_log_recall(&log);
	memcpy(d->rx_path, log.rx_path, sizeof(d->rx_path));
	memcpy(d->tx_path, log.tx_path, sizeof(d->tx_path));
	d->features = log.features;
	d->features_known = log.features_known;
	return ret;
}

void dpdk_port_close(struct dpdk_io *d)
{
	if (d->started)
		rte_eth_dev_stop(d->id);
	if (d->attached) {
		rte_eth_dev_close(d->id);
		rte_eal_hotplug_remove(d->port.kind == PORT_PCI ? "pci" : "vdev", d->name);
	}
	if (d->zero_copy)
		dpdk_eal_files_restore();
	if (*d->hidden)
		unlink(d->port.address);
	rte_mempool_free(d->rx_pool);
	rte_mempool_free(d->tx_pool);
}

void dpdk_port_look(struct dpdk_io *d)
{
	d->idle = 0;
	if (!d->io.failure.code && !link_up(d))
		error_set(&d->io.failure, ENOTCONN, "see the log of the switch: did it end?",
			  "the other side of %s is gone", d->port.address);
}

json_t *dpdk_port_effective(struct dpdk_io *d)
{
	struct rte_eth_dev_info info = { 0 };
	json_t *object;
	uint16_t mtu = 0;

	rte_eth_dev_info_get(d->id, &info);
	rte_eth_dev_get_mtu(d->id, &mtu);
	object = json_pack("{s:s, s:s, s:s, s:b, s:i, s:i, s:i, s:i, s:i}",
			   "io", d->io.ops->name, "address", d->port.address,
			   "driver", info.driver_name ? info.driver_name : "", "listens", d->port.listens,
			   "mtu", mtu, "rx_ring", d->rx_ring, "tx_ring", d->tx_ring,
			   "rx_buffers", d->rx_pool->size, "tx_buffers", d->tx_pool->size);
	if (!object)
		return NULL;
	if (*d->rx_path)
		json_object_set_new(object, "rx_path", json_string(d->rx_path));
	if (*d->tx_path)
		json_object_set_new(object, "tx_path", json_string(d->tx_path));
	if (d->features_known) {
		char features[32];

		snprintf(features, sizeof(features), "0x%" PRIx64, d->features);
		json_object_set_new(object, "virtio_features", json_string(features));
	}
	if (d->port.kind == PORT_MEMIF)
		json_object_set_new(object, "zero_copy", json_boolean(d->zero_copy));
	dpdk_eal_effective(object);
	return object;
}
