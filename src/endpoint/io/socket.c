/* SPDX-License-Identifier: Apache-2.0 */
#include "endpoint/io/socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define CACHE_LINE 64u
/* Asked for; the kernel doubles it for its own overhead, and limits it without CAP_NET_ADMIN. About ten
 * thousand small packets: a receiver that loses its processor for a scheduling slice loses no packet. */
#define SOCKET_BUFFER_BYTES (4 << 20)

bool socket_retry(struct socket_io *s, int code, const char *call)
{
	switch (code) {
	case EAGAIN:  /* socket buffer full, or nothing to receive */
	case ENOBUFS: /* queue of the interface full */
	case EPERM:   /* a packet filter of this namespace turned the packet down */
	case EINTR:
		return false;
	case ECONNREFUSED: /* an ICMP error to an earlier packet: the peer's socket is not there (yet) */
		return true;
	case EMSGSIZE:
		error_set(&s->io.failure, code, "choose a smaller packet size or a larger MTU",
			  "%s on %s: the packet is larger than the MTU", call, s->interface);
		return false;
	case ENETDOWN:
	case ENXIO:
	case ENODEV:
		error_errno(&s->io.failure, code,
			    "the interface was removed or set down during the test; run it again", "%s on %s",
			    call, s->interface);
		return false;
	default:
		error_errno(&s->io.failure, code, NULL, "%s on %s", call, s->interface);
		return false;
	}
}

static void buffers_free(struct socket_buffers *b)
{
	free(b->messages);
	free(b->vectors);
	free(b->memory);
	memset(b, 0, sizeof(*b));
}

/* n buffers of `room` bytes (a multiple of the cache line), each starting on a cache line of its own; touched
 * here so that the first trial does not pay for page faults. */
static int buffers_make(struct socket_buffers *b, uint32_t n, uint32_t room, struct error *err)
{
	b->memory = aligned_alloc(CACHE_LINE, (size_t)n * room);
	b->vectors = calloc(n, sizeof(*b->vectors));
	b->messages = calloc(n, sizeof(*b->messages));
	if (!b->memory || !b->vectors || !b->messages)
		return error_errno(err, ENOMEM, NULL, "cannot allocate %u packet buffers of %u bytes", n,
				   room);
	memset(b->memory, 0, (size_t)n * room);
	for (uint32_t i = 0; i < n; i++) {
		b->vectors[i].iov_base = b->memory + (size_t)i * room;
		b->vectors[i].iov_len = room;
		b->messages[i].msg_hdr.msg_iov = &b->vectors[i];
		b->messages[i].msg_hdr.msg_iovlen = 1;
	}
	return 0;
}

static void buffer_size_raise(int fd, int force, int plain)
{
	int bytes = SOCKET_BUFFER_BYTES;

	/* The forced form needs CAP_NET_ADMIN in the namespace; the other is cut to net.core.[rw]mem_max.
	 * What came of it stands in the effective configuration. */
	if (setsockopt(fd, SOL_SOCKET, force, &bytes, sizeof(bytes)))
		setsockopt(fd, SOL_SOCKET, plain, &bytes, sizeof(bytes));
}

static int interface_mtu(int fd, const char *interface)
{
	struct ifreq request = { 0 };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	return ioctl(fd, SIOCGIFMTU, &request) ? -errno : request.ifr_mtu;
}

static int mtu_check(const struct socket_io *s, uint32_t max_frame, struct error *err)
{
	int mtu = interface_mtu(s->rx_fd, s->interface);

	if (mtu < 0)
		return error_errno(err, -mtu, "name an interface of this container's network namespace",
				   "cannot use the interface '%s'", s->interface);
	if (max_frame > (uint32_t)mtu + WIRE_ETHERNET_LEN)
		return error_set(err, EMSGSIZE, "choose a smaller packet size or a larger MTU",
				 "the interface '%s' has an MTU of %d bytes, too small for frames of %u",
				 s->interface, mtu, max_frame);
	return 0;
}

int socket_open(struct io **io, const struct io_ops *ops, const struct socket_family *family,
		const struct io_config *config, struct error *err)
{
	struct socket_io *s = calloc(1, sizeof(*s));
	int ret;

	if (!s)
		return error_errno(err, ENOMEM, NULL, "cannot open %s", ops->name);
	s->io.ops = ops;
	s->family = family;
	s->clock = config->clock;
	s->tx_fd = s->rx_fd = s->sink = -1;
	s->max_burst = config->max_burst;
	s->io.tx_cookies = config->max_burst;
	/* Room for a byte more than the largest frame: a packet that is too long must not look right. */
	s->room = (config->max_frame + 1 + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
	snprintf(s->interface, sizeof(s->interface), "%s", config->port->address);

	ret = buffers_make(&s->tx, s->max_burst, s->room, err);
	if (!ret)
		ret = buffers_make(&s->rx, s->max_burst, s->room, err);
	if (!ret)
		ret = family->create(s, err);
	if (!ret)
		ret = mtu_check(s, config->max_frame, err);
	if (!ret) {
		buffer_size_raise(s->rx_fd, SO_RCVBUFFORCE, SO_RCVBUF);
		buffer_size_raise(s->tx_fd, SO_SNDBUFFORCE, SO_SNDBUF);
		ret = family->attach(s, config, err);
	}
	if (ret) {
		socket_close(&s->io);
		return ret;
	}
	*io = &s->io;
	return 0;
}

uint32_t socket_tx_buffers(struct io *io, struct io_packet *packets, uint32_t n)
{
	struct socket_io *s = socket_of(io);

	if (n > s->max_burst)
		n = s->max_burst;
	for (uint32_t i = 0; i < n; i++) {
		packets[i].data = s->tx.memory + (size_t)i * s->room;
		packets[i].cookie = i;
	}
	return n;
}

void socket_rx_release(struct io *io, struct io_packet *packets, uint32_t n)
{
	/* The kernel keeps no hold on our buffers. */
}

void socket_stats(struct io *io, struct io_stats *stats)
{
	struct socket_io *s = socket_of(io);

	s->family->dropped(s);
	*stats = io->stats;
}

static int socket_buffer_bytes(int fd, int option)
{
	int bytes = 0;
	socklen_t len = sizeof(bytes);

	return getsockopt(fd, SOL_SOCKET, option, &bytes, &len) ? -1 : bytes;
}

json_t *socket_effective(struct io *io)
{
	struct socket_io *s = socket_of(io);
	json_t *object = json_pack("{s:s, s:s, s:i, s:i, s:i}",
				   "io", io->ops->name, "interface", s->interface,
				   "mtu", interface_mtu(s->rx_fd, s->interface),
				   "send_buffer_bytes", socket_buffer_bytes(s->tx_fd, SO_SNDBUF),
				   "receive_buffer_bytes", socket_buffer_bytes(s->rx_fd, SO_RCVBUF));

	if (object && s->family->effective)
		s->family->effective(s, object);
	return object;
}

void socket_close(struct io *io)
{
	struct socket_io *s = socket_of(io);

	if (s->sink >= 0)
		close(s->sink);
	if (s->rx_fd >= 0)
		close(s->rx_fd);
	if (s->tx_fd >= 0)
		close(s->tx_fd);
	buffers_free(&s->rx);
	buffers_free(&s->tx);
	free(s);
}
