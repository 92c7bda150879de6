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
#define SENDERS 3

struct bench {
	struct wire_address source, destination;
	struct control_open open;
	struct control_start start;
	struct control_rx rx[SENDERS];
	struct inspector inspector;
	struct inspector_mixed inspector_mixed;
	struct generator generator;
	struct generator_mixed generator_mixed;
	struct account *account; /* of the first stream */
	uint8_t prepared[2];
	uint8_t memory[2048], other_memory[2048];
	struct io_packet packet;
};

/* All accounts, of which a case has the size that it needs. */
static _Alignas(64) uint8_t accounts[CONTROL_STREAMS_MAX * ACCOUNT_SIZE(ACCOUNT_WINDOW_LEAST)];

/* Sender number `number` of the open and start messages as they are. */
static void generator_make(struct bench *b, enum io_layer layer, uint32_t number)
{
	uint16_t stream = (uint16_t)(STREAM + number * b->start.flows);

	wire_address_make(&b->source, 2 * number);
	memset(b->prepared, 0, sizeof(b->prepared));
	generator_begin(&b->generator, layer, &b->start, stream, &b->source, &b->destination, b->prepared,
			&b->generator_mixed);
	generator_enter(&b->generator, TEST);
}

static void inspector_make(struct bench *b, enum io_layer layer)
{
	struct control_port *port = &b->open.ports[0];

	wire_address_make(&port->peer, 0);
	port->local = b->destination;
	for (uint32_t i = 0; i < SENDERS; i++) {
		wire_address_make(&b->open.sources[i], 2 * i);
		b->rx[i] = (struct control_rx){ 0 };
		histogram_reset(&b->rx[i].latency);
	}
	assert_true(inspector_accounts_size(&b->open, &b->start) <= sizeof(accounts));
	b->account = (struct account *)(void *)accounts;
	inspector_begin(&b->inspector, &(struct inspector_config){ .layer = layer, .open = &b->open,
			.start = &b->start, .port = port, .accounts = accounts, .rx = b->rx,
			.mixed = &b->inspector_mixed });
}

static void bench_make(struct bench *b, enum io_layer layer, uint32_t size, enum wire_payload_mode mode)
{
	memset(b, 0, sizeof(*b));
	memset(b->other_memory, 0x5a, sizeof(b->other_memory));
	memset(b->memory, 0xa5, sizeof(b->memory)); /* what a buffer held before must not matter */
	wire_address_make(&b->destination, 1);
	clock_scale_monotonic(&b->open.clock);
	b->open.rx_stream = STREAM;
	b->open.rx_flows = 1;
	b->start = (struct control_start){ .test = TEST, .warmup_test = WARMUP, .payload = mode, .flows = 1,
		.size_count = 1, .sizes = { { size, 1 } } };
	generator_make(b, layer, 0);
	inspector_make(b, layer);
	b->packet = (struct io_packet){ .data = b->memory, .ticks = NOW };
}

static void packet_make(struct bench *b, uint64_t index)
{
	b->generator.fill(&b->generator, &b->packet, 1, index, NOW - 1000);
}

static void account(struct bench *b)
{
	b->inspector.account_burst(&b->inspector, &b->packet, 1);
}

static enum packet_kind classify(struct bench *b)
{
	struct wire_header header;

	if (b->inspector.mixed)
		return inspector_classify_mixed(&b->inspector, &b->packet, &header);
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
					account(&b);
				}
				assert_int_equal(b.account->received, 100);
				assert_int_equal(b.account->bytes, 100 * sizes[i]);
				assert_int_equal(b.rx[0].latency.min, 1000);
				assert_int_equal(b.rx[0].latency.max, 1000);
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
	account(&b);
	account(&b); /* duplicate */
	packet_make(&b, 0);
	account(&b); /* reordered */
	packet_make(&b, 2);
	b.memory[63] ^= 1;
	account(&b); /* damaged */
	b.memory[50] ^= 1;
	account(&b); /* corrupted */
	assert_int_equal(b.account->received, 2);
	assert_int_equal(b.account->duplicated, 1);
	assert_int_equal(b.account->reordered, 1);
	assert_int_equal(b.account->corrupted, 2);
	assert_int_equal(b.account->foreign, 0);
	assert_int_equal(b.rx[0].latency.count, 2);
}

