/* SPDX-License-Identifier: Apache-2.0 */
/* Packets that are not simply right: damaged ones, other ones, those of other phases. */
#include <netinet/in.h>

#include "endpoint/inspector.h"

/* A frame whose lengths do not fit together may have been cut: are at least its ports ours? */
static bool ports_are_ours(const struct inspector *inspector, const struct io_packet *packet)
{
	uint16_t source, destination, first = inspector->envelope.port;
	uint32_t flows = inspector->mixed ? inspector->mixed->flows : 1;
	const uint8_t *ports = packet->data + ENVELOPE_PORT;

	if (packet->size < ENVELOPE_PORT + sizeof(source) + sizeof(destination))
		return false;
	memcpy(&source, ports, sizeof(source));
	memcpy(&destination, ports + sizeof(source), sizeof(destination));
	source = ntohs(source);
	return source >= first && source - first < (int)flows && destination == htons(WIRE_UDP_PORT);
}

static bool stream_is_ours(const struct inspector *inspector, uint16_t stream)
{
	return (uint16_t)(stream - inspector->stream) < inspector->streams;
}

static bool size_is_ours(const struct inspector *inspector, uint32_t size)
{
	uint32_t frame_size = size + (inspector->layer == IO_LAYER_FRAME ? 0 : WIRE_HEADERS_LEN);
	bool ours = size == inspector->size;

	for (uint32_t i = 0; inspector->mixed && i < inspector->mixed->mix.count; i++)
		ours |= frame_size == inspector->mixed->mix.size[i];
	return ours;
}

/*
 * Everything that is not simply right. The body and the rest of the headers no longer matter: if the identity
 * of the packet can be read, it is a damaged packet of that identity.
 */
__attribute__((noinline, cold)) enum packet_kind
inspector_classify_unusual(struct inspector *inspector, const struct io_packet *packet,
			   struct wire_header *header)
{
	const uint8_t *payload = packet->data;
	uint32_t payload_size = packet->size;
	bool ours = true; /* by what stands around the payload */

	*header = (struct wire_header){ .stream = inspector->stream };
	if (inspector->layer == IO_LAYER_FRAME) {
		if (packet->size < WIRE_HEADERS_LEN + WIRE_PAYLOAD_HEADER_LEN)
			return ports_are_ours(inspector, packet) ? PACKET_CORRUPTED : PACKET_FOREIGN;
		payload += WIRE_HEADERS_LEN;
		if (!wire_frame_parse(packet->data, packet->size, &payload_size)) {
			payload_size = packet->size - WIRE_HEADERS_LEN;
			ours = ports_are_ours(inspector, packet);
		}
	}
	switch (wire_payload_read(payload, payload_size, header, WIRE_PAYLOAD_HEADERS)) {
	case WIRE_TOO_SHORT:
		return PACKET_CORRUPTED;
	case WIRE_CORRUPTED_HEADER:
		/* What is left of the ids, or the size, says whose it was. */
		if (!ours)
			return PACKET_FOREIGN;
		if (stream_is_ours(inspector, header->stream) && header->test == inspector->warmup_test)
			return PACKET_WARMUP;
		if (stream_is_ours(inspector, header->stream) && header->test == inspector->test)
			return PACKET_CORRUPTED;
		return size_is_ours(inspector, packet->size) ? PACKET_CORRUPTED : PACKET_FOREIGN;
	default:
		if (header->test == WIRE_TEST_ANNOUNCE)
			return PACKET_ANNOUNCEMENT;
		if (!stream_is_ours(inspector, header->stream))
			return PACKET_FOREIGN;
		if (header->test == inspector->warmup_test)
			return PACKET_WARMUP;
		/* Nobody accounts these by their numbers: one that is damaged is missing in the count. */
		if (header->test == inspector->background_test)
			return PACKET_ANNOUNCEMENT;
		return header->test == inspector->test ? PACKET_DAMAGED : PACKET_FOREIGN;
	}
}
