/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The test payload: what lanebench puts behind the UDP header. Pure.
 *
 * It begins with an 18-byte header, which fits the smallest frame (60 bytes) exactly,
 * all fields big-endian:
 *
 *   offset 0  u16  test id      which trial (and which phase of it) sent the packet
 *   offset 2  u16  stream id    which flow of which sender
 *   offset 4  u48  sequence     from 0 in each phase
 *   offset 10 u48  send time    low 48 bits of CLOCK_MONOTONIC ns (78 h): the scheduled departure
 *   offset 16 u16  checksum     CRC-16/IBM-3740 (poly 0x1021, init 0xffff, check 0x29b1) of bytes 0..15
 *
 * In mode WIRE_PAYLOAD_FULL every further byte is a function of stream, sequence and
 * offset (payload.c says which); the sender writes and the receiver checks each of them, as a real
 * application that produces and consumes its packets would (the papers do the like). In mode
 * WIRE_PAYLOAD_HEADERS those bytes are left as they are and not looked at.
 */
#ifndef LB_WIRE_PAYLOAD_H
#define LB_WIRE_PAYLOAD_H

#include <stdint.h>

#define WIRE_PAYLOAD_HEADER_LEN 18u
#define WIRE_SEQUENCE_MAX ((UINT64_C(1) << 48) - 1)
#define WIRE_TEST_ANNOUNCE 0 /* test id of announcements: they teach switches and are never counted */

enum wire_payload_mode { WIRE_PAYLOAD_FULL = 0, WIRE_PAYLOAD_HEADERS = 1 };

struct wire_header {
	uint16_t test;
	uint16_t stream;
	uint64_t sequence; /* 48 bits */
	uint64_t time_ns;  /* 48 bits on the wire */
};

enum wire_verdict {
	WIRE_OK,
	WIRE_CORRUPTED_HEADER, /* the checksum does not match: no field can be trusted */
	WIRE_CORRUPTED_BODY,   /* header right, a payload byte wrong: sequence can be trusted */
	WIRE_TOO_SHORT,        /* not even a header */
};

/*
 * Write header (and, in mode full, body) of a payload of `size` bytes, size >= WIRE_PAYLOAD_HEADER_LEN.
 * Returns what wire_sum (wire/frame.h) would of the bytes written, without reading them: a wide load from
 * where something has just been stored waits until the stores are through, and in a buffer that another
 * processor has held, that is a cache miss for each packet.
 */
uint64_t wire_payload_write(uint8_t *payload, uint32_t size, const struct wire_header *header,
			    enum wire_payload_mode mode);

/*
 * Read and check. On WIRE_OK and WIRE_CORRUPTED_BODY the header is filled as sent; on
 * WIRE_CORRUPTED_HEADER it holds what the bytes say; on WIRE_TOO_SHORT it is left alone. Never reads
 * beyond `size`.
 */
enum wire_verdict wire_payload_read(const uint8_t *payload, uint32_t size, struct wire_header *header,
				    enum wire_payload_mode mode);

/* The test id that the payload says it has, unchecked. */
static inline uint16_t wire_payload_test(const uint8_t *payload)
{
	return (uint16_t)(payload[0] << 8 | payload[1]);
}

/* Full time from the 48 bits on the wire: the value nearest to now_ns (which may be before or after it). */
uint64_t wire_time_expand(uint64_t wire_time, uint64_t now_ns);

/* The header's checksum. Its table is filled by a constructor: not for use in another one. */
uint16_t wire_crc16(const uint8_t *data, uint32_t len);

#endif