static void before_the_window_nothing_counts(void **state)
{
	static struct bench b;

	bench_make(&b, IO_LAYER_PAYLOAD, 64, WIRE_PAYLOAD_FULL);
	b.inspector.begin_ns = NOW + 1;
	packet_make(&b, 1);
	b.memory[2] ^= 0xff;
	account(&b);
	assert_int_equal(b.account->corrupted, 0);
	b.inspector.begin_ns = NOW;
	account(&b);
	assert_int_equal(b.account->corrupted, 1);
}

static void a_packet_from_the_future_has_no_latency(void **state)
{
	static struct bench b;

	bench_make(&b, IO_LAYER_PAYLOAD, 64, WIRE_PAYLOAD_FULL);
	packet_make(&b, 1);
	b.packet.ticks = NOW - 3500;
	account(&b);
	assert_int_equal(b.rx[0].latency.max, 0);
	assert_int_equal(b.rx[0].latency.count, 1);
	assert_int_equal(b.inspector.clock_ahead_ns, 2500);
}

static void packet_at(struct bench *b, uint16_t test, uint64_t index, uint64_t sent_ns)
{
	b->generator.test = test;
	b->generator.fill(&b->generator, &b->packet, 1, index, sent_ns);
	account(b);
}

/* A client waits for replies of the burst under way, not for those of an earlier one or of the warm-up. */
static void only_what_is_waited_for_is_fresh(void **state)
{
	static struct bench b;

	bench_make(&b, IO_LAYER_PAYLOAD, 64, WIRE_PAYLOAD_FULL);
	b.inspector.fresh_test = TEST;
	b.inspector.fresh_from_ns = NOW - 1000;
	packet_at(&b, WARMUP, 40, NOW - 500);
	packet_at(&b, TEST, 31, NOW - 1001);
	assert_int_equal(b.inspector.fresh, 0);
	packet_at(&b, TEST, 32, NOW - 1000);
	account(&b); /* duplicate */
	assert_int_equal(b.inspector.fresh, 1);

	b.inspector.fresh_test = WARMUP;
	packet_at(&b, TEST, 33, NOW - 1000);
	assert_int_equal(b.inspector.fresh, 1);
	packet_at(&b, WARMUP, 32, NOW - 1000);
	assert_int_equal(b.inspector.fresh, 2);
}

static const struct mix_size imix[] = { { 64, 7 }, { 570, 4 }, { 1518, 1 } };

static void use_imix(struct bench *b)
{
	b->start.size_count = 3;
	memcpy(b->start.sizes, imix, sizeof(imix));
}

