/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the frames of one direction of a trial have in common: all 42 header bytes but the UDP checksum, and
 * the part of that checksum which is always the same. The side that sends copies it, the side that receives
 * compares.
 */
#ifndef LB_ENDPOINT_ENVELOPE_H
#define LB_ENDPOINT_ENVELOPE_H

#include <netinet/in.h>
#include <string.h>

#include "wire/frame.h"
#include "wire/payload.h"

#define ENVELOPE_PORT (WIRE_ETHERNET_LEN + WIRE_IPV4_LEN) /* the UDP source port */
#define ENVELOPE_CHECKSUM (WIRE_HEADERS_LEN - 2) /* the UDP checksum stands last */

struct envelope {
	uint8_t headers[WIRE_HEADERS_LEN];
	uint16_t port;    /* UDP source port of flow 0 */
	uint32_t size;    /* of the frame */
	uint64_t sum;     /* of pseudo header and UDP header */
	uint32_t covered; /* bytes of payload that differ from packet to packet; behind them all are 0 */
};

static inline void envelope_make(struct envelope *envelope, uint32_t frame_size, enum wire_payload_mode mode,
				 const struct wire_address *source, const struct wire_address *destination)
{
	uint8_t frame[WIRE_FRAME_MAX] = { 0 };
	uint16_t checksum;

	wire_frame_headers(frame, frame_size, source, destination);
	memcpy(envelope->headers, frame, sizeof(envelope->headers));
	wire_frame_udp_checksum(frame, frame_size);
	memcpy(&checksum, frame + ENVELOPE_CHECKSUM, sizeof(checksum));
	envelope->sum = (uint16_t)~checksum;
	envelope->port = source->port;
	envelope->size = frame_size;
	envelope->covered =
		mode == WIRE_PAYLOAD_FULL ? frame_size - WIRE_HEADERS_LEN : WIRE_PAYLOAD_HEADER_LEN;
}

/* The UDP checksum, as it is stored, of a frame whose payload has this running sum (wire_payload_write). */
static inline uint16_t envelope_checksum_of(const struct envelope *envelope, uint64_t payload_sum)
{
	uint16_t checksum = (uint16_t)~wire_sum_fold(envelope->sum + payload_sum);

	return checksum ? checksum : 0xffff;
}

/*
 * What flow k has differently: its source port, as it is stored, and what that adds to the sum. (One's
 * complement sums do not care in which byte order they are made: the sum of two numbers is that of the
 * numbers turned round, turned round.)
 */
static inline uint16_t envelope_flow_port(const struct envelope *envelope, uint32_t flow)
{
	return htons((uint16_t)(envelope->port + flow));
}

static inline uint64_t envelope_flow_sum(uint32_t flow)
{
	return htons((uint16_t)flow);
}

/* The same of a frame that lies there. */
static inline uint16_t envelope_checksum(const struct envelope *envelope, const uint8_t *frame)
{
	return envelope_checksum_of(envelope, wire_sum(frame + WIRE_HEADERS_LEN, envelope->covered, 0));
}

#endif
