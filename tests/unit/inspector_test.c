/* SPDX-License-Identifier: Apache-2.0 */
/* What the generator makes, the inspector must recognise, and nothing else. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint/generator.h"
#include "endpoint/inspector.h"

#define TEST 2
#define WARMUP 1
#define STREAM 3
#define NOW UINT64_C(5000000000)

struct bench {
	struct wire_address source, destination;
	struct clock_scale clock;
	struct account account;
	struct histogram latency;
	struct inspector inspector;
	struct generator generator;
	bool prepared[2];
	uint8_t memory[2048];
	struct io_packet packet;
};

static void bench_make(struct bench *b, enum io_layer layer, uint32_t size, enum wire_payload_mode mode)
{
	memset(b, 0, sizeof(*b));
	memset(b->memory, 0xa5, sizeof(b->memory)); /* what a buffer held before must not matter */
	wire_address_make(&b->source, 0);
	wire_address_make(&b->destination, 1);
	clock_scale_monotonic(&b->clock);
	account_reset(&b->account);
	histogram_reset(&b->latency);
	generator_begin(&b->generator, layer, size, mode, STREAM, &b->source, &b->destination, b->prepared);
	b->generator.test = TEST;
	b->inspector = (struct inspector){ .layer = layer, .mode = mode, .frame_size = size,
		.size = layer == IO_LAYER_FRAME ? size : size - WIRE_HEADERS_LEN, .test = TEST,
		.warmup_test = WARMUP, .stream = STREAM, .verify_checksum = layer == IO_LAYER_FRAME,
		.clock = &b->clock, .account = &b->account, .latency = &b->latency };
	envelope_make(&b->inspector.envelope, size, mode, &b->source, &b->destination);
	b->packet = (struct io_packet){ .data = b->memory, .ticks = NOW };
}

static void packet_make(struct bench *b, uint64_t sequence)
{
	generator_fill(&b->generator, &b->packet, 1, sequence, NOW - 1000);
}

static enum packet_kind classify(struct bench *b)
{
	struct wire_header header;

	return inspector_classify(&b->inspector, &b->packet, &header);
}

static const uint32_t sizes[] = { 60, 61, 64, 65, 127, 128, 1500, 1514 };
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

static void what_is_made_is_recognised(void **state)
{
	static struct bench b;

	for (size_t i = 0; i < SIZES; i++) {
		for (int layer = IO_LAYER_FRAME; layer <= IO_LAYER_PAYLOAD; layer++) {
			for (int mode = WIRE_PAYLOAD_FULL; mode <= WIRE_PAYLOAD_HEADERS; mode++) {
				bench_make(&b, (enum io_layer)layer, sizes[i], (enum wire_payload_mode)mode);
				for (uint64_t sequence = 0; sequence < 100; sequence++) {
					packet_make(&b, sequence * 7919);
					inspector_account(&b.inspector, &b.packet, 1);
				}
				assert_int_equal(b.account.received, 100);
				assert_int_equal(b.account.bytes, 100 * sizes[i]);
				assert_int_equal(b.latency.min, 1000);
				assert_int_equal(b.latency.max, 1000);
			}
		}
	}
}

/* The generator adds up only what changes; the slow way over the whole frame must agree. */
static void checksums_are_right(void **state)
{
	static struct bench b;
	uint8_t frame[2048];

	for (size_t i = 0; i < SIZES; i++) {
		for (int mode = WIRE_PAYLOAD_FULL; mode <= WIRE_PAYLOAD_HEADERS; mode++) {
			bench_make(&b, IO_LAYER_FRAME, sizes[i], (enum wire_payload_mode)mode);
			for (uint64_t sequence = 0; sequence < 2000; sequence++) {
				packet_make(&b, sequence);
				memcpy(frame, b.packet.data, sizes[i]);
				wire_frame_udp_checksum(frame, sizes[i]);
				assert_memory_equal(frame, b.packet.data, sizes[i]);
			}
		}
	}
}

