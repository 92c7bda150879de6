/* SPDX-License-Identifier: Apache-2.0 */
#include "endpoint/generator.h"

/* Once for each buffer. The rest is set to 0, on which the checksum of mode headers counts. */
__attribute__((noinline, cold)) static void generator_prepare(struct generator *generator,
							      const struct io_packet *packet)
{
	memset(packet->data, 0, generator->size);
	if (generator->layer == IO_LAYER_FRAME)
		memcpy(packet->data, generator->envelope.headers, WIRE_HEADERS_LEN);
	generator->prepared[packet->cookie] = 1;
}

/* Inlined once for each layer, so that the loop itself does not ask. */
static inline __attribute__((always_inline)) void fill(struct generator *generator, struct io_packet *packets,
						       uint32_t n, uint64_t index, uint64_t time_ns,
						       enum io_layer layer)
{
	struct wire_header header = {
		.test = generator->test,
		.stream = generator->stream,
		.sequence = index,
		.time_ns = time_ns,
	};

	for (uint32_t i = 0; i < n; i++, header.sequence++) {
		struct io_packet *packet = &packets[i];
		uint8_t *payload = packet->data + (layer == IO_LAYER_FRAME ? WIRE_HEADERS_LEN : 0);
		uint64_t sum;

		if (__builtin_expect(!generator->prepared[packet->cookie], 0))
			generator_prepare(generator, packet);
		sum = wire_payload_write(payload, generator->payload_size, &header, generator->mode);
		if (layer == IO_LAYER_FRAME) {
			uint16_t checksum = envelope_checksum_of(&generator->envelope, sum);

			memcpy(packet->data + ENVELOPE_CHECKSUM, &checksum, sizeof(checksum));
		}
		packet->size = generator->size;
	}
}

static void fill_frames(struct generator *generator, struct io_packet *packets, uint32_t n, uint64_t index,
			uint64_t time_ns)
{
	fill(generator, packets, n, index, time_ns, IO_LAYER_FRAME);
}

static void fill_payloads(struct generator *generator, struct io_packet *packets, uint32_t n, uint64_t index,
			  uint64_t time_ns)
{
	fill(generator, packets, n, index, time_ns, IO_LAYER_PAYLOAD);
}

void generator_begin(struct generator *generator, enum io_layer layer, const struct control_start *start,
		     uint16_t stream, const struct wire_address *source,
		     const struct wire_address *destination, uint8_t *prepared,
		     struct generator_mixed *mixed)
{
	uint32_t frame_size = start->sizes[0].size;

	*generator = (struct generator){ .layer = layer, .mode = start->payload, .stream = stream,
		.prepared = prepared, .payload_size = frame_size - WIRE_HEADERS_LEN };
	generator->fill = layer == IO_LAYER_FRAME ? fill_frames : fill_payloads;
	generator->size = layer == IO_LAYER_FRAME ? frame_size : generator->payload_size;
	envelope_make(&generator->envelope, frame_size, start->payload, source, destination);
	if (start->flows > 1 || start->size_count > 1)
		generator_mixed_begin(generator, mixed, start, source, destination);
}

void generator_enter(struct generator *generator, uint16_t test)
{
	generator->test = test;
	if (generator->mixed)
		generator_mixed_enter(generator->mixed);
}

uint64_t generator_bytes(struct generator *generator, uint64_t packets)
{
	if (generator->mixed)
		return generator_mixed_bytes(generator->mixed, packets);
	return packets * (generator->payload_size + WIRE_HEADERS_LEN);
}