/* Several flows, several sizes, and both, by turns and at random: bytes are those that were really made. */
static void flows_and_sizes_are_recognised(void **state)
{
	static const uint32_t flows[] = { 1, 2, 3, 64, 1000, CONTROL_FLOWS_MAX };
	static struct bench b;

	for (unsigned kind = 0; kind < 6 * 2 * 2 * 2 * 2; kind++) {
		enum io_layer layer = kind % 2 ? IO_LAYER_PAYLOAD : IO_LAYER_FRAME;
		uint64_t bytes = 0, packets = 3 * flows[kind / 16] + 50;

		bench_make(&b, layer, 64, kind / 2 % 2 ? WIRE_PAYLOAD_HEADERS : WIRE_PAYLOAD_FULL);
		b.start.flows = flows[kind / 16];
		b.start.flow_order = kind / 4 % 2 ? FLOW_RANDOM : FLOW_ROUND;
		b.start.seed = kind;
		if (kind / 8 % 2)
			use_imix(&b);
		generator_make(&b, layer, 0);
		inspector_make(&b, layer);
		for (uint64_t i = 0; i < packets; i++) {
			b.packet.cookie = i % 2;
			b.packet.data = i % 2 ? b.other_memory : b.memory;
			packet_make(&b, i);
			bytes += b.packet.size + (layer == IO_LAYER_FRAME ? 0 : WIRE_HEADERS_LEN);
			account(&b);
		}
		packet_make(&b, packets); /* refused when the phase ended */
		assert_int_equal(generator_bytes(&b.generator, packets), bytes);
		inspector_report(&b.inspector);
		assert_int_equal(b.rx[0].rx_packets, packets);
		assert_int_equal(b.rx[0].rx_bytes, bytes);
		assert_int_equal(b.rx[0].latency.count, packets);
		assert_int_equal(b.rx[0].rx_duplicated + b.rx[0].rx_reordered + b.rx[0].rx_corrupted, 0);
		assert_int_equal(*inspector_received(&b.inspector), packets);
		assert_int_equal(inspector_arrived(&b.inspector), packets);
		if (b.start.flow_order == FLOW_ROUND) {
			assert_int_equal(b.rx[0].flows_seen, b.start.flows);
			assert_int_equal(b.rx[0].flow_min, packets / b.start.flows);
			assert_int_equal(b.rx[0].flow_max, (packets + b.start.flows - 1) / b.start.flows);
		}
	}
}

/* All flows have about as many packets, in no order, and another seed is another order. */
static void a_random_order_is_one(void **state)
{
	static struct bench b;
	uint32_t same = 0, seen[8] = { 0 };
	uint16_t first[800];

	for (uint64_t seed = 7; seed < 9; seed++) {
		bench_make(&b, IO_LAYER_FRAME, 64, WIRE_PAYLOAD_FULL);
		b.start.flows = 8;
		b.start.flow_order = FLOW_RANDOM;
		b.start.seed = seed;
		generator_make(&b, IO_LAYER_FRAME, 0);
		for (uint64_t i = 0; i < 800; i++) {
			packet_make(&b, i);
			uint16_t flow = (uint16_t)((b.memory[34] << 8 | b.memory[35]) - WIRE_UDP_PORT);

			assert_in_range(flow, 0, 7);
			if (seed == 7)
				first[i] = flow;
			else
				same += first[i] == flow;
			seen[flow]++;
		}
	}
	for (uint32_t flow = 0; flow < 8; flow++)
		assert_in_range(seen[flow], 150, 250);
	assert_in_range(same, 50, 150);
}

/* Of flows and sizes, too, the checksum of the slow way over the whole frame is right. */
static void checksums_of_flows_and_sizes_are_right(void **state)
{
	static struct bench b;
	uint8_t frame[2048];

	for (int mode = WIRE_PAYLOAD_FULL; mode <= WIRE_PAYLOAD_HEADERS; mode++) {
		bench_make(&b, IO_LAYER_FRAME, 64, (enum wire_payload_mode)mode);
		b.start.flows = 1021;
		use_imix(&b);
		generator_make(&b, IO_LAYER_FRAME, 0);
		for (uint64_t i = 0; i < 20000; i++) {
			packet_make(&b, i);
			assert_int_equal(b.memory[34] << 8 | b.memory[35], WIRE_UDP_PORT + i % 1021);
			memcpy(frame, b.memory, b.packet.size);
			wire_frame_udp_checksum(frame, b.packet.size);
			assert_memory_equal(frame, b.memory, b.packet.size);
		}
	}
}

static void mixed_make(struct bench *b, enum io_layer layer)
{
	bench_make(b, layer, 64, WIRE_PAYLOAD_FULL);
	b->start.flows = 5;
	use_imix(b);
	generator_make(b, layer, 0);
	inspector_make(b, layer);
}

