/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "wire/frame.h"
#include "wire/payload.h"

/*
 * Made by another implementation (Python: binascii.crc_hqx and big-endian sums), and found right by tshark
 * 4.0 with its checksum checks on. From endpoint 0 to endpoint 257, with a body of odd length.
 */
static const uint8_t golden[81] = {
	0x02, 0x4c, 0x42, 0x00, 0x01, 0x01, 0x02, 0x4c, 0x42, 0x00, 0x00, 0x00, 0x08, 0x00,
	0x45, 0x00, 0x00, 0x43, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11, 0xad, 0x80, 0xc6, 0x12,
	0x00, 0x01, 0xc6, 0x12, 0x01, 0x04, 0xbd, 0xec, 0xbd, 0xec, 0x00, 0x2f, 0x0c, 0xa4,
	0x12, 0x34, 0x01, 0x02, 0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xf6, 0x01, 0x02, 0x03, 0x04,
	0x05, 0xff, 0xb8, 0x53, 0x6d, 0x75, 0x63, 0x8f, 0xb2, 0x4f, 0xde, 0x11, 0x82, 0xf1,
	0xad, 0x0e, 0x6c, 0xc9, 0x15, 0xb0, 0x97, 0x6d, 0xf8, 0x8d, 0x25,
};

static const struct wire_header golden_header = {
	.test = 0x1234, .stream = 0x0102, .sequence = 0xa1b2c3d4e5f6, .time_ns = 0x0102030405ff,
};

static uint8_t frame[WIRE_FRAME_MAX];

static void build(uint32_t size, unsigned from, unsigned to)
{
	struct wire_address source, destination;

	wire_address_make(&source, from);
	wire_address_make(&destination, to);
	memset(frame, 0xa5, sizeof(frame));
	wire_frame_headers(frame, size, &source, &destination);
	wire_payload_write(frame + WIRE_HEADERS_LEN, size - WIRE_HEADERS_LEN, &golden_header,
			   WIRE_PAYLOAD_FULL);
	wire_frame_udp_checksum(frame, size);
}

