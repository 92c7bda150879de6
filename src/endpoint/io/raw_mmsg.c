/* SPDX-License-Identifier: Apache-2.0 */
/* raw-mmsg: the socket of raw.c, one system call a burst. */
#include "endpoint/io/socket.h"

extern const struct io_ops io_raw_mmsg; /* below */

static int raw_mmsg_open(struct io **io, const struct io_config *config, struct error *err)
{
	return socket_open(io, &io_raw_mmsg, &socket_family_packet, config, err);
}

static const char *const capabilities[] = { "net_raw", NULL };

const struct io_ops io_raw_mmsg = {
	SOCKET_IO_OPS,
	.name = "raw-mmsg",
	.summary = "packet socket (AF_PACKET), one sendmmsg() or recvmmsg() for each burst",
	.layer = IO_LAYER_FRAME,
	.capabilities = capabilities,
	.probe = socket_packet_probe,
	.open = raw_mmsg_open,
	.tx_burst = socket_mmsg_tx,
	.rx_burst = socket_mmsg_rx,
	.forward = socket_mmsg_forward,
};