static void every_flipped_bit_of_flows_is_seen(void **state)
{
	static struct bench b;

	for (int layer = IO_LAYER_FRAME; layer <= IO_LAYER_PAYLOAD; layer++) {
		for (uint64_t index = 0; index < 40; index += 13) {
			mixed_make(&b, (enum io_layer)layer);
			packet_make(&b, index);
			for (uint32_t bit = 0; bit < 8 * b.packet.size; bit++) {
				enum packet_kind kind;

				b.memory[bit / 8] ^= (uint8_t)(1 << bit % 8);
				kind = classify(&b);
				b.memory[bit / 8] ^= (uint8_t)(1 << bit % 8);
				if (kind != PACKET_DAMAGED && kind != PACKET_CORRUPTED)
					fail_msg("layer %d packet %u bit %u: kind %d", layer, (unsigned)index, bit,
						 (int)kind);
			}
			assert_int_equal(classify(&b), PACKET_MEASURED);
		}
	}
}

/* A whole packet of another size than its number asks for, and one from another flow's port. */
static void a_packet_of_the_wrong_size_is_damaged(void **state)
{
	static struct bench b;
	uint16_t port = htons(WIRE_UDP_PORT + 1);

	mixed_make(&b, IO_LAYER_FRAME);
	b.start.sizes[0].size = 570;
	b.start.sizes[1].size = 64;
	generator_make(&b, IO_LAYER_FRAME, 0);
	for (uint64_t index = 0; index < 10; index++) {
		packet_make(&b, index);
		assert_int_equal(classify(&b), PACKET_DAMAGED);
	}
	mixed_make(&b, IO_LAYER_FRAME);
	packet_make(&b, 0);
	memcpy(b.memory + 34, &port, sizeof(port));
	wire_frame_udp_checksum(b.memory, b.packet.size);
	assert_int_equal(classify(&b), PACKET_DAMAGED);
}

/* Each flow has sequence numbers of its own: what one of them lost, another cannot have twice. */
static void flows_are_accounted_by_themselves(void **state)
{
	static struct bench b;

	mixed_make(&b, IO_LAYER_FRAME);
	for (uint64_t i = 0; i < 100; i++) {
		packet_make(&b, i);
		if (i % 5 != 3 || i < 50) /* flow 3 breaks off */
			account(&b);
		if (i % 5 == 2)           /* flow 2 comes twice */
			account(&b);
	}
	packet_make(&b, 53); /* and flow 3 once more, behind all others, but not behind its own */
	account(&b);
	packet_make(&b, 63);
	account(&b);
	packet_make(&b, 58);
	account(&b);
	packet_make(&b, 99);
	b.memory[63] ^= 1;
	account(&b); /* damaged, but it had arrived */
	packet_make(&b, 98);
	b.memory[63] ^= 1;
	account(&b);
	inspector_report(&b.inspector);
	assert_int_equal(b.rx[0].rx_packets, 93);
	assert_int_equal(b.rx[0].rx_duplicated, 21);
	assert_int_equal(b.rx[0].rx_reordered, 1);
	assert_int_equal(b.rx[0].rx_corrupted, 1);
	assert_int_equal(b.rx[0].flows_seen, 5);
	assert_int_equal(b.rx[0].flow_min, 13);
	assert_int_equal(b.rx[0].flow_max, 20);
	assert_int_equal(inspector_arrived(&b.inspector), 94);
}

