/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets of several flows or sizes. Each flow has sequence numbers of its own, and the size of a packet
 * follows from its number (wire/mix.h). The flow of the phase's packet number `index` follows from that: in a
 * round by counting, at random by a hash of index and seed, so that no state is to be put back where a packet
 * was made and not sent.
 */
#include "endpoint/generator.h"

void generator_mixed_begin(struct generator *generator, struct generator_mixed *mixed,
			   const struct control_start *start, const struct wire_address *source,
			   const struct wire_address *destination)
{
	uint32_t largest = mix_largest(start->sizes, start->size_count);

	generator->mixed = mixed;
	generator->fill = generator_mixed_fill;
	mixed->flows = start->flows;
	mixed->order = start->flow_order;
	mixed->seed = start->seed;
	mixed->room = generator->layer == IO_LAYER_FRAME ? largest : largest - WIRE_HEADERS_LEN;
	mix_make(&mixed->mix, start->sizes, start->size_count);
	for (uint32_t i = 0; i < start->size_count; i++)
		envelope_make(&mixed->envelopes[i], start->sizes[i].size, start->payload, source,
			      destination);
	generator_mixed_enter(mixed);
}

void generator_mixed_enter(struct generator_mixed *mixed)
{
	mixed->made = 0;
	memset(mixed->next, 0, mixed->flows * sizeof(mixed->next[0]));
}

/* splitmix64 as a counter: its state is a multiple of the index. */
static inline uint32_t flow_at_random(const struct generator_mixed *mixed, uint64_t index)
{
	uint64_t x = mixed->seed + (index + 1) * UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	x ^= x >> 31;
	return (uint32_t)((x >> 32) * mixed->flows >> 32);
}

/* What was in the buffer is of another size, or anything. */
static void buffer_prepare(struct generator *generator, const struct io_packet *packet, uint32_t size_index)
{
	const struct generator_mixed *mixed = generator->mixed;
	uint8_t *prepared = &generator->prepared[packet->cookie];

	/* Behind the largest payload's header nobody writes in mode headers: it stays 0. */
	if (!*prepared)
		memset(packet->data, 0, mixed->room);
	if (generator->layer == IO_LAYER_FRAME)
		memcpy(packet->data, mixed->envelopes[size_index].headers, WIRE_HEADERS_LEN);
	*prepared = (uint8_t)(size_index + 1);
}

static inline void packet_write(struct generator *generator, struct io_packet *packet, uint32_t flow,
				const struct wire_header *header)
{
	const struct generator_mixed *mixed = generator->mixed;
	uint32_t size_index = mix_index(&mixed->mix, header->sequence);
	const struct envelope *envelope = &mixed->envelopes[size_index];
	uint32_t payload_size = envelope->size - WIRE_HEADERS_LEN;
	uint16_t port, checksum;
	uint64_t sum;

	if (generator->prepared[packet->cookie] != size_index + 1)
		buffer_prepare(generator, packet, size_index);
	if (generator->layer == IO_LAYER_PAYLOAD) {
		wire_payload_write(packet->data, payload_size, header, generator->mode);
		packet->size = payload_size;
		return;
	}
	sum = wire_payload_write(packet->data + WIRE_HEADERS_LEN, payload_size, header, generator->mode);
	port = envelope_flow_port(envelope, flow);
	memcpy(packet->data + ENVELOPE_PORT, &port, sizeof(port));
	checksum = envelope_checksum_of(envelope, sum + envelope_flow_sum(flow));
	memcpy(packet->data + ENVELOPE_CHECKSUM, &checksum, sizeof(checksum));
	packet->size = envelope->size;
}

void generator_mixed_fill(struct generator *generator, struct io_packet *packets, uint32_t n, uint64_t index,
			  uint64_t time_ns)
{
	struct generator_mixed *mixed = generator->mixed;
	struct wire_header header = { .test = generator->test, .time_ns = time_ns };
	uint64_t round = index / mixed->flows;
	uint32_t flow = (uint32_t)(index % mixed->flows);

	for (uint32_t i = 0; i < n; i++) {
		if (mixed->order == FLOW_RANDOM) {
			flow = flow_at_random(mixed, index + i);
			round = mixed->next[flow]++;
		}
		header.stream = (uint16_t)(generator->stream + flow);
		header.sequence = round;
		packet_write(generator, &packets[i], flow, &header);
		if (++flow == mixed->flows) {
			flow = 0;
			round++;
		}
	}
	mixed->made = index + n;
}

uint64_t generator_mixed_bytes(struct generator_mixed *mixed, uint64_t packets)
{
	uint64_t bytes = 0, rounds = packets / mixed->flows, rest = packets % mixed->flows;

	if (mixed->mix.count == 1)
		return packets * mixed->mix.size[0];
	if (mixed->order == FLOW_ROUND)
		return rest * mix_bytes(&mixed->mix, rounds + 1) +
		       (mixed->flows - rest) * mix_bytes(&mixed->mix, rounds);
	for (; mixed->made > packets; mixed->made--) /* made, and not sent */
		mixed->next[flow_at_random(mixed, mixed->made - 1)]--;
	for (uint32_t i = 0; i < mixed->flows; i++)
		bytes += mix_bytes(&mixed->mix, mixed->next[i]);
	return bytes;
}
