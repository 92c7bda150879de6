/* SPDX-License-Identifier: Apache-2.0 */
#include "endpoint/inspector.h"

#include <netinet/in.h>

/* A frame whose lengths do not fit together may have been cut: are at least its ports ours? */
static bool ports_are_ours(const struct io_packet *packet)
{
	uint16_t port = htons(WIRE_UDP_PORT);
	const uint8_t *ports = packet->data + WIRE_ETHERNET_LEN + WIRE_IPV4_LEN;

	return packet->size >= WIRE_ETHERNET_LEN + WIRE_IPV4_LEN + 2 * sizeof(port) &&
	       !memcmp(ports, &port, sizeof(port)) && !memcmp(ports + sizeof(port), &port, sizeof(port));
}

/*
 * Everything that is not simply right. The body and the rest of the headers no longer matter: if the identity
 * of the packet can be read, it is a damaged packet of that identity.
 */
__attribute__((noinline, cold)) static enum packet_kind classify_unusual(struct inspector *inspector,
									 const struct io_packet *packet,
									 struct wire_header *header)
{
	const uint8_t *payload = packet->data;
	uint32_t payload_size = packet->size;
	bool ours = true; /* by what stands around the payload */

	if (inspector->layer == IO_LAYER_FRAME) {
		if (packet->size < WIRE_HEADERS_LEN + WIRE_PAYLOAD_HEADER_LEN)
			return ports_are_ours(packet) ? PACKET_CORRUPTED : PACKET_FOREIGN;
		payload += WIRE_HEADERS_LEN;
		if (!wire_frame_parse(packet->data, packet->size, &payload_size)) {
			payload_size = packet->size - WIRE_HEADERS_LEN;
			ours = ports_are_ours(packet);
		}
	}
	switch (wire_payload_read(payload, payload_size, header, WIRE_PAYLOAD_HEADERS)) {
	case WIRE_TOO_SHORT:
		return PACKET_CORRUPTED;
	case WIRE_CORRUPTED_HEADER:
		/* What is left of the ids, or the size, says whose it was. */
		if (!ours)
			return PACKET_FOREIGN;
		if (header->stream == inspector->stream && header->test == inspector->warmup_test)
			return PACKET_WARMUP;
		if (header->stream == inspector->stream && header->test == inspector->test)
			return PACKET_CORRUPTED;
		return packet->size == inspector->size ? PACKET_CORRUPTED : PACKET_FOREIGN;
	default:
		if (header->test == WIRE_TEST_ANNOUNCE)
			return PACKET_ANNOUNCEMENT;
		if (header->stream != inspector->stream)
			return PACKET_FOREIGN;
		if (header->test == inspector->warmup_test)
			return PACKET_WARMUP;
		return header->test == inspector->test ? PACKET_DAMAGED : PACKET_FOREIGN;
	}
}

static inline bool frame_is_right(const struct inspector *inspector, const uint8_t *frame)
{
	uint16_t checksum;

	if (memcmp(frame, inspector->envelope.headers, ENVELOPE_CHECKSUM))
		return false;
	memcpy(&checksum, frame + ENVELOPE_CHECKSUM, sizeof(checksum));
	return !inspector->verify_checksum || checksum == envelope_checksum(&inspector->envelope, frame);
}

enum packet_kind inspector_classify(struct inspector *inspector, const struct io_packet *packet,
				    struct wire_header *header)
{
	const uint8_t *payload = packet->data;
	uint32_t payload_size = packet->size;

	if (packet->size != inspector->size)
		return classify_unusual(inspector, packet, header);
	if (inspector->layer == IO_LAYER_FRAME) {
		if (!frame_is_right(inspector, packet->data))
			return classify_unusual(inspector, packet, header);
		payload += WIRE_HEADERS_LEN;
		payload_size -= WIRE_HEADERS_LEN;
	}
	if (wire_payload_read(payload, payload_size, header, inspector->mode) == WIRE_OK &&
	    header->stream == inspector->stream) {
		if (header->test == inspector->test)
			return PACKET_MEASURED;
		if (header->test == inspector->warmup_test)
			return PACKET_WARMUP;
	}
	return classify_unusual(inspector, packet, header);
}

static inline void note_fresh(struct inspector *inspector, const struct wire_header *header)
{
	inspector->fresh += header->test == inspector->fresh_test && header->sequence >= inspector->fresh_from;
}

static inline void account_measured(struct inspector *inspector, const struct wire_header *header,
				    uint64_t now_ns)
{
	uint64_t sent_ns = wire_time_expand(header->time_ns, now_ns);

	if (!account_packet(inspector->account, header->sequence, inspector->frame_size))
		return;
	if (__builtin_expect(sent_ns > now_ns, 0)) {
		if (sent_ns - now_ns > inspector->clock_ahead_ns)
			inspector->clock_ahead_ns = sent_ns - now_ns;
		sent_ns = now_ns;
	}
	histogram_record(inspector->latency, now_ns - sent_ns);
	if (!inspector->first_ns)
		inspector->first_ns = now_ns;
	inspector->last_ns = now_ns;
	note_fresh(inspector, header);
}

void inspector_account(struct inspector *inspector, const struct io_packet *packets, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		uint64_t now_ns = clock_ticks_to_ns(inspector->clock, packets[i].ticks);
		struct wire_header header;

		switch (inspector_classify(inspector, &packets[i], &header)) {
		case PACKET_MEASURED:
			account_measured(inspector, &header, now_ns);
			break;
		case PACKET_WARMUP:
			note_fresh(inspector, &header);
			break;
		case PACKET_DAMAGED:
			account_corrupted_body(inspector->account, header.sequence);
			break;
		case PACKET_CORRUPTED:
			inspector->account->corrupted += now_ns >= inspector->begin_ns;
			break;
		case PACKET_FOREIGN:
			inspector->account->foreign += now_ns >= inspector->begin_ns;
			break;
		case PACKET_ANNOUNCEMENT:
			break;
		}
	}
}
