/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets of several flows, sizes or senders: each stream has an account of its own, each sender a histogram.
 * What a packet must be follows from its stream and its sequence number, so the payload is read first.
 */
#include "endpoint/inspector.h"

#include <string.h>

void inspector_mixed_begin(struct inspector *inspector, const struct inspector_config *config)
{
	const struct control_start *start = config->start;
	struct inspector_mixed *mixed = config->mixed;

	inspector->mixed = mixed;
	inspector->account_burst = inspector_account_mixed;
	mixed->flows = start->flows;
	mixed->reciprocal = UINT32_MAX / start->flows + 1; /* of 1 flow it is 0: see sender_of */
	mixed->window = account_window(inspector->streams);
	mixed->stride = ACCOUNT_SIZE(mixed->window);
	mixed->received = mixed->arrived = 0;
	mix_make(&mixed->mix, start->sizes, start->size_count);
	memset(config->accounts, 0, inspector->streams * mixed->stride);
	for (uint32_t i = 0; i < inspector->senders; i++) {
		const struct wire_address *source = inspector->senders > 1 ? &config->open->sources[i] :
						    &config->port->peer;

		for (uint32_t k = 0; k < start->size_count; k++)
			envelope_make(&mixed->envelopes[i * MIX_SIZES_MAX + k], start->sizes[k].size,
				      start->payload, source, &config->port->local);
	}
}

static inline struct account *account_at(const struct inspector *inspector, uint32_t index)
{
	return (struct account *)(void *)((char *)inspector->account + index * inspector->mixed->stride);
}

/* Exact: neither index (below CONTROL_STREAMS_MAX) times flows nor the index itself has 32 bits. */
static inline uint32_t sender_of(const struct inspector_mixed *mixed, uint32_t index)
{
	return mixed->reciprocal ? (uint32_t)((uint64_t)index * mixed->reciprocal >> 32) : index;
}

static inline uint32_t index_of(const struct inspector *inspector, const struct wire_header *header)
{
	return (uint16_t)(header->stream - inspector->stream);
}

static inline bool frame_is_right(const struct inspector *inspector, const struct envelope *envelope,
				  uint32_t flow, const uint8_t *frame)
{
	uint16_t port = envelope_flow_port(envelope, flow), checksum;
	uint64_t sum;

	if (memcmp(frame, envelope->headers, ENVELOPE_PORT) ||
	    memcmp(frame + ENVELOPE_PORT, &port, sizeof(port)) ||
	    memcmp(frame + ENVELOPE_PORT + 2, envelope->headers + ENVELOPE_PORT + 2,
		   ENVELOPE_CHECKSUM - ENVELOPE_PORT - 2))
		return false;
	if (!inspector->verify_checksum)
		return true;
	memcpy(&checksum, frame + ENVELOPE_CHECKSUM, sizeof(checksum));
	sum = wire_sum(frame + WIRE_HEADERS_LEN, envelope->covered, envelope_flow_sum(flow));
	return checksum == envelope_checksum_of(envelope, sum);
}

/* Is what stands around this payload what its header asks for? */
static inline bool packet_is_right(const struct inspector *inspector, const struct io_packet *packet,
				   const struct wire_header *header, uint32_t index)
{
	const struct inspector_mixed *mixed = inspector->mixed;
	uint32_t sender = sender_of(mixed, index), size_index = mix_index(&mixed->mix, header->sequence);
	const struct envelope *envelope = &mixed->envelopes[sender * MIX_SIZES_MAX + size_index];

	if (inspector->layer == IO_LAYER_PAYLOAD)
		return packet->size == envelope->size - WIRE_HEADERS_LEN;
	return packet->size == envelope->size &&
	       frame_is_right(inspector, envelope, index - sender * mixed->flows, packet->data);
}

enum packet_kind inspector_classify_mixed(struct inspector *inspector, const struct io_packet *packet,
					  struct wire_header *header)
{
	uint32_t headers = inspector->layer == IO_LAYER_FRAME ? WIRE_HEADERS_LEN : 0;
	uint32_t size = packet->size - headers, index;

