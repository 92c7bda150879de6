/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/frame.h"

#include <netinet/in.h>
#include <string.h>

/* Offsets within the frame. */
#define AT_MAC_DESTINATION 0
#define AT_MAC_SOURCE 6
#define AT_ETHERTYPE 12
#define AT_IP WIRE_ETHERNET_LEN
#define AT_IP_LENGTH (AT_IP + 2)
#define AT_IP_FRAGMENT (AT_IP + 6)
#define AT_IP_PROTOCOL (AT_IP + 9)
#define AT_IP_CHECKSUM (AT_IP + 10)
#define AT_IP_SOURCE (AT_IP + 12)
#define AT_IP_DESTINATION (AT_IP + 16)
#define AT_UDP (WIRE_ETHERNET_LEN + WIRE_IPV4_LEN)
#define AT_UDP_SOURCE AT_UDP
#define AT_UDP_DESTINATION (AT_UDP + 2)
#define AT_UDP_LENGTH (AT_UDP + 4)
#define AT_UDP_CHECKSUM (AT_UDP + 6)

#define ETHERTYPE_IPV4 0x0800
#define IPV4_NO_OPTIONS 0x45   /* version 4, header of five words */
#define IPV4_DONT_FRAGMENT 0x4000
#define IPV4_FRAGMENT_MASK 0x3fff /* more fragments, offset */
#define IPV4_TTL 64

static inline uint32_t load16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static inline void store16(uint8_t *p, uint32_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static inline void store32(uint8_t *p, uint32_t value)
{
	store16(p, value >> 16);
	store16(p + 2, value);
}

void wire_address_make(struct wire_address *address, unsigned index)
{
	const uint8_t mac[6] = { 0x02, 0x4c, 0x42, 0x00, (uint8_t)(index >> 8), (uint8_t)index };

	memcpy(address->mac, mac, sizeof(mac));
	/* 198.18.0.0 and up, 254 addresses of each 256: 65536 of them end below 198.19.3.0. */
	address->ip = 0xc6120000u + index / 254 * 256 + index % 254 + 1;
	address->port = WIRE_UDP_PORT;
}

uint64_t wire_sum(const void *data, size_t len, uint64_t sum)
{
	const uint8_t *bytes = data;
	uint16_t half = 0;
	uint32_t word;

	/*
	 * 2^16 is 1 modulo 2^16 - 1, so wider words may be summed as well (RFC 1071, 2.C). They are summed
	 * as they lie in memory: the byte order of the machine turns the result round as a whole (2.B), and
	 * storing turns it back.
	 */
	for (; len >= sizeof(word); len -= sizeof(word), bytes += sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		sum += word;
	}
	if (len >= sizeof(half)) {
		memcpy(&half, bytes, sizeof(half));
		sum += half;
		bytes += sizeof(half);
		half = 0;
	}
	/* Not memcpy of `len` bytes: by way of the stack that is a load over narrower stores, a stall. */
	if (len & 1)
		memcpy(&half, bytes, 1);
	return sum + half;
}

void wire_frame_headers(uint8_t *frame, uint32_t frame_size, const struct wire_address *source,
			const struct wire_address *destination)
{
	uint16_t checksum;

	memset(frame, 0, WIRE_HEADERS_LEN);
	wire_frame_ethernet(frame, source->mac, destination->mac);
	frame[AT_IP] = IPV4_NO_OPTIONS;
	store16(frame + AT_IP_LENGTH, frame_size - WIRE_ETHERNET_LEN);
	store16(frame + AT_IP_FRAGMENT, IPV4_DONT_FRAGMENT); /* so the identification may stay 0 (RFC 6864) */
	frame[AT_IP + 8] = IPV4_TTL;
	frame[AT_IP_PROTOCOL] = IPPROTO_UDP;
	store32(frame + AT_IP_SOURCE, source->ip);
	store32(frame + AT_IP_DESTINATION, destination->ip);
	checksum = (uint16_t)~wire_sum_fold(wire_sum(frame + AT_IP, WIRE_IPV4_LEN, 0));
	memcpy(frame + AT_IP_CHECKSUM, &checksum, sizeof(checksum));

	store16(frame + AT_UDP_SOURCE, source->port);
	store16(frame + AT_UDP_DESTINATION, destination->port);
	store16(frame + AT_UDP_LENGTH, frame_size - AT_UDP);
}

void wire_frame_ethernet(uint8_t *header, const uint8_t *source, const uint8_t *destination)
{
	memcpy(header + AT_MAC_DESTINATION, destination, 6);
	memcpy(header + AT_MAC_SOURCE, source, 6);
	store16(header + AT_ETHERTYPE, ETHERTYPE_IPV4);
}

void wire_frame_udp_checksum(uint8_t *frame, uint32_t frame_size)
{
	uint32_t length = frame_size - AT_UDP;
	uint16_t checksum;
	uint64_t sum;

	/* What stands in the field now is subtracted (its complement added) rather than cleared: a wide load
	 * over a store of two bytes a moment ago would stall. */
	memcpy(&checksum, frame + AT_UDP_CHECKSUM, sizeof(checksum));
	sum = (uint64_t)htons(IPPROTO_UDP) + htons((uint16_t)length) + (uint16_t)~checksum;
	sum = wire_sum(frame + AT_IP_SOURCE, 8, sum); /* both addresses: with the above, the pseudo header */
	checksum = (uint16_t)~wire_sum_fold(wire_sum(frame + AT_UDP, length, sum));
	if (!checksum)
		checksum = 0xffff; /* 0 on the wire would say "none" */
	memcpy(frame + AT_UDP_CHECKSUM, &checksum, sizeof(checksum));
}

bool wire_frame_parse(const uint8_t *frame, uint32_t frame_size, uint32_t *payload_size)
{
	uint32_t ip_length, udp_length;

	if (frame_size < WIRE_HEADERS_LEN || load16(frame + AT_ETHERTYPE) != ETHERTYPE_IPV4)
		return false;
	if (frame[AT_IP] != IPV4_NO_OPTIONS || frame[AT_IP_PROTOCOL] != IPPROTO_UDP ||
	    load16(frame + AT_IP_FRAGMENT) & IPV4_FRAGMENT_MASK)
		return false;
	if (load16(frame + AT_UDP_DESTINATION) != WIRE_UDP_PORT)
		return false;
	ip_length = load16(frame + AT_IP_LENGTH);
	udp_length = load16(frame + AT_UDP_LENGTH);
	if (ip_length > frame_size - WIRE_ETHERNET_LEN || udp_length < WIRE_UDP_LEN ||
	    udp_length + WIRE_IPV4_LEN != ip_length)
		return false;
	*payload_size = udp_length - WIRE_UDP_LEN;
	return true;
}

/* Two neighbouring fields of n bytes change places. */
static inline void swap(uint8_t *fields, size_t n)
{
	uint8_t first[6];

	memcpy(first, fields, n);
	memmove(fields, fields + n, n);
	memcpy(fields + n, first, n);
}

void wire_frame_swap(uint8_t *frame)
{
	swap(frame + AT_MAC_DESTINATION, 6);
	swap(frame + AT_IP_SOURCE, 4);
}