/* In mode full there is no bit whose change goes unseen, and none takes a packet out of our account. */
static void every_flipped_bit_is_seen(void **state)
{
	static struct bench b;

	for (size_t i = 0; i < SIZES; i++) {
		for (int layer = IO_LAYER_FRAME; layer <= IO_LAYER_PAYLOAD; layer++) {
			bench_make(&b, (enum io_layer)layer, sizes[i], WIRE_PAYLOAD_FULL);
			packet_make(&b, 4711);
			for (uint32_t bit = 0; bit < 8 * b.packet.size; bit++) {
				enum packet_kind kind;

				b.memory[bit / 8] ^= (uint8_t)(1 << bit % 8);
				kind = classify(&b);
				b.memory[bit / 8] ^= (uint8_t)(1 << bit % 8);
				if (kind != PACKET_DAMAGED && kind != PACKET_CORRUPTED)
					fail_msg("layer %d size %u bit %u: kind %d", layer, sizes[i], bit,
						 (int)kind);
			}
			assert_int_equal(classify(&b), PACKET_MEASURED);
		}
	}
}

static void cut_and_padded_packets_are_damaged(void **state)
{
	static struct bench b;

	for (int layer = IO_LAYER_FRAME; layer <= IO_LAYER_PAYLOAD; layer++) {
		uint32_t headers = layer == IO_LAYER_FRAME ? WIRE_HEADERS_LEN : 0;
		uint32_t least = headers + WIRE_PAYLOAD_HEADER_LEN, whole;

		bench_make(&b, (enum io_layer)layer, 128, WIRE_PAYLOAD_FULL);
		packet_make(&b, 5);
		whole = b.packet.size;
		for (b.packet.size = least; b.packet.size < whole + 20; b.packet.size++)
			assert_int_equal(classify(&b),
					 b.packet.size == whole ? PACKET_MEASURED : PACKET_DAMAGED);
		/* Less than a header, but the ports are there (or the socket was ours). */
		for (b.packet.size = layer == IO_LAYER_FRAME ? 38 : 0; b.packet.size < least; b.packet.size++)
			assert_int_equal(classify(&b), PACKET_CORRUPTED);
		for (b.packet.size = 0; layer == IO_LAYER_FRAME && b.packet.size < 38; b.packet.size++)
			assert_int_equal(classify(&b), PACKET_FOREIGN);
	}
}

/* Cut properly, all lengths and checksums right again. */
static void shorter_datagram_is_damaged(void **state)
{
	static struct bench b;

	bench_make(&b, IO_LAYER_FRAME, 128, WIRE_PAYLOAD_FULL);
	packet_make(&b, 5);
	wire_frame_headers(b.memory, 100, &b.source, &b.destination);
	wire_frame_udp_checksum(b.memory, 100);
	b.packet.size = 100;
	assert_int_equal(classify(&b), PACKET_DAMAGED);
	b.packet.size = 128; /* and padded to the size that it had */
	assert_int_equal(classify(&b), PACKET_DAMAGED);
}

static void knows_whose_a_packet_is(void **state)
{
	static struct bench b;

	for (int layer = IO_LAYER_FRAME; layer <= IO_LAYER_PAYLOAD; layer++) {
		bench_make(&b, (enum io_layer)layer, 64, WIRE_PAYLOAD_FULL);
		b.generator.test = WARMUP;
		packet_make(&b, 1);
		assert_int_equal(classify(&b), PACKET_WARMUP);
		b.generator.test = WIRE_TEST_ANNOUNCE;
		packet_make(&b, 1);
		assert_int_equal(classify(&b), PACKET_ANNOUNCEMENT);
		b.generator.test = TEST + 7;
		packet_make(&b, 1);
		assert_int_equal(classify(&b), PACKET_FOREIGN);
		b.generator.test = TEST;
		b.generator.stream = STREAM + 1;
		packet_make(&b, 1);
		assert_int_equal(classify(&b), PACKET_FOREIGN);
		b.generator.test = WIRE_TEST_ANNOUNCE; /* of another pair, flooded */
		packet_make(&b, 1);
		assert_int_equal(classify(&b), PACKET_ANNOUNCEMENT);
	}
}

static void other_traffic_is_foreign(void **state)
{
	static struct bench b;
	uint16_t other_port = htons(WIRE_UDP_PORT + 1);

	bench_make(&b, IO_LAYER_FRAME, 64, WIRE_PAYLOAD_FULL);
	for (unsigned seed = 0; seed < 10000; seed++) {
		for (size_t i = 0; i < 64; i++)
			b.memory[i] = (uint8_t)rand();
		b.packet.size = 64;
		assert_int_equal(classify(&b), PACKET_FOREIGN);
	}
	packet_make(&b, 1);
	memset(b.memory + WIRE_HEADERS_LEN, 0x11, 22); /* not our payload, ... */
	memcpy(b.memory + 36, &other_port, 2);         /* ... not our port */
	assert_int_equal(classify(&b), PACKET_FOREIGN);
}

