/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "wire/payload.h"

#define SIZE_MAX_TESTED 1500u

static const struct wire_header sample = {
	.test = 7, .stream = 3, .sequence = 123456789, .time_ns = 987654321,
};

/* Bit by bit, from the definition. */
static uint16_t naive_crc(const uint8_t *data, uint32_t len)
{
	unsigned crc = 0xffff;

	for (uint32_t i = 0; i < len * 8; i++) {
		unsigned bit = data[i / 8] >> (7 - i % 8) & 1;

		crc = (crc << 1 ^ ((crc >> 15 ^ bit) & 1 ? 0x1021 : 0)) & 0xffff;
	}
	return (uint16_t)crc;
}

static void crc_is_ibm_3740(void **state)
{
	uint8_t data[70];

	assert_int_equal(wire_crc16((const uint8_t *)"123456789", 9), 0x29b1);
	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 151 + (i >> 2));
	for (uint32_t len = 0; len <= 64; len++)
		for (uint32_t offset = 0; offset < 6; offset++)
			assert_int_equal(wire_crc16(data + offset, len), naive_crc(data + offset, len));
}

static void header_survives_with_extreme_values(void **state)
{
	static const uint64_t words[] = { 0, 1, 0xffffffff, 0x100000000, 0x800000000000, WIRE_SEQUENCE_MAX };
	uint8_t payload[64];

	for (unsigned i = 0; i < 36; i++) {
		const struct wire_header sent = {
			.test = (uint16_t)(i * 1999), .stream = (uint16_t)(0xffff - i),
			.sequence = words[i % 6], .time_ns = words[i / 6],
		};
		struct wire_header read;

		for (uint32_t size = WIRE_PAYLOAD_HEADER_LEN; size <= sizeof(payload); size++) {
			wire_payload_write(payload, size, &sent, WIRE_PAYLOAD_FULL);
			assert_int_equal(wire_payload_read(payload, size, &read, WIRE_PAYLOAD_FULL), WIRE_OK);
			assert_int_equal(read.test, sent.test);
			assert_int_equal(read.stream, sent.stream);
			assert_int_equal(read.sequence, sent.sequence);
			assert_int_equal(read.time_ns, sent.time_ns);
		}
	}
}

static void only_48_bits_travel(void **state)
{
	const struct wire_header sent = {
		.sequence = WIRE_SEQUENCE_MAX + 6, .time_ns = UINT64_C(0xabcd000000000009),
	};
	struct wire_header read;
	uint8_t payload[40];

	wire_payload_write(payload, sizeof(payload), &sent, WIRE_PAYLOAD_FULL);
	assert_int_equal(wire_payload_read(payload, sizeof(payload), &read, WIRE_PAYLOAD_FULL), WIRE_OK);
	assert_int_equal(read.sequence, 5);
	assert_int_equal(read.time_ns, 9);
}

static void every_damage_of_one_or_two_bits_in_the_header_is_found(void **state)
{
	uint8_t payload[WIRE_PAYLOAD_HEADER_LEN];
	struct wire_header read;

	wire_payload_write(payload, sizeof(payload), &sample, WIRE_PAYLOAD_FULL);
	for (unsigned a = 0; a < sizeof(payload) * 8; a++) {
		payload[a / 8] ^= (uint8_t)(1 << a % 8);
		assert_int_equal(wire_payload_read(payload, sizeof(payload), &read, WIRE_PAYLOAD_FULL),
				 WIRE_CORRUPTED_HEADER);
		for (unsigned b = 0; b < a; b++) {
			payload[b / 8] ^= (uint8_t)(1 << b % 8);
			assert_int_equal(wire_payload_read(payload, sizeof(payload), &read, WIRE_PAYLOAD_HEADERS),
					 WIRE_CORRUPTED_HEADER);
			payload[b / 8] ^= (uint8_t)(1 << b % 8);
		}
		payload[a / 8] ^= (uint8_t)(1 << a % 8);
	}
	assert_int_equal(wire_payload_read(payload, sizeof(payload), &read, WIRE_PAYLOAD_FULL), WIRE_OK);
}

/* In a buffer of just that size, so that AddressSanitizer sees a byte read or written beyond it. */
static void every_damaged_byte_of_the_body_is_found(void **state)
{
	for (uint32_t size = WIRE_PAYLOAD_HEADER_LEN; size <= SIZE_MAX_TESTED; size++) {
		uint8_t *payload = malloc(size);
		struct wire_header read;

		wire_payload_write(payload, size, &sample, WIRE_PAYLOAD_FULL);
		assert_int_equal(wire_payload_read(payload, size, &read, WIRE_PAYLOAD_FULL), WIRE_OK);
		for (uint32_t i = WIRE_PAYLOAD_HEADER_LEN; i < size; i++) {
			uint8_t damage = (uint8_t)(1 << (i + size) % 8);

			payload[i] ^= damage;
			if (wire_payload_read(payload, size, &read, WIRE_PAYLOAD_FULL) != WIRE_CORRUPTED_BODY)
				fail_msg("byte %u of %u", i, size);
			payload[i] ^= damage;
		}
		free(payload);
	}
}

