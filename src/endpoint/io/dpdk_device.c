/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device under a port of the technique dpdk. A PCI function is there; virtio-user and memif are nothing
 * but a socket, and made here. Their drivers take much for granted (that the peer answers, that nobody
 * connects early, that a connection is the first one), so most of this file is about peers that come late or
 * not at all.
 */
#include "endpoint/io/dpdk.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <rte_dev.h>

#define WAKE_NS 50000000
#define ROOM_EXTRA 64u      /* what drivers put around a frame, and the byte that makes it too long */

#ifndef sigev_notify_thread_id /* glibc before 2.41 */
#define sigev_notify_thread_id _sigev_un._tid
#endif

uint32_t dpdk_frame_room(uint32_t max_frame)
{
	return RTE_ALIGN_CEIL(max_frame + ROOM_EXTRA, RTE_CACHE_LINE_SIZE);
}

static const char *peer_remedy(const struct port *port)
{
	return port->listens ? "the switch, or the other endpoint, must connect to this socket" :
			       "the switch, or the other endpoint, must listen at this socket";
}

int dpdk_no_peer(const struct dpdk_io *d, struct error *err)
{
	return error_set(err, ETIMEDOUT, peer_remedy(&d->port), "no peer at the socket %s within %u s",
			 d->port.address, (unsigned)(DPDK_WAIT_NS / 1000000000));
}

/* What can be known in advance: is there what we are to connect to? (A memif waits until there is.) */
static int socket_check(const struct port *port, struct error *err)
{
	const struct port_traits *traits = &port_traits[port->kind];
	struct stat st;

	if (traits->max_ring && port->ring > traits->max_ring)
		return error_set(err, EINVAL, "choose a smaller ring", "a ring of %s holds %u packets, not %u",
				 traits->name, traits->max_ring, port->ring);
	if (port->queues > 1 && !traits->queues)
		return error_set(err, EINVAL, "use one queue", "a port of %s has one queue, not %u", traits->name,
				 port->queues);
	if (strpbrk(port->address, ",[]\""))
		return error_set(err, EINVAL, "use another directory",
				 "DPDK cannot be told of the socket %s: one of ,[]\" is in its name",
				 port->address);
	if (port->listens || port->kind == PORT_MEMIF)
		return 0;
	if (stat(port->address, &st))
		return error_errno(err, errno, peer_remedy(port), "no socket at %s", port->address);
	if (!S_ISSOCK(st.st_mode))
		return error_set(err, ENOTSOCK, peer_remedy(port), "%s is no socket", port->address);
	return 0;
}

/* Where we are to listen: what an endpoint that was killed, or a driver that failed, has left there. */
static void socket_clear(const struct port *port)
{
	struct stat st;

	if (port->listens && !lstat(port->address, &st) && S_ISSOCK(st.st_mode))
		unlink(port->address);
}

/*
 * memif's driver listens before it is ready to be connected to, turns those away who are early, and theirs
 * does not try again. So its socket has another name until it is ready: dpdk_device_show.
 */
static int socket_hide(struct dpdk_io *d, struct error *err)
{
	const char *address = d->port.address;
	int length;

	if (d->port.kind != PORT_MEMIF || !d->port.listens)
		return 0;
	length = snprintf(d->hidden, sizeof(d->hidden), "%s~", address);
	if ((size_t)length >= sizeof(d->hidden))
		return error_set(err, ENAMETOOLONG, "use another directory", "the path %s is too long",
				 address);
	return 0;
}

int dpdk_device_show(struct dpdk_io *d, struct error *err)
{
	if (!*d->hidden || !rename(d->hidden, d->port.address))
		return 0;
	return error_errno(err, errno, NULL, "cannot make the socket %s", d->port.address);
}

/*
 * virtio-user: a split ring, used in order, with buffers that are never chained: frames lie in one buffer
 * each. Of all its paths that is the fastest, or within a few percent of it, against DPDK's vhost. Packed
 * rings gain nothing there, vectors lose (what goes with them is the slow way to send), and not every switch
 * knows them.
 *
 * memif: the side that connects makes the rings, and its peer copies from and to its buffers where they lie.
 */
