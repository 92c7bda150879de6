/* SPDX-License-Identifier: Apache-2.0 */
/* raw: a packet socket with whole Ethernet frames. Its family of sockets is also that of raw-mmsg. */
#include "endpoint/io/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <unistd.h>

int socket_packet_probe(struct error *err)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	/* Who only asks has no capability; whether a container can have it is lanebench's to say. */
	if (fd < 0 && errno == EPERM)
		return 0;
	if (fd < 0)
		return error_errno(err, errno, "load the kernel module af_packet (modprobe af_packet)",
				   "cannot create a packet socket");
	close(fd);
	return 0;
}

static int packet_create(struct socket_io *s, struct error *err)
{
	int on = 1;

	/*
	 * Protocol 0: nothing arrives before the socket is bound to its interface, and at the sending one
	 * never.
	 */
	s->tx_fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	s->rx_fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->tx_fd < 0 || s->rx_fd < 0)
		return error_errno(err, errno, "the container must keep the capability CAP_NET_RAW",
				   "cannot create a packet socket");
	if (setsockopt(s->rx_fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)))
		return error_errno(err, errno, "the kernel must be Linux 4.20 or newer",
				   "cannot keep a packet socket from seeing what it sends");
	if (setsockopt(s->tx_fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)))
		return error_errno(err, errno, "the kernel must be Linux 3.14 or newer",
				   "cannot let a packet socket bypass the queueing discipline");
	return 0;
}

/*
 * A packet socket sees copies: the kernel's IP layer gets every frame as well. If the interface has our IP
 * address, it would find no UDP socket and answer with ICMP errors, in the midst of the test traffic. So
 * there is one, with a filter that drops all. Without that address the kernel ignores the frames, and nothing
 * is needed.
 */
static void sink_open(struct socket_io *s, const struct wire_address *local)
{
	struct sock_filter drop_all = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = { .len = 1, .filter = &drop_all };
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(local->port),
		.sin_addr.s_addr = htonl(local->ip) };

	s->sink = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s->sink < 0)
		return;
	if (setsockopt(s->sink, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) ||
	    bind(s->sink, (struct sockaddr *)&address, sizeof(address))) {
		close(s->sink);
		s->sink = -1;
	}
}

static int packet_attach(struct socket_io *s, const struct io_config *config, struct error *err)
{
	struct sockaddr_ll link = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP),
		.sll_ifindex = (int)if_nametoindex(s->interface) };

	struct sockaddr_ll silent = link;

	silent.sll_protocol = 0;
	if (!link.sll_ifindex || bind(s->rx_fd, (struct sockaddr *)&link, sizeof(link)) ||
	    bind(s->tx_fd, (struct sockaddr *)&silent, sizeof(silent)))
		return error_errno(err, errno, "the interface must be there and up",
				   "cannot bind a packet socket to the interface '%s'", s->interface);
	sink_open(s, &config->local);
	return 0;
}

static void packet_dropped(struct socket_io *s)
{
	struct tpacket_stats stats;
	socklen_t len = sizeof(stats);

	if (getsockopt(s->rx_fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len))
		return;
	s->io.stats.rx_dropped += stats.tp_drops; /* the kernel's counter starts again at each reading */
	s->io.stats.rx_dropped_known = true;
}

static void packet_effective(struct socket_io *s, json_t *object)
{
	int bypass = 0, ignore = 0;
	socklen_t len = sizeof(bypass);

	if (!getsockopt(s->tx_fd, SOL_PACKET, PACKET_QDISC_BYPASS, &bypass, &len))
		json_object_set_new(object, "qdisc_bypass", json_boolean(bypass));
	len = sizeof(ignore);
	if (!getsockopt(s->rx_fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &ignore, &len))
		json_object_set_new(object, "ignore_outgoing", json_boolean(ignore));
}

const struct socket_family socket_family_packet = {
	.create = packet_create,
	.attach = packet_attach,
	.dropped = packet_dropped,
	.effective = packet_effective,
};

extern const struct io_ops io_raw; /* below */

static int raw_open(struct io **io, const struct io_config *config, struct error *err)
{
	return socket_open(io, &io_raw, &socket_family_packet, config, err);
}

static const char *const capabilities[] = { "net_raw", NULL };

const struct io_ops io_raw = {
	SOCKET_IO_OPS,
	.name = "raw",
	.summary = "packet socket (AF_PACKET), one send() or recv() for each frame",
	.layer = IO_LAYER_FRAME,
	.capabilities = capabilities,
	.probe = socket_packet_probe,
	.open = raw_open,
	.tx_burst = socket_each_tx,
	.rx_burst = socket_each_rx,
	.forward = socket_each_forward,
};
