/* SPDX-License-Identifier: Apache-2.0 */
/* One system call a packet: send() and recv(), as a plain application does. */
#include "endpoint/io/socket.h"

#include <errno.h>

uint32_t socket_each_tx(struct io *io, struct io_packet *packets, uint32_t n)
{
	struct socket_io *s = socket_of(io);
	uint32_t sent = 0;

	if (__builtin_expect(io->failure.code, 0))
		return 0;
	while (sent < n) {
		io->stats.tx_calls++;
		if (send(s->tx_fd, packets[sent].data, packets[sent].size, 0) >= 0)
			sent++;
		else if (!socket_retry(s, errno, "send"))
			break;
	}
	return sent;
}

/* The kernel copies what is sent, so a buffer in which something was received can be sent as it is. */
uint32_t socket_each_forward(struct io *in, struct io *out, struct io_packet *packets, uint32_t n)
{
	return socket_each_tx(out, packets, n);
}

uint32_t socket_each_rx(struct io *io, struct io_packet *packets, uint32_t n)
{
	struct socket_io *s = socket_of(io);
	uint32_t received = 0;

	if (__builtin_expect(io->failure.code, 0))
		return 0;
	if (n > s->max_burst)
		n = s->max_burst;
	while (received < n) {
		const struct iovec *buffer = &s->rx.vectors[received];
		ssize_t size;

		io->stats.rx_calls++;
		size = recv(s->rx_fd, buffer->iov_base, buffer->iov_len, 0);
		if (size >= 0) {
			packets[received] = (struct io_packet){
				.data = buffer->iov_base,
				.size = (uint32_t)size,
				.cookie = received,
				.ticks = clock_ticks(s->clock),
			};
			received++;
		} else if (!socket_retry(s, errno, "recv")) {
			break;
		}
	}
	return received;
}
