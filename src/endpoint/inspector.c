/* SPDX-License-Identifier: Apache-2.0 */
#include "endpoint/inspector.h"

size_t inspector_accounts_size(const struct control_open *open, const struct control_start *start)
{
	uint32_t streams = open->rx_flows * start->flows;

	return streams * ACCOUNT_SIZE(account_window(streams));
}

void inspector_begin(struct inspector *inspector, const struct inspector_config *config)
{
	const struct control_start *start = config->start;
	bool frames = config->layer == IO_LAYER_FRAME;
	uint32_t size = start->sizes[0].size;

	*inspector = (struct inspector){ .account_burst = inspector_account_one, .layer = config->layer,
		.mode = start->payload, .frame_size = size, .size = frames ? size : size - WIRE_HEADERS_LEN,
		.test = start->test, .warmup_test = start->warmup_test,
		.background_test = start->background > 0 ? start->background_test : start->warmup_test,
		.stream = config->open->rx_stream,
		.verify_checksum = frames, .clock = &config->open->clock,
		.begin_ns = start->start_ns + start->warmup_ns, .account = config->accounts,
		.streams = config->open->rx_flows * start->flows, .senders = config->open->rx_flows,
		.rx = config->rx, .latency = &config->rx[0].latency };
	envelope_make(&inspector->envelope, size, start->payload, &config->port->peer, &config->port->local);
	if (inspector->streams > 1 || start->size_count > 1)
		inspector_mixed_begin(inspector, config);
	else
		account_reset(inspector->account, ACCOUNT_WINDOW);
}

const uint64_t *inspector_received(const struct inspector *inspector)
{
	return inspector->mixed ? &inspector->mixed->received : &inspector->account->received;
}

uint64_t inspector_arrived(const struct inspector *inspector)
{
	const struct account *account = inspector->account;

	if (inspector->mixed)
		return inspector->mixed->arrived;
	return account->received + account->corrupted + account->late;
}

void inspector_report(struct inspector *inspector)
{
	const struct account *account = inspector->account;
	struct control_rx *rx = inspector->rx;

	if (inspector->mixed) {
		inspector_mixed_report(inspector);
		return;
	}
	rx->rx_packets = rx->flow_min = rx->flow_max = account->received;
	rx->rx_bytes = account->bytes;
	rx->rx_duplicated = account->duplicated;
	rx->rx_reordered = account->reordered;
	rx->rx_corrupted = account->corrupted;
	rx->rx_foreign = account->foreign;
	rx->rx_late = account->late;
	rx->rx_first_ns = inspector->first_ns;
	rx->rx_last_ns = inspector->last_ns;
	rx->clock_ahead_ns = inspector->clock_ahead_ns;
	rx->flows_seen = account->received > 0;
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
		return inspector_classify_unusual(inspector, packet, header);
	if (inspector->layer == IO_LAYER_FRAME) {
		if (!frame_is_right(inspector, packet->data))
			return inspector_classify_unusual(inspector, packet, header);
		payload += WIRE_HEADERS_LEN;
		payload_size -= WIRE_HEADERS_LEN;
	}
	if (wire_payload_read(payload, payload_size, header, inspector->mode) == WIRE_OK &&
	    header->stream == inspector->stream) {
		if (header->test == inspector->test)
			return PACKET_MEASURED;
		if (header->test == inspector->warmup_test)
			return PACKET_WARMUP;
		if (header->test == inspector->background_test)
			return PACKET_BACKGROUND;
	}
	return inspector_classify_unusual(inspector, packet, header);
}

static inline void account_measured(struct inspector *inspector, const struct wire_header *header,
				    uint64_t now_ns)
{
	uint64_t sent_ns = wire_time_expand(header->time_ns, now_ns);

	if (!account_packet(inspector->account, header->sequence, inspector->frame_size))
		return;
	histogram_record(inspector->latency,
			 inspector_latency(sent_ns, now_ns, &inspector->clock_ahead_ns));
	if (!inspector->first_ns)
		inspector->first_ns = now_ns;
	inspector->last_ns = now_ns;
	inspector_note_fresh(inspector, header, sent_ns);
}

void inspector_account_one(struct inspector *inspector, const struct io_packet *packets, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		uint64_t now_ns = clock_ticks_to_ns(inspector->clock, packets[i].ticks);
		struct wire_header header;

		switch (inspector_classify(inspector, &packets[i], &header)) {
		case PACKET_MEASURED:
			account_measured(inspector, &header, now_ns);
			break;
		case PACKET_WARMUP:
			inspector_note_fresh(inspector, &header, wire_time_expand(header.time_ns, now_ns));
			break;
		case PACKET_DAMAGED:
			account_corrupted_body(inspector->account, ACCOUNT_WINDOW, header.sequence);
			break;
		case PACKET_CORRUPTED:
			inspector->account->corrupted += now_ns >= inspector->begin_ns;
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
