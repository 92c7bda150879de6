/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frames of the test traffic: Ethernet II, IPv4 without options, UDP. Pure.
 * "Frame size" is the whole Ethernet frame without FCS (the parameter P).
 * All struct fields are in host byte order unless they are byte arrays.
 */
#ifndef LB_WIRE_FRAME_H
#define LB_WIRE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_ETHERNET_LEN 14u
#define WIRE_IPV4_LEN 20u
#define WIRE_UDP_LEN 8u
#define WIRE_HEADERS_LEN (WIRE_ETHERNET_LEN + WIRE_IPV4_LEN + WIRE_UDP_LEN) /* 42 */
#define WIRE_FRAME_MIN 60u   /* the least that Ethernet carries, without FCS */
#define WIRE_FRAME_MAX 9014u /* an MTU of 9000 */
#define WIRE_UDP_PORT 48620  /* where the test traffic goes; above 1023: no capability is needed to bind it */

struct wire_address {
	uint8_t mac[6];
	uint32_t ip;   /* host order */
	uint16_t port; /* host order */
};

/* Address of endpoint number `index` (0..65535) of a testbed: locally administered MAC
 * 02:4c:42:00:hh:ll, IPv4 198.18.0.0/15 (RFC 2544 appendix C.2.2's range; never .0 or .255 last). */
void wire_address_make(struct wire_address *address, unsigned index);

/*
 * Write the 42 header bytes of a frame of frame_size bytes (WIRE_FRAME_MIN..WIRE_FRAME_MAX) into `frame`;
 * IPv4 checksum right, UDP checksum left 0: wire_frame_udp_checksum completes it once the payload is there.
 */
void wire_frame_headers(uint8_t *frame, uint32_t frame_size, const struct wire_address *source,
			const struct wire_address *destination);

/* Compute and store the UDP checksum over pseudo header, UDP header and payload (RFC 768: 0 is sent as
 * 0xffff). */
void wire_frame_udp_checksum(uint8_t *frame, uint32_t frame_size);

/*
 * Is this a test frame of ours by its headers: IPv4, no options, not a fragment, UDP to port WIRE_UDP_PORT
 * (from any: see endpoint/io/udp.c), lengths consistent with frame_size (padding behind the datagram
 * allowed)? *payload_size is then the UDP payload's length, which starts at frame + WIRE_HEADERS_LEN.
 */
bool wire_frame_parse(const uint8_t *frame, uint32_t frame_size, uint32_t *payload_size);

/*
 * Turn a frame round for reflection: swap MAC addresses and IP addresses. Ports stay, so that a reply, too,
 * is from the port of its flow and to WIRE_UDP_PORT. Checksums stay right (both are sums, in which order does
 * not matter).
 */
void wire_frame_swap(uint8_t *frame);

/* The WIRE_ETHERNET_LEN bytes that a hop from one MAC address to another puts in front of an IPv4 packet. */
void wire_frame_ethernet(uint8_t *header, const uint8_t *source, const uint8_t *destination);

/*
 * Can this be the start of a test frame: UDP to WIRE_UDP_PORT in IPv4 without options? For those who hand
 * frames on and leave it to the receiver to look closely. The frame has WIRE_FRAME_MIN bytes or more, of
 * which the first 38 are read; its Ethernet header has been compared.
 */
static inline bool wire_frame_may_be_test(const uint8_t *frame)
{
	return frame[14] == 0x45 && frame[23] == 17 && frame[36] == WIRE_UDP_PORT >> 8 &&
	       frame[37] == (WIRE_UDP_PORT & 0xff);
}

/*
 * The Internet checksum's running sum (RFC 1071) of `len` bytes, added to `sum`; and its fold to 16 bits.
 * Neither is complemented. Both are in memory order: the fold is stored as it is, and numbers that are
 * added to a sum pass through htons first. All pieces but the last have an even length. Good for gigabytes
 * before a sum must be folded.
 */
uint64_t wire_sum(const void *data, size_t len, uint64_t sum);

static inline uint16_t wire_sum_fold(uint64_t sum)
{
	sum = (sum >> 32) + (sum & 0xffffffff);
	sum = (sum >> 32) + (sum & 0xffffffff);
	sum = (sum >> 16) + (sum & 0xffff);
	sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t)sum;
}

#endif
