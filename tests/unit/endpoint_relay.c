/* SPDX-License-Identifier: Apache-2.0 */
#include "endpoint_relay.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "endpoint_bench.h"
#include "wire/frame.h"
#include "wire/payload.h"

struct wire {
	struct relay *relay;
	int in, out;
	uint8_t held[2048]; /* delayed frame */
	uint32_t held_size, held_for;
};

static int wire_end(const char *interface, int protocol)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons((uint16_t)protocol),
		.sll_ifindex = (int)if_nametoindex(interface) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), bytes = 4 << 20;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	return bind(fd, (struct sockaddr *)&address, sizeof(address)) ? -1 : fd;
}

static void forward(struct wire *wire, uint8_t *frame, uint32_t size)
{
	if (wire->relay->fix_checksums)
		wire_frame_udp_checksum(frame, size);
	send(wire->out, frame, size, 0);
}

static void forward_relabelled(struct wire *wire, const uint8_t *frame, uint32_t size,
			       struct wire_header header, uint16_t test, uint16_t stream)
{
	uint8_t copy[2048];

	memcpy(copy, frame, size);
	header.test = test;
	header.stream = stream;
	wire_payload_write(copy + WIRE_HEADERS_LEN, size - WIRE_HEADERS_LEN, &header, WIRE_PAYLOAD_FULL);
	wire_frame_udp_checksum(copy, size);
	forward(wire, copy, size);
}

static void forward_bystander(struct wire *wire, const uint8_t *frame)
{
	uint8_t copy[WIRE_FRAME_MIN] = { 0 };
	uint16_t port = htons(9); /* discard */

	memcpy(copy, frame, WIRE_HEADERS_LEN);
	memcpy(copy + 36, &port, sizeof(port));
	send(wire->out, copy, sizeof(copy), 0);
}

static void cut(uint8_t *frame, uint32_t size)
{
	struct wire_address source, destination;

	wire_address_make(&source, 0);
	wire_address_make(&destination, 1);
	wire_frame_headers(frame, size, &source, &destination);
	wire_frame_udp_checksum(frame, size);
}

static void play(struct wire *wire, uint8_t *frame, uint32_t size, const struct wire_header *header)
{
	uint8_t *payload = frame + WIRE_HEADERS_LEN;

	switch (header->sequence % 100) {
	case TRICK_DROP:
		return;
	case TRICK_DUPLICATE:
		forward(wire, frame, size);
		break;
	case TRICK_DAMAGE_HEADER:
		payload[16] ^= 0x40;
		break;
	case TRICK_DAMAGE_BODY:
		payload[WIRE_PAYLOAD_HEADER_LEN + 3] ^= 0x01;
		break;
	case TRICK_CUT:
		size -= 8;
		cut(frame, size);
		break;
	case TRICK_DELAY:
		memcpy(wire->held, frame, size);
		wire->held_size = size;
		wire->held_for = 3;
		return;
	case TRICK_OTHER_STREAM:
		forward_relabelled(wire, frame, size, *header, header->test, BENCH_STREAM + 1);
		break;
	case TRICK_OTHER_TEST:
		forward_relabelled(wire, frame, size, *header, BENCH_TEST + 1, header->stream);
		break;
	case TRICK_DAMAGE_IP:
		frame[22] ^= 0x10; /* time to live */
		break;
	case TRICK_BYSTANDER:
		forward_bystander(wire, frame);
		break;
	default:
		break;
	}
	forward(wire, frame, size);
}

static void hand_on(struct wire *wire, uint8_t *frame, uint32_t size)
{
	struct wire_header header;
	uint32_t payload_size;

	if (!wire_frame_parse(frame, size, &payload_size) ||
	    wire_payload_read(frame + WIRE_HEADERS_LEN, payload_size, &header, WIRE_PAYLOAD_HEADERS) ||
	    header.test != BENCH_TEST) {
		forward(wire, frame, size);
		return;
	}
	wire->relay->measured++;
	play(wire, frame, size, &header);
	if (wire->held_size && --wire->held_for == 0) {
		forward(wire, wire->held, wire->held_size);
		wire->held_size = 0;
	}
}

static void *relay_run(void *context)
{
	struct relay *relay = context;
	struct wire wire = { .relay = relay };
	uint8_t frame[2048];

	cpu_set_t one;

	/* Each processor has a queue of its own for what is sent over a veth: moving from one to another would
	 * reorder packets that this relay means to leave in order. */
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one);
	if (setns(relay->netns, CLONE_NEWNET))
		return NULL;
	wire.in = wire_end("middle0", ETH_P_IP);
	wire.out = wire_end("middle1", 0);
	while (!relay->stop) {
		struct pollfd waiting = { .fd = wire.in, .events = POLLIN };
		struct sockaddr_ll from;
		socklen_t len = sizeof(from);
		ssize_t size;

		if (poll(&waiting, 1, 10) <= 0)
			continue;
		size = recvfrom(wire.in, frame, sizeof(frame), 0, (struct sockaddr *)&from, &len);
		if (size > 0 && from.sll_pkttype != PACKET_OUTGOING)
			hand_on(&wire, frame, (uint32_t)size);
	}
	close(wire.out);
	close(wire.in);
	return NULL;
}

void relay_start(struct relay *relay, int netns, bool fix_checksums)
{
	*relay = (struct relay){ .netns = netns, .fix_checksums = fix_checksums };
	pthread_create(&relay->thread, NULL, relay_run, relay);
}

void relay_stop(struct relay *relay)
{
	relay->stop = true;
	pthread_join(relay->thread, NULL);
}
