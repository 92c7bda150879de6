/* SPDX-License-Identifier: Apache-2.0 */
/* udp-mmsg: the socket of udp.c, one system call a burst. */
#include "endpoint/io/socket.h"

extern const struct io_ops io_udp_mmsg; /* below */

static int udp_mmsg_open(struct io **io, const struct io_config *config, struct error *err)
{
	return socket_open(io, &io_udp_mmsg, &socket_family_udp, config, err);
}

const struct io_ops io_udp_mmsg = {
	.name = "udp-mmsg",
	.summary = "UDP socket, one sendmmsg() or recvmmsg() for each burst",
	.layer = IO_LAYER_PAYLOAD,
	.ports = IO_PORT_NETDEV,
	.max_burst = SOCKET_MAX_BURST,
	.min_frame = WIRE_FRAME_MIN,
	.max_frame = WIRE_FRAME_MAX,
	.probe = socket_udp_probe,
	.open = udp_mmsg_open,
	.tx_buffers = socket_tx_buffers,
	.tx_burst = socket_mmsg_tx,
	.rx_burst = socket_mmsg_rx,
	.rx_release = socket_rx_release,
	.reflect = socket_mmsg_tx,
	.stats = socket_stats,
	.effective = socket_effective,
	.close = socket_close,
};
