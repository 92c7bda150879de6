/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Server: sends every packet of its stream back whence it came, until stop. It reads what it needs to know a
 * packet; whether all bytes survived the way there and back is the client's to check.
 */
#include "endpoint/inspector.h"
#include "endpoint/trial.h"

struct server {
	struct trial *trial;
	struct inspector inspector;
	struct io_packet *packets, *others;
};

/* Which of the n packets of now go back: they move to the front, the rest to server->others. Returns how
 * many; *warmup of them are of the warm-up. */
static uint32_t server_sort(struct server *server, uint32_t n, uint64_t now_ns, uint32_t *warmup)
{
	struct inspector *inspector = &server->inspector;
	struct control_rx *rx = server->trial->result->rx;
	bool frames = inspector->layer == IO_LAYER_FRAME;
	uint32_t ours = 0, others = 0;

	*warmup = 0;
	for (uint32_t i = 0; i < n; i++) {
		struct io_packet *packet = &server->packets[i];
		struct wire_header header;
		enum packet_kind kind = inspector_classify(inspector, packet, &header);

		if (kind == PACKET_MEASURED || kind == PACKET_WARMUP) {
			*warmup += kind == PACKET_WARMUP;
			if (frames)
				wire_frame_swap(packet->data);
			server->packets[ours++] = *packet;
			continue;
		}
		if (now_ns >= inspector->begin_ns) {
			rx->rx_corrupted += kind == PACKET_DAMAGED || kind == PACKET_CORRUPTED;
			rx->rx_foreign += kind == PACKET_FOREIGN;
		}
		server->others[others++] = *packet;
	}
	return ours;
}

/* Hand the first n back; what the port refuses is offered again. Returns how many were accepted. */
static uint32_t server_reflect(struct server *server, uint32_t n, uint64_t *now_ns)
{
	struct trial *trial = server->trial;
	uint32_t done = 0;

	for (;;) {
		uint32_t accepted = trial->io->ops->reflect(trial->io, server->packets + done, n - done);

		done += accepted;
		*now_ns = trial_now(trial);
		if (done == n)
			return done;
		trial->result->tx_refused += n - done;
		if (trial_attend(trial, *now_ns) != TRIAL_RUNNING)
			return done;
		if (!accepted)
			trial_idle(trial, *now_ns, UINT64_MAX);
	}
}

static void server_count(struct control_result *result, uint64_t received, uint64_t accepted, uint64_t rx_ns,
			 uint64_t tx_ns)
{
	if (!result->rx->rx_packets)
		result->rx->rx_first_ns = result->tx_first_ns = rx_ns;
	result->rx->rx_packets += received;
	result->rx->rx_last_ns = rx_ns;
	result->tx_packets += accepted;
	result->tx_last_ns = tx_ns;
}

/* Receive and reflect one burst. Returns the time after it. */
static uint64_t server_burst(struct server *server)
{
	struct trial *trial = server->trial;
	const struct io_ops *ops = trial->io->ops;
	uint32_t n = ops->rx_burst(trial->io, server->packets, trial->start.burst);
	uint32_t ours, warmup, accepted = 0;
	uint64_t now_ns;

	if (!n) {
		now_ns = trial_now(trial);
		trial_idle(trial, now_ns, UINT64_MAX);
		return now_ns;
	}
	now_ns = clock_ticks_to_ns(trial->clock, server->packets[n - 1].ticks);
	ours = server_sort(server, n, now_ns, &warmup);
	if (ours) {
		uint64_t rx_ns = now_ns;

		accepted = server_reflect(server, ours, &now_ns);
		/* A burst that holds both kinds has the warm-up first. */
		if (ours > warmup)
			server_count(trial->result, ours - warmup, accepted > warmup ? accepted - warmup : 0,
				     rx_ns, now_ns);
	}
	if (accepted < ours)
		ops->rx_release(trial->io, server->packets + accepted, ours - accepted);
	if (ours < n)
		ops->rx_release(trial->io, server->others, n - ours);
	return now_ns;
}

void server_run(struct trial *trial)
{
	struct server server = { .trial = trial, .packets = trial->endpoint->rx_packets,
		.others = trial->endpoint->tx_packets };
	uint64_t now_ns;

	trial_inspector(trial, &server.inspector);
	server.inspector.mode = WIRE_PAYLOAD_HEADERS;
	server.inspector.verify_checksum = false;
	trial->tx_packets = &trial->result->tx_packets;
	trial->rx_packets = &trial->result->rx->rx_packets;
	do
		now_ns = server_burst(&server);
	while (trial_attend(trial, now_ns) == TRIAL_RUNNING);
	trial->result->rx->rx_bytes = trial->result->rx->rx_packets * trial->start.sizes[0].size;
}
