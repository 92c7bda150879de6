/* SPDX-License-Identifier: Apache-2.0 */
/* udp-mmsg: the socket of udp.c, one system call a burst. */
#include "endpoint/io/socket.h"

extern const struct io_ops io_udp_mmsg; /* below */

static int udp_mmsg_open(struct io **io, const struct io_config *config, struct error *err)
{
	return socket_open(io, &io_udp_mmsg, &socket_family_udp, config, err);
}

const struct io_ops io_udp_mmsg = {
	SOCKET_IO_OPS,
	.name = "udp-mmsg",
	.summary = "UDP socket, one sendmmsg() or recvmmsg() for each burst",
	.layer = IO_LAYER_PAYLOAD,
	.probe = socket_udp_probe,
	.open = udp_mmsg_open,
	.tx_burst = socket_mmsg_tx,
	.rx_burst = socket_mmsg_rx,
	.forward = socket_mmsg_forward,
};