/* The checksum as RFC 1071 describes it, 16 bits at a time in network order. */
static uint32_t naive_sum(const uint8_t *data, size_t len, uint32_t sum)
{
	for (size_t i = 0; i < len; i++) {
		sum += i % 2 ? data[i] : (uint32_t)data[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return sum;
}

/* A datagram with its right checksum in place, pseudo header included, sums to all ones. */
static void assert_checksums(uint32_t size)
{
	assert_int_equal(naive_sum(frame + 14, 20, 0), 0xffff);
	assert_int_equal(naive_sum(frame + 26, size - 26, 17 + size - 34), 0xffff);
	assert_true(frame[40] || frame[41]);
}

static void equals_the_golden_frame(void **state)
{
	struct wire_header header;
	uint32_t payload;

	build(sizeof(golden), 0, 257);
	assert_memory_equal(frame, golden, sizeof(golden));
	assert_true(wire_frame_parse(golden, sizeof(golden), &payload));
	assert_int_equal(payload, sizeof(golden) - WIRE_HEADERS_LEN);
	assert_int_equal(wire_payload_read(golden + WIRE_HEADERS_LEN, payload, &header, WIRE_PAYLOAD_FULL),
			 WIRE_OK);
	assert_int_equal(header.sequence, golden_header.sequence);
}

static void checksums_are_right_at_every_size(void **state)
{
	for (uint32_t size = WIRE_FRAME_MIN; size <= WIRE_FRAME_MAX; size += size < 1600 ? 1 : 97) {
		uint32_t payload;

		build(size, size % 300, size % 299 + 5);
		assert_checksums(size);
		assert_true(wire_frame_parse(frame, size, &payload));
		assert_int_equal(payload, size - WIRE_HEADERS_LEN);
	}
}

/* With a payload chosen so that the sum comes out as 0, which must be sent as ffff. */
static void a_checksum_of_zero_is_sent_as_ones(void **state)
{
	uint32_t found = 0;

	build(WIRE_FRAME_MIN, 0, 1);
	for (uint32_t word = 0; word <= 0xffff; word++) {
		frame[58] = (uint8_t)(word >> 8);
		frame[59] = (uint8_t)word;
		wire_frame_udp_checksum(frame, WIRE_FRAME_MIN);
		assert_checksums(WIRE_FRAME_MIN);
		found += frame[40] == 0xff && frame[41] == 0xff;
	}
	assert_in_range(found, 1, 2); /* 0000 and ffff in the sum are the same number */
}

static void sums_may_be_taken_in_pieces(void **state)
{
	uint8_t data[300];

	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 89 + (i >> 3));
	for (size_t len = 0; len <= sizeof(data); len++) {
		uint16_t whole = wire_sum_fold(wire_sum(data, len, 0));
		uint8_t bytes[2];

		memcpy(bytes, &whole, 2);
		assert_int_equal((uint32_t)bytes[0] << 8 | bytes[1], naive_sum(data, len, 0));
		for (size_t cut = 0; cut <= len; cut += 2) {
			uint64_t sum = wire_sum(data, cut, 0);

			assert_int_equal(wire_sum_fold(wire_sum(data + cut, len - cut, sum)), whole);
		}
	}
	assert_int_equal(wire_sum_fold(UINT64_MAX), 0xffff);
	assert_int_equal(wire_sum_fold(UINT64_C(0xffffffff00000001)), 1);
}

static void reflection_keeps_the_checksums(void **state)
{
	uint8_t sent[128];

	build(sizeof(sent), 7, 70);
	memcpy(sent, frame, sizeof(sent));
	wire_frame_swap(frame);
	assert_checksums(sizeof(sent));
	assert_memory_equal(frame, sent + 6, 6);
	assert_memory_equal(frame + 6, sent, 6);
	assert_memory_equal(frame + 26, sent + 30, 4);
	assert_memory_equal(frame + 30, sent + 26, 4);
	wire_frame_swap(frame);
	assert_memory_equal(frame, sent, sizeof(sent));

	frame[34] = 1; /* the port of a flow stays that of the flow's replies */
	wire_frame_swap(frame);
	assert_int_equal(frame[34], 1);
	assert_int_equal(frame[36], WIRE_UDP_PORT >> 8);
}

/* What a hop writes, and how it knows what to write it on. */
static void hops_change_the_ethernet_header_alone(void **state)
{
	static const uint8_t from[6] = { 2, 1, 2, 3, 4, 5 }, to[6] = { 2, 6, 7, 8, 9, 10 };
	uint8_t sent[128];

	build(sizeof(sent), 7, 70);
	memcpy(sent, frame, sizeof(sent));
	assert_true(wire_frame_may_be_test(frame));
	wire_frame_ethernet(frame, from, to);
	assert_memory_equal(frame, to, 6);
	assert_memory_equal(frame + 6, from, 6);
	assert_memory_equal(frame + 12, sent + 12, sizeof(sent) - 12);
	for (unsigned at = 0; at < 38; at++) {
		bool matters = at == 14 || at == 23 || at == 36 || at == 37;

		frame[at] ^= 0x10;
		assert_int_equal(wire_frame_may_be_test(frame), !matters);
		frame[at] ^= 0x10;
	}
}

static void addresses_are_distinct_and_valid(void **state)
{
	uint32_t previous = 0;

	for (unsigned index = 0; index <= 65535; index++) {
		struct wire_address address;

		wire_address_make(&address, index);
		assert_true(address.ip > previous);
		assert_int_equal(address.ip >> 17, 0xc612 >> 1); /* 198.18.0.0/15 */
		assert_in_range(address.ip & 0xff, 1, 254);
		assert_int_equal(address.mac[0], 0x02);
		assert_int_equal(address.mac[4] << 8 | address.mac[5], index);
		assert_int_equal(address.port, WIRE_UDP_PORT);
		previous = address.ip;
	}
}

/* Each of these bytes makes a test frame something else. */
static void parse_refuses_what_is_not_ours(void **state)
{
	static const struct { unsigned offset; uint8_t value; } strange[] = {
		{ 12, 0x86 }, { 13, 0x06 },               /* not IPv4 */
		{ 14, 0x46 }, { 14, 0x65 }, { 14, 0x44 }, /* options, version 6, header too short */
		{ 16, 0xff }, { 17, 115 }, { 17, 113 },   /* total length: beyond the frame, not UDP's + 20 */
		{ 20, 0x20 }, { 20, 0x01 }, { 21, 0x01 }, /* fragments */
		{ 23, 6 },                                /* TCP */
		{ 36, 0 }, { 37, 0 },
		{ 38, 0x10 }, { 39, 7 }, { 39, 0 }, { 39, 95 },
	};
	uint32_t payload = 12345;

	for (unsigned i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
		build(128, 0, 1);
		assert_true(wire_frame_parse(frame, 128, &payload));
		frame[strange[i].offset] = strange[i].value;
		if (wire_frame_parse(frame, 128, &payload))
			fail_msg("accepted with %u at offset %u", strange[i].value, strange[i].offset);
	}
}

static void parse_allows_padding_but_no_loss(void **state)
{
	for (uint32_t size = WIRE_FRAME_MIN; size < 200; size++) {
		build(size, 0, 1);
		for (uint32_t have = 0; have < size + 20; have++) {
			uint8_t *exact = malloc(have ? have : 1); /* AddressSanitizer sees a byte too many */
			uint32_t payload = 0;

			memcpy(exact, frame, have);
			assert_int_equal(wire_frame_parse(exact, have, &payload), have >= size);
			if (have >= size)
				assert_int_equal(payload, size - WIRE_HEADERS_LEN);
			free(exact);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equals_the_golden_frame),
		cmocka_unit_test(checksums_are_right_at_every_size),
		cmocka_unit_test(a_checksum_of_zero_is_sent_as_ones),
		cmocka_unit_test(sums_may_be_taken_in_pieces),
		cmocka_unit_test(reflection_keeps_the_checksums),
		cmocka_unit_test(hops_change_the_ethernet_header_alone),
		cmocka_unit_test(addresses_are_distinct_and_valid),
		cmocka_unit_test(parse_refuses_what_is_not_ours),
		cmocka_unit_test(parse_allows_padding_but_no_loss),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