static void arguments_write(struct dpdk_io *d, char *text, size_t size)
{
	const struct port *port = &d->port;
	const uint8_t *mac = d->local.mac;
	char address[18];

	snprintf(address, sizeof(address), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
		 mac[4], mac[5]);
	if (port->kind == PORT_VHOST_USER) {
		snprintf(text, size, "path=%s,server=%d,queues=%u,queue_size=%u,mac=%s,mrg_rxbuf=0,in_order=1",
			 port->address, port->listens, d->queues, port->ring, address);
		return;
	}
	d->zero_copy = !port->listens && dpdk_eal_files_restore();
	snprintf(text, size, "role=%s,socket=%s,socket-abstract=no,rsize=%d,bsize=%u,mac=%s%s",
		 port->listens ? "server" : "client", *d->hidden ? d->hidden : port->address,
		 __builtin_ctz(port->ring), dpdk_frame_room(d->max_frame), address,
		 d->zero_copy ? ",zero-copy=yes" : "");
}

static void waker(int number)
{
}

/*
 * virtio-user waits for its peer without end, be it to connect or to answer. From the deadline on, a signal
 * now and then ends each such call.
 */
static int patience_begin(timer_t *timer, struct error *err)
{
	struct sigaction action = { .sa_handler = waker }; /* and without SA_RESTART */
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGALRM };
	struct itimerspec when = { .it_value.tv_sec = DPDK_WAIT_NS / 1000000000,
		.it_interval.tv_nsec = WAKE_NS };

	event.sigev_notify_thread_id = gettid();
	if (sigaction(SIGALRM, &action, NULL) || timer_create(CLOCK_MONOTONIC, &event, timer))
		return error_errno(err, errno, NULL, "cannot make a timer");
	timer_settime(*timer, 0, &when, NULL);
	return 0;
}

static int socket_attach(struct dpdk_io *d, struct error *err)
{
	static unsigned number;
	uint64_t begin_ns = clock_monotonic_ns();
	char arguments[2 * PORT_ADDRESS_SIZE + 128];
	struct dpdk_log log;
	timer_t timer;
	int ret;

	snprintf(d->name, sizeof(d->name), "net_%s%u", d->port.kind == PORT_MEMIF ? "memif" : "virtio_user",
		 number++);
	ret = socket_check(&d->port, err);
	if (!ret)
		ret = socket_hide(d, err);
	if (!ret)
		ret = patience_begin(&timer, err);
	if (ret)
		return ret;
	arguments_write(d, arguments, sizeof(arguments));
	socket_clear(&d->port);
	ret = rte_eal_hotplug_add("vdev", d->name, arguments);
	timer_delete(timer);
	if (!ret)
		return 0;
	socket_clear(&d->port);
	if (clock_monotonic_ns() - begin_ns >= DPDK_WAIT_NS)
		return dpdk_no_peer(d, err);
	dpdk_log_recall(&log);
	return error_set(err, ret == -1 ? EIO : -ret, peer_remedy(&d->port),
			 "cannot open the port at %s: %s", d->port.address,
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

int dpdk_device_attach(struct dpdk_io *d, struct error *err)
{
	int ret = d->port.kind == PORT_PCI ? pci_attach(d, err) : socket_attach(d, err);

	if (ret)
		return ret;
	if (rte_eth_dev_get_port_by_name(d->name, &d->id))
		return error_set(err, ENODEV, "the endpoint's log has what DPDK said before",
				 "DPDK has made no port of %s", d->port.address);
	d->attached = true;
	return 0;
}

void dpdk_device_detach(struct dpdk_io *d)
{
	if (d->attached) {
		rte_eth_dev_close(d->id);
		rte_eal_hotplug_remove(d->port.kind == PORT_PCI ? "pci" : "vdev", d->name);
	}
	if (d->zero_copy)
		dpdk_eal_files_restore();
	if (*d->hidden)
		unlink(d->port.address); /* the driver has removed the name that it knows */
}
