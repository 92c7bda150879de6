/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the socket techniques share. They differ in two ways that have nothing to do with each other:
 *
 *   the family of socket   UDP (the kernel makes the headers) or packet (we do)   udp.c, raw.c
 *   the calls              one system call a packet, or one a burst               socket_{each,mmsg}.c
 *
 * so a technique is one of each: a struct io_ops with the burst functions of its calls, and an open
 * function that names its family. Which family it is makes no difference to the burst functions, which
 * therefore need neither a branch nor an indirect call for it.
 */
#ifndef LB_ENDPOINT_IO_SOCKET_H
#define LB_ENDPOINT_IO_SOCKET_H

#include <net/if.h>
#include <sys/socket.h>

#include "endpoint/io/io.h"

/* The kernel's UIO_MAXIOV. Above some hundred packets a call costs nothing next to them. */
#define SOCKET_MAX_BURST 1024

/* Packet buffers with the vectors that name them to the kernel. */
struct socket_buffers {
	uint8_t *memory;
	struct iovec *vectors;
	struct mmsghdr *messages; /* message i is vector i */
};

struct socket_io {
	struct io io;
	const struct socket_family *family;
	const struct clock_scale *clock;
	/*
	 * A socket for each direction. The state of one that does both would be written by the processor that
	 * sends and by the one that delivers what arrives, a packet each, and move between their caches.
	 */
	int tx_fd, rx_fd;
	int sink;                  /* packet sockets only, see raw.c; -1 = none */
	uint32_t max_burst;
	uint32_t room;             /* bytes of a buffer */
	struct socket_buffers tx, rx;
	char interface[IF_NAMESIZE];
};

struct socket_family {
	/* Make both sockets, not yet attached to anything. */
	int (*create)(struct socket_io *s, struct error *err);
	/* Attach them to the port: from here on packets arrive. */
	int (*attach)(struct socket_io *s, const struct io_config *config, struct error *err);
	/* Bring s->io.stats.rx_dropped up to date. */
	void (*dropped)(struct socket_io *s);
	/* Add what is special to the family to the effective configuration. */
	void (*effective)(struct socket_io *s, json_t *object);
};

extern const struct socket_family socket_family_udp, socket_family_packet;

int socket_udp_probe(struct error *err);
int socket_packet_probe(struct error *err);

static inline struct socket_io *socket_of(struct io *io)
{
	return (struct socket_io *)io;
}

/*
 * A call said `code`: true = that was no verdict on this packet, try again; false = no progress now.
 * What cannot pass by itself is kept in io.failure.
 */
bool socket_retry(struct socket_io *s, int code, const char *call);

int socket_open(struct io **io, const struct io_ops *ops, const struct socket_family *family,
		const struct io_config *config, struct error *err);
uint32_t socket_tx_buffers(struct io *io, struct io_packet *packets, uint32_t n);
void socket_rx_release(struct io *io, struct io_packet *packets, uint32_t n);
void socket_stats(struct io *io, struct io_stats *stats);
json_t *socket_effective(struct io *io);
void socket_close(struct io *io);

/* What all of them have in common, for their struct io_ops. */
#define SOCKET_IO_OPS \
	.ports = PORT_BIT(PORT_NETDEV), \
	.max_burst = SOCKET_MAX_BURST, \
	.min_frame = WIRE_FRAME_MIN, \
	.max_frame = WIRE_FRAME_MAX, \
	.tx_buffers = socket_tx_buffers, \
	.rx_release = socket_rx_release, \
	.stats = socket_stats, \
	.effective = socket_effective, \
	.close = socket_close

uint32_t socket_each_tx(struct io *io, struct io_packet *packets, uint32_t n);
uint32_t socket_each_rx(struct io *io, struct io_packet *packets, uint32_t n);
uint32_t socket_each_forward(struct io *in, struct io *out, struct io_packet *packets, uint32_t n);
uint32_t socket_mmsg_tx(struct io *io, struct io_packet *packets, uint32_t n);
uint32_t socket_mmsg_rx(struct io *io, struct io_packet *packets, uint32_t n);
uint32_t socket_mmsg_forward(struct io *in, struct io *out, struct io_packet *packets, uint32_t n);

#endif