static void counts_each_packet_once(void **state)
{
	static struct bench b;

	bench_make(&b, IO_LAYER_FRAME, 64, WIRE_PAYLOAD_FULL);
	packet_make(&b, 1);
	inspector_account(&b.inspector, &b.packet, 1);
	inspector_account(&b.inspector, &b.packet, 1); /* duplicate */
	packet_make(&b, 0);
	inspector_account(&b.inspector, &b.packet, 1); /* reordered */
	packet_make(&b, 2);
	b.memory[63] ^= 1;
	inspector_account(&b.inspector, &b.packet, 1); /* damaged */
	b.memory[50] ^= 1;
	inspector_account(&b.inspector, &b.packet, 1); /* corrupted */
	assert_int_equal(b.account.received, 2);
	assert_int_equal(b.account.duplicated, 1);
	assert_int_equal(b.account.reordered, 1);
	assert_int_equal(b.account.corrupted, 2);
	assert_int_equal(b.account.foreign, 0);
	assert_int_equal(b.latency.count, 2);
}

static void before_the_window_nothing_counts(void **state)
{
	static struct bench b;

	bench_make(&b, IO_LAYER_PAYLOAD, 64, WIRE_PAYLOAD_FULL);
	b.inspector.begin_ns = NOW + 1;
	packet_make(&b, 1);
	b.memory[2] ^= 0xff;
	inspector_account(&b.inspector, &b.packet, 1);
	assert_int_equal(b.account.corrupted, 0);
	b.inspector.begin_ns = NOW;
	inspector_account(&b.inspector, &b.packet, 1);
	assert_int_equal(b.account.corrupted, 1);
}

static void a_packet_from_the_future_has_no_latency(void **state)
{
	static struct bench b;

	bench_make(&b, IO_LAYER_PAYLOAD, 64, WIRE_PAYLOAD_FULL);
	packet_make(&b, 1);
	b.packet.ticks = NOW - 3500;
	inspector_account(&b.inspector, &b.packet, 1);
	assert_int_equal(b.latency.max, 0);
	assert_int_equal(b.latency.count, 1);
	assert_int_equal(b.inspector.clock_ahead_ns, 2500);
}

/* A client waits for replies of the burst under way, not for those of an earlier one or of the warm-up. */
static void only_what_is_waited_for_is_fresh(void **state)
{
	static struct bench b;

	bench_make(&b, IO_LAYER_PAYLOAD, 64, WIRE_PAYLOAD_FULL);
	b.inspector.fresh_test = TEST;
	b.inspector.fresh_from = 32;
	b.generator.test = WARMUP;
	packet_make(&b, 40);
	inspector_account(&b.inspector, &b.packet, 1);
	b.generator.test = TEST;
	packet_make(&b, 31);
	inspector_account(&b.inspector, &b.packet, 1);
	assert_int_equal(b.inspector.fresh, 0);
	packet_make(&b, 32);
	inspector_account(&b.inspector, &b.packet, 1);
	inspector_account(&b.inspector, &b.packet, 1); /* duplicate */
	assert_int_equal(b.inspector.fresh, 1);

	b.inspector.fresh_test = WARMUP;
	packet_make(&b, 33);
	inspector_account(&b.inspector, &b.packet, 1);
	assert_int_equal(b.inspector.fresh, 1);
	b.generator.test = WARMUP;
	packet_make(&b, 32);
	inspector_account(&b.inspector, &b.packet, 1);
	assert_int_equal(b.inspector.fresh, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_made_is_recognised),
		cmocka_unit_test(checksums_are_right),
		cmocka_unit_test(every_flipped_bit_is_seen),
		cmocka_unit_test(cut_and_padded_packets_are_damaged),
		cmocka_unit_test(shorter_datagram_is_damaged),
		cmocka_unit_test(knows_whose_a_packet_is),
		cmocka_unit_test(other_traffic_is_foreign),
		cmocka_unit_test(counts_each_packet_once),
		cmocka_unit_test(before_the_window_nothing_counts),
		cmocka_unit_test(a_packet_from_the_future_has_no_latency),
		cmocka_unit_test(only_what_is_waited_for_is_fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