static void damage_that_cancels_in_a_sum_is_found(void **state)
{
	uint8_t payload[18 + 64], swapped[sizeof(payload)];
	struct wire_header read;

	wire_payload_write(payload, sizeof(payload), &sample, WIRE_PAYLOAD_FULL);
	for (unsigned a = 0; a < 8; a++) {
		for (unsigned b = 0; b < a; b++) {
			memcpy(swapped, payload, sizeof(payload));
			memcpy(swapped + 18 + 8 * a, payload + 18 + 8 * b, 8);
			memcpy(swapped + 18 + 8 * b, payload + 18 + 8 * a, 8);
			assert_int_equal(wire_payload_read(swapped, sizeof(swapped), &read, WIRE_PAYLOAD_FULL),
					 WIRE_CORRUPTED_BODY);
		}
	}
}

/* The body of another packet, of another stream, or one cut short, is not taken for this one's. */
static void a_body_belongs_to_its_packet(void **state)
{
	const struct wire_header others[] = {
		{ .test = 7, .stream = 3, .sequence = sample.sequence + 1, .time_ns = sample.time_ns },
		{ .test = 7, .stream = 2, .sequence = sample.sequence, .time_ns = sample.time_ns },
	};
	uint8_t payload[200], other[sizeof(payload)];
	struct wire_header read;

	wire_payload_write(payload, sizeof(payload), &sample, WIRE_PAYLOAD_FULL);
	for (unsigned i = 0; i < 2; i++) {
		wire_payload_write(other, sizeof(other), &others[i], WIRE_PAYLOAD_FULL);
		memcpy(other, payload, WIRE_PAYLOAD_HEADER_LEN);
		assert_int_equal(wire_payload_read(other, sizeof(other), &read, WIRE_PAYLOAD_FULL),
				 WIRE_CORRUPTED_BODY);
		assert_int_equal(read.sequence, sample.sequence);
	}
}

static void mode_headers_leaves_the_body_alone(void **state)
{
	uint8_t payload[100];
	struct wire_header read;

	memset(payload, 0x5a, sizeof(payload));
	wire_payload_write(payload, sizeof(payload), &sample, WIRE_PAYLOAD_HEADERS);
	for (unsigned i = WIRE_PAYLOAD_HEADER_LEN; i < sizeof(payload); i++)
		assert_int_equal(payload[i], 0x5a);
	assert_int_equal(wire_payload_read(payload, sizeof(payload), &read, WIRE_PAYLOAD_HEADERS), WIRE_OK);
	assert_int_equal(wire_payload_read(payload, sizeof(payload), &read, WIRE_PAYLOAD_FULL),
			 WIRE_CORRUPTED_BODY);
}

static void less_than_a_header_is_too_short(void **state)
{
	struct wire_header read = sample;

	for (uint32_t size = 0; size < WIRE_PAYLOAD_HEADER_LEN; size++) {
		uint8_t *payload = calloc(1, size ? size : 1);

		assert_int_equal(wire_payload_read(payload, size, &read, WIRE_PAYLOAD_FULL), WIRE_TOO_SHORT);
		free(payload);
	}
}

static void time_is_expanded_to_the_nearest(void **state)
{
	static const uint64_t distances[] = { 0, 1, 1000, 60000000000, (UINT64_C(1) << 47) - 1 };

	/* About each wrap of the 48 bits, and far from any. */
	for (uint64_t wrap = UINT64_C(1) << 48; wrap <= UINT64_C(5) << 48; wrap += UINT64_C(1) << 48) {
		for (int64_t shift = -3; shift <= 3; shift++) {
			uint64_t now = wrap + (uint64_t)(shift * 30000000000);

			for (unsigned d = 0; d < sizeof(distances) / sizeof(distances[0]); d++) {
				uint64_t past = now - distances[d], future = now + distances[d];

				assert_int_equal(wire_time_expand(past & WIRE_SEQUENCE_MAX, now), past);
				assert_int_equal(wire_time_expand(future & WIRE_SEQUENCE_MAX, now), future);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crc_is_ibm_3740),
		cmocka_unit_test(header_survives_with_extreme_values),
		cmocka_unit_test(only_48_bits_travel),
		cmocka_unit_test(every_damage_of_one_or_two_bits_in_the_header_is_found),
		cmocka_unit_test(every_damaged_byte_of_the_body_is_found),
		cmocka_unit_test(damage_that_cancels_in_a_sum_is_found),
		cmocka_unit_test(a_body_belongs_to_its_packet),
		cmocka_unit_test(mode_headers_leaves_the_body_alone),
		cmocka_unit_test(less_than_a_header_is_too_short),
		cmocka_unit_test(time_is_expanded_to_the_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