	if (packet->size < headers + WIRE_PAYLOAD_HEADER_LEN ||
	    wire_payload_read(packet->data + headers, size, header, inspector->mode) != WIRE_OK)
		return inspector_classify_unusual(inspector, packet, header);
	index = index_of(inspector, header);
	if (index < inspector->streams && packet_is_right(inspector, packet, header, index)) {
		if (header->test == inspector->test)
			return PACKET_MEASURED;
		if (header->test == inspector->warmup_test)
			return PACKET_WARMUP;
		if (header->test == inspector->background_test)
			return PACKET_BACKGROUND;
	}
	return inspector_classify_unusual(inspector, packet, header);
}

static inline void account_measured(struct inspector *inspector, const struct io_packet *packet,
				    const struct wire_header *header, uint64_t now_ns)
{
	uint32_t headers = inspector->layer == IO_LAYER_FRAME ? 0 : WIRE_HEADERS_LEN;
	uint32_t index = index_of(inspector, header);
	uint64_t sent_ns = wire_time_expand(header->time_ns, now_ns);
	struct inspector_mixed *mixed = inspector->mixed;
	struct control_rx *rx = &inspector->rx[sender_of(mixed, index)];
	struct account *account = account_at(inspector, index);
	uint64_t late = account->late;

	if (!account_packet_of_many(account, mixed->window, header->sequence, packet->size + headers)) {
		mixed->arrived += account->late - late;
		return;
	}
	mixed->received++;
	mixed->arrived++;
	histogram_record(&rx->latency, inspector_latency(sent_ns, now_ns, &rx->clock_ahead_ns));
	if (!rx->rx_first_ns)
		rx->rx_first_ns = now_ns;
	rx->rx_last_ns = now_ns;
	inspector_note_fresh(inspector, header, sent_ns);
}

static void account_damaged(struct inspector *inspector, const struct wire_header *header)
{
	struct account *account = account_at(inspector, index_of(inspector, header));
	uint64_t before = account->corrupted + account->late;

	account_corrupted_body(account, inspector->mixed->window, header->sequence);
	inspector->mixed->arrived += account->corrupted + account->late - before;
}

/* Of a stream of ours, if what is left of its id says so; else of the first one. */
static void account_corrupted(struct inspector *inspector, const struct wire_header *header)
{
	uint32_t index = index_of(inspector, header);

	account_at(inspector, index < inspector->streams ? index : 0)->corrupted++;
	inspector->mixed->arrived++;
}

void inspector_account_mixed(struct inspector *inspector, const struct io_packet *packets, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		uint64_t now_ns = clock_ticks_to_ns(inspector->clock, packets[i].ticks);
		struct wire_header header;

		switch (inspector_classify_mixed(inspector, &packets[i], &header)) {
		case PACKET_MEASURED:
			account_measured(inspector, &packets[i], &header, now_ns);
			break;
		case PACKET_WARMUP:
			inspector_note_fresh(inspector, &header, wire_time_expand(header.time_ns, now_ns));
			break;
		case PACKET_DAMAGED:
			account_damaged(inspector, &header);
			break;
		case PACKET_CORRUPTED:
			if (now_ns >= inspector->begin_ns)
				account_corrupted(inspector, &header);
			break;
		case PACKET_FOREIGN:
			inspector->account->foreign += now_ns >= inspector->begin_ns;
			break;
		case PACKET_BACKGROUND:
		case PACKET_ANNOUNCEMENT:
			break;
		}
	}
}

static void flow_report(struct control_rx *rx, const struct account *account)
{
	rx->rx_packets += account->received;
	rx->rx_bytes += account->bytes;
	rx->rx_duplicated += account->duplicated;
	rx->rx_reordered += account->reordered;
	rx->rx_corrupted += account->corrupted;
	rx->rx_foreign += account->foreign;
	rx->rx_late += account->late;
	rx->flows_seen += account->received > 0;
	if (account->received < rx->flow_min)
		rx->flow_min = account->received;
	if (account->received > rx->flow_max)
		rx->flow_max = account->received;
}

void inspector_mixed_report(struct inspector *inspector)
{
	for (uint32_t i = 0; i < inspector->senders; i++)
		inspector->rx[i].flow_min = UINT64_MAX;
	for (uint32_t i = 0; i < inspector->streams; i++)
		flow_report(&inspector->rx[sender_of(inspector->mixed, i)], account_at(inspector, i));
}