/* Three senders, each with an account, a histogram and headers of its own. */
static void senders_are_accounted_by_themselves(void **state)
{
	static struct bench b;

	for (unsigned kind = 0; kind < 4; kind++) {
		bench_make(&b, IO_LAYER_FRAME, 100, WIRE_PAYLOAD_FULL);
		b.start.flows = kind % 2 ? 7 : 1;
		if (kind / 2)
			use_imix(&b);
		b.open.rx_flows = b.open.source_count = SENDERS;
		inspector_make(&b, IO_LAYER_FRAME);
		for (uint32_t sender = 0; sender < SENDERS; sender++) {
			generator_make(&b, IO_LAYER_FRAME, sender);
			for (uint64_t i = 0; i < 100 * (sender + 1); i++) {
				packet_make(&b, i);
				account(&b);
			}
			if (sender == 1)
				account(&b);
		}
		wire_address_make(&b.source, 77); /* one whose headers are another's */
		generator_begin(&b.generator, IO_LAYER_FRAME, &b.start, (uint16_t)(STREAM + 2 * b.start.flows),
				&b.source, &b.destination, b.prepared, &b.generator_mixed);
		memset(b.prepared, 0, sizeof(b.prepared));
		generator_enter(&b.generator, TEST);
		packet_make(&b, 300);
		account(&b);
		b.generator.stream = (uint16_t)(STREAM + 3 * b.start.flows); /* of no sender */
		packet_make(&b, 301 / 7 * 7);
		account(&b);
		inspector_report(&b.inspector);
		for (uint32_t sender = 0; sender < SENDERS; sender++) {
			assert_int_equal(b.rx[sender].rx_packets, 100 * (sender + 1));
			assert_int_equal(b.rx[sender].latency.count, 100 * (sender + 1));
			assert_int_equal(b.rx[sender].rx_duplicated, sender == 1);
			assert_int_equal(b.rx[sender].rx_corrupted, sender == 2);
			assert_int_equal(b.rx[sender].rx_foreign, sender == 0);
			assert_int_equal(b.rx[sender].flows_seen, b.start.flows);
		}
		assert_int_equal(*inspector_received(&b.inspector), 600);
	}
}

/* The most that there may be: 64 senders of 256 flows. Windows are narrow, and exact. */
static void many_streams_need_little_memory(void **state)
{
	static struct bench b;
	static struct control_rx rx[CONTROL_RX_MAX];

	bench_make(&b, IO_LAYER_PAYLOAD, 64, WIRE_PAYLOAD_FULL);
	b.start.flows = CONTROL_STREAMS_MAX / CONTROL_RX_MAX;
	b.open.rx_flows = CONTROL_RX_MAX;
	assert_in_range(inspector_accounts_size(&b.open, &b.start), 1, 4 << 20);
	for (uint32_t i = 0; i < CONTROL_RX_MAX; i++)
		histogram_reset(&rx[i].latency);
	inspector_begin(&b.inspector, &(struct inspector_config){ .layer = IO_LAYER_PAYLOAD, .open = &b.open,
			.start = &b.start, .port = &b.open.ports[0], .accounts = accounts, .rx = rx,
			.mixed = &b.inspector_mixed });
	for (uint32_t sender = 0; sender < CONTROL_RX_MAX; sender++) {
		generator_make(&b, IO_LAYER_PAYLOAD, sender);
		for (uint64_t i = 0; i < 1024 * b.start.flows; i += 1023 * b.start.flows) {
			for (uint64_t flow = 0; flow < b.start.flows; flow++) {
				packet_make(&b, i + flow);
				account(&b);
			}
		}
		packet_make(&b, 0);
		account(&b); /* the oldest in its window: a duplicate */
		packet_make(&b, 1024 * b.start.flows);
		account(&b);
		packet_make(&b, 0);
		account(&b); /* no longer in it */
	}
	inspector_report(&b.inspector);
	for (uint32_t sender = 0; sender < CONTROL_RX_MAX; sender++) {
		assert_int_equal(rx[sender].rx_packets, 2 * b.start.flows + 1);
		assert_int_equal(rx[sender].rx_duplicated, 1);
		assert_int_equal(rx[sender].rx_late, 1);
		assert_int_equal(rx[sender].flows_seen, b.start.flows);
		assert_int_equal(rx[sender].flow_min, 2);
		assert_int_equal(rx[sender].flow_max, 3);
	}
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
		cmocka_unit_test(flows_and_sizes_are_recognised),
		cmocka_unit_test(a_random_order_is_one),
		cmocka_unit_test(checksums_of_flows_and_sizes_are_right),
		cmocka_unit_test(every_flipped_bit_of_flows_is_seen),
		cmocka_unit_test(a_packet_of_the_wrong_size_is_damaged),
		cmocka_unit_test(flows_are_accounted_by_themselves),
		cmocka_unit_test(senders_are_accounted_by_themselves),
		cmocka_unit_test(many_streams_need_little_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
