/* SPDX-License-Identifier: Apache-2.0 */
#include "endpoint/generator.h"

void generator_begin(struct generator *generator, enum io_layer layer, uint32_t frame_size,
		     enum wire_payload_mode mode, uint16_t stream, const struct wire_address *source,
		     const struct wire_address *destination, bool *prepared)
{
	*generator = (struct generator){ .layer = layer, .mode = mode, .stream = stream, .prepared = prepared,
		.payload_size = frame_size - WIRE_HEADERS_LEN };
	generator->size = layer == IO_LAYER_FRAME ? frame_size : generator->payload_size;
	envelope_make(&generator->envelope, frame_size, mode, source, destination);
}

/* Once for each buffer. The rest is set to 0, on which the checksum of mode headers counts. */
__attribute__((noinline, cold)) static void generator_prepare(struct generator *generator,
							      const struct io_packet *packet)
{
	memset(packet->data, 0, generator->size);
	if (generator->layer == IO_LAYER_FRAME)
		memcpy(packet->data, generator->envelope.headers, WIRE_HEADERS_LEN);
	generator->prepared[packet->cookie] = true;
}

/* Inlined once for each layer, so that the loop itself does not ask. */
static inline __attribute__((always_inline)) void fill(struct generator *generator, struct io_packet *packets,
						       uint32_t n, uint64_t sequence, uint64_t time_ns,
						       enum io_layer layer)
{
	struct wire_header header = {
		.test = generator->test,
		.stream = generator->stream,
		.sequence = sequence,
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

void generator_fill(struct generator *generator, struct io_packet *packets, uint32_t n, uint64_t sequence,
		    uint64_t time_ns)
{
	if (generator->layer == IO_LAYER_FRAME)
		fill(generator, packets, n, sequence, time_ns, IO_LAYER_FRAME);
	else
		fill(generator, packets, n, sequence, time_ns, IO_LAYER_PAYLOAD);
}
