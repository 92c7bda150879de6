/* SPDX-License-Identifier: Apache-2.0 */
/*
 * udp: UDP sockets. Their family is also that of udp-mmsg.
 *
 * The one that receives is bound to WIRE_UDP_PORT and connected to nobody: the kernel finds the socket of a
 * packet earlier if it is connected, but reads the route that the socket keeps for that, which at 4 us a
 * round trip over veth between two cores cost 0.3 us each way; and it then sees foreign packets, too. The one
 * that sends is connected, which saves a look-up of the route for each packet; its own port is the next one,
 * so that no reply finds it.
 */
#include "endpoint/io/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

static struct sockaddr_in socket_address(const struct wire_address *address)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(address->port),
		.sin_addr.s_addr = htonl(address->ip) };
}

static const char *address_text(const struct wire_address *address, char *text, size_t size)
{
	struct in_addr ip = { .s_addr = htonl(address->ip) };

	return inet_ntop(AF_INET, &ip, text, (socklen_t)size);
}

int socket_udp_probe(struct error *err)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return error_errno(err, errno, "a kernel with IPv4 is needed", "cannot create a UDP socket");
	close(fd);
	return 0;
}

static int udp_create(struct socket_io *s, struct error *err)
{
	int never_fragment = IP_PMTUDISC_DO;

	s->tx_fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	s->rx_fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->tx_fd < 0 || s->rx_fd < 0)
		return error_errno(err, errno, NULL, "cannot create a UDP socket");
	if (setsockopt(s->tx_fd, IPPROTO_IP, IP_MTU_DISCOVER, &never_fragment, sizeof(never_fragment)))
		return error_errno(err, errno, NULL, "cannot switch off fragmentation");
	return 0;
}

static int udp_bind(const struct socket_io *s, int fd, const struct wire_address *local, uint16_t port,
		    struct error *err)
{
	struct sockaddr_in address = socket_address(local);
	char text[INET_ADDRSTRLEN];

	address.sin_port = htons(port);
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, s->interface, (socklen_t)strlen(s->interface)))
		return error_errno(err, errno,
				   "the kernel must be Linux 5.7 or newer for this without privileges",
				   "cannot bind a UDP socket to the interface '%s'", s->interface);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)))
		return error_errno(err, errno,
				   "the interface must have that address, and the port must be free",
				   "cannot bind to %s port %u", address_text(local, text, sizeof(text)), port);
	return 0;
}

static int udp_attach(struct socket_io *s, const struct io_config *config, struct error *err)
{
	struct sockaddr_in peer = socket_address(&config->peer);
	char text[INET_ADDRSTRLEN];
	int ret = udp_bind(s, s->tx_fd, &config->local, (uint16_t)(config->local.port + 1), err);

	if (!ret)
		ret = udp_bind(s, s->rx_fd, &config->local, config->local.port, err);
	if (ret)
		return ret;
	if (connect(s->tx_fd, (struct sockaddr *)&peer, sizeof(peer)))
		return error_errno(err, errno, "the interface must be up, with a route to that address",
				   "cannot connect to %s port %u",
				   address_text(&config->peer, text, sizeof(text)), config->peer.port);
	return 0;
}

static void udp_dropped(struct socket_io *s)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(info);

	if (getsockopt(s->rx_fd, SOL_SOCKET, SO_MEMINFO, info, &len) || len <= SK_MEMINFO_DROPS * sizeof(*info))
		return;
	/* The kernel's counter has 32 bits; ours goes on where it wraps. */
	s->io.stats.rx_dropped += info[SK_MEMINFO_DROPS] - (uint32_t)s->io.stats.rx_dropped;
	s->io.stats.rx_dropped_known = true;
}

const struct socket_family socket_family_udp = {
	.create = udp_create,
	.attach = udp_attach,
	.dropped = udp_dropped,
};

extern const struct io_ops io_udp; /* below */

static int udp_open(struct io **io, const struct io_config *config, struct error *err)
{
	return socket_open(io, &io_udp, &socket_family_udp, config, err);
}

const struct io_ops io_udp = {
	SOCKET_IO_OPS,
	.name = "udp",
	.summary = "UDP socket, one send() or recv() for each packet",
	.layer = IO_LAYER_PAYLOAD,
	.probe = socket_udp_probe,
	.open = udp_open,
	.tx_burst = socket_each_tx,
	.rx_burst = socket_each_rx,
	.forward = socket_each_forward,
};
