/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/payload.h"

#include <endian.h>
#include <stddef.h>
#include <string.h>

#define CRC_POLYNOMIAL 0x1021
#define CRC_INIT 0xffff
#define CHECKSUM 16 /* offset of the checksum */
#define MASK48 WIRE_SEQUENCE_MAX

/* crc_table[k][byte]: what `byte` followed by k zero bytes adds to the checksum. */
static uint16_t crc_table[8][256];

__attribute__((constructor)) static void crc_table_fill(void)
{
	for (unsigned byte = 0; byte < 256; byte++) {
		unsigned crc = byte << 8;

		for (unsigned k = 0; k < 8; k++) {
			for (unsigned bit = 0; bit < 8; bit++)
				crc = (crc << 1 ^ (crc & 0x8000 ? CRC_POLYNOMIAL : 0)) & 0xffff;
			crc_table[k][byte] = (uint16_t)crc;
		}
	}
}

static inline uint64_t load_be64(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return be64toh(word);
}

/* Eight bytes a step ("slicing"): the look-ups do not depend on each other. */
static inline unsigned crc_step(unsigned crc, uint64_t word)
{
	word ^= (uint64_t)crc << 48;
	return crc_table[7][word >> 56] ^ crc_table[6][word >> 48 & 0xff] ^
	       crc_table[5][word >> 40 & 0xff] ^ crc_table[4][word >> 32 & 0xff] ^
	       crc_table[3][word >> 24 & 0xff] ^ crc_table[2][word >> 16 & 0xff] ^
	       crc_table[1][word >> 8 & 0xff] ^ crc_table[0][word & 0xff];
}

/* Of the header's sixteen bytes, as they stand in two big-endian words. */
static inline uint16_t crc_header(uint64_t high, uint64_t low)
{
	return (uint16_t)crc_step(crc_step(CRC_INIT, high), low);
}

uint16_t wire_crc16(const uint8_t *data, uint32_t len)
{
	unsigned crc = CRC_INIT;

	for (; len >= 8; len -= 8, data += 8)
		crc = crc_step(crc, load_be64(data));
	for (; len; len--, data++)
		crc = (crc << 8 ^ crc_table[0][(crc >> 8 ^ *data) & 0xff]) & 0xffff;
	return (uint16_t)crc;
}

/*
 * The body is a series of 64-bit words, little-endian, the last one cut off where the payload ends: word i is
 * first + i * STEP. No two packets of a stream have the same first word (the mixing below, splitmix64's
 * finalizer, is a bijection), no two words of a packet are equal.
 */
#define BODY_STEP UINT64_C(0x9e3779b97f4a7c15)

static uint64_t body_first(uint16_t stream, uint64_t sequence)
{
	uint64_t x = (uint64_t)stream << 48 ^ sequence;

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* Eight bytes in memory order, as wire_sum adds them. */
static inline uint64_t sum64(uint64_t bytes)
{
	return (bytes & 0xffffffff) + (bytes >> 32);
}

/* Plain induction and no early exit, in both loops below: that is what the compiler can vectorise. */
static uint64_t body_write(uint8_t *body, size_t size, uint64_t word)
{
	size_t words = size / 8;
	uint64_t sum = 0, rest = 0;

	for (size_t i = 0; i < words; i++, word += BODY_STEP) {
		uint64_t bytes = htole64(word);

		memcpy(body + 8 * i, &bytes, 8);
		sum += sum64(bytes);
	}
	word = htole64(word);
	memcpy(&rest, &word, size % 8);
	memcpy(body + 8 * words, &word, size % 8);
	return sum + sum64(rest);
}

static uint64_t body_difference(const uint8_t *body, size_t size, uint64_t word)
{
	size_t words = size / 8;
	uint64_t difference = 0, found = 0, wanted = 0;

	for (size_t i = 0; i < words; i++, word += BODY_STEP) {
		uint64_t bytes;

		memcpy(&bytes, body + 8 * i, 8);
		difference |= bytes ^ htole64(word);
	}
	word = htole64(word);
	memcpy(&found, body + 8 * words, size % 8);
	memcpy(&wanted, &word, size % 8);
	return difference | (found ^ wanted);
}

uint64_t wire_payload_write(uint8_t *payload, uint32_t size, const struct wire_header *header,
			    enum wire_payload_mode mode)
{
	uint64_t sequence = header->sequence & MASK48;
	uint64_t high = (uint64_t)header->test << 48 | (uint64_t)header->stream << 32 | sequence >> 16;
	uint64_t low = sequence << 48 | (header->time_ns & MASK48);
	uint16_t crc = htobe16(crc_header(high, low));
	uint64_t sum;

	high = htobe64(high);
	low = htobe64(low);
	memcpy(payload, &high, sizeof(high));
	memcpy(payload + 8, &low, sizeof(low));
	memcpy(payload + CHECKSUM, &crc, sizeof(crc));
	sum = sum64(high) + sum64(low) + crc;
	if (mode == WIRE_PAYLOAD_FULL)
		sum += body_write(payload + WIRE_PAYLOAD_HEADER_LEN, size - WIRE_PAYLOAD_HEADER_LEN,
				  body_first(header->stream, sequence));
	return sum;
}

enum wire_verdict wire_payload_read(const uint8_t *payload, uint32_t size, struct wire_header *header,
				    enum wire_payload_mode mode)
{
	uint64_t high, low;
	uint16_t crc;

	if (size < WIRE_PAYLOAD_HEADER_LEN)
		return WIRE_TOO_SHORT;
	high = load_be64(payload);
	low = load_be64(payload + 8);
	header->test = (uint16_t)(high >> 48);
	header->stream = (uint16_t)(high >> 32);
	header->sequence = (high << 16 | low >> 48) & MASK48;
	header->time_ns = low & MASK48;
	memcpy(&crc, payload + CHECKSUM, sizeof(crc));
	if (be16toh(crc) != crc_header(high, low))
		return WIRE_CORRUPTED_HEADER;
	if (mode == WIRE_PAYLOAD_FULL &&
	    body_difference(payload + WIRE_PAYLOAD_HEADER_LEN, size - WIRE_PAYLOAD_HEADER_LEN,
			    body_first(header->stream, header->sequence)))
		return WIRE_CORRUPTED_BODY;
	return WIRE_OK;
}

uint64_t wire_time_expand(uint64_t wire_time, uint64_t now_ns)
{
	/* The difference modulo 2^48, as a signed number. */
	int64_t ahead = (int64_t)((wire_time - now_ns) << 16) >> 16;

	return now_ns + (uint64_t)ahead;
}
