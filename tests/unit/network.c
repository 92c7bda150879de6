/* SPDX-License-Identifier: Apache-2.0 */
#include "network.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "testbed/host/namespace.h"
#include "testbed/host/netlink.h"

#define FRAME_SIZE 64

bool network_allowed(void)
{
	static int allowed = -1;
	struct error err = { 0 };

	if (allowed < 0 && namespace_is_root())
		allowed = 1;
	if (allowed < 0) {
		allowed = namespace_enter_user(&err) == 0;
		if (!allowed)
			printf("# skipped: %s (%s)\n", err.cause, err.remedy);
	}
	return allowed;
}

int network_tap(int netns, const char *interface)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int home, fd;

	if (netlink_enter(netns, &home, NULL) < 0)
		return -1;
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	address.sll_ifindex = (int)if_nametoindex(interface);
	if (fd >= 0 && (!address.sll_ifindex || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)) {
		close(fd);
		fd = -1;
	}
	return netlink_leave(home, NULL) < 0 ? -1 : fd;
}

bool network_send(int tap, const struct wire_address *from, const struct wire_address *to, uint8_t mark)
{
	uint8_t frame[FRAME_SIZE] = { 0 };

	wire_frame_headers(frame, sizeof(frame), from, to);
	frame[WIRE_HEADERS_LEN] = mark;
	return send(tap, frame, sizeof(frame), 0) == sizeof(frame);
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000L + now.tv_nsec / 1000000;
}

/* The next frame that came in. Returns its length, or -1 when the time is over. */
static ssize_t next_frame(int tap, uint8_t *frame, size_t size, long deadline)
{
	for (;;) {
		struct pollfd ready = { .fd = tap, .events = POLLIN };
		struct sockaddr_ll from;
		socklen_t from_size = sizeof(from);
		long left = deadline - now_ms();
		ssize_t length;

		if (poll(&ready, 1, left > 0 ? (int)left : 0) <= 0)
			return -1;
		length = recvfrom(tap, frame, size, 0, (struct sockaddr *)&from, &from_size);
		if (length >= 0 && from.sll_pkttype != PACKET_OUTGOING)
			return length;
	}
}

bool network_receive(int tap, uint8_t mark, int timeout_ms)
{
	const long deadline = now_ms() + timeout_ms;
	uint8_t frame[2048];
	ssize_t length;

	while ((length = next_frame(tap, frame, sizeof(frame), deadline)) >= 0)
		if (length == FRAME_SIZE && frame[WIRE_HEADERS_LEN] == mark)
			return true;
	return false;
}

unsigned network_count(int tap, int timeout_ms)
{
	const long deadline = now_ms() + timeout_ms;
	uint8_t frame[2048];
	unsigned count = 0;

	while (next_frame(tap, frame, sizeof(frame), deadline) >= 0)
		count++;
	return count;
}

void network_links(int netns, char *text, size_t size)
{
	struct if_nameindex *links;
	size_t used = 0;
	int home;

	text[0] = 0;
	if (netlink_enter(netns, &home, NULL) < 0)
		return;
	links = if_nameindex();
	for (struct if_nameindex *link = links; link && link->if_name && used < size; link++)
		used += (size_t)snprintf(text + used, size - used, "%s ", link->if_name);
	if_freenameindex(links);
	netlink_leave(home, NULL);
}

unsigned network_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	unsigned count = 0;

	while (directory && readdir(directory))
		count++;
	if (directory)
		closedir(directory);
	return count;
}
