/* SPDX-License-Identifier: Apache-2.0 */
/* One system call a burst: sendmmsg() and recvmmsg(), with message headers that were made at open. */
#include "endpoint/io/socket.h"

#include <errno.h>

uint32_t socket_mmsg_tx(struct io *io, struct io_packet *packets, uint32_t n)
{
	struct socket_io *s = socket_of(io);
	int sent;

	if (__builtin_expect(io->failure.code, 0))
		return 0;
	for (uint32_t i = 0; i < n; i++) {
		s->tx.vectors[i].iov_base = packets[i].data;
		s->tx.vectors[i].iov_len = packets[i].size;
	}
	do {
		io->stats.tx_calls++;
		sent = sendmmsg(s->tx_fd, s->tx.messages, n, 0);
	} while (sent < 0 && socket_retry(s, errno, "sendmmsg"));
	return sent < 0 ? 0 : (uint32_t)sent;
}

/* The kernel copies what is sent, so a buffer in which something was received can be sent as it is. */
uint32_t socket_mmsg_forward(struct io *in, struct io *out, struct io_packet *packets, uint32_t n)
{
	return socket_mmsg_tx(out, packets, n);
}

uint32_t socket_mmsg_rx(struct io *io, struct io_packet *packets, uint32_t n)
{
	struct socket_io *s = socket_of(io);
	uint64_t ticks;
	int received;

	if (__builtin_expect(io->failure.code, 0))
		return 0;
	if (n > s->max_burst)
		n = s->max_burst;
	do {
		io->stats.rx_calls++;
		received = recvmmsg(s->rx_fd, s->rx.messages, n, 0, NULL);
	} while (received < 0 && socket_retry(s, errno, "recvmmsg"));
	if (received <= 0)
		return 0;
	ticks = clock_ticks(s->clock);
	for (uint32_t i = 0; i < (uint32_t)received; i++)
		packets[i] = (struct io_packet){ .data = s->rx.vectors[i].iov_base,
			.size = s->rx.messages[i].msg_len, .cookie = i, .ticks = ticks };
	return (uint32_t)received;
}
