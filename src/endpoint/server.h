/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The packets of a server, burst by burst: those of its streams go back whence they came. It reads what it
 * needs to know a packet; whether all bytes survived the way there and back is the client's to check. A
 * template, as in endpoint/source.h.
 */
#ifndef LB_ENDPOINT_SERVER_H
#define LB_ENDPOINT_SERVER_H

#include "endpoint/inspector.h"
#include "endpoint/job.h"

struct server {
	struct job *job;
	struct io *io;
	struct inspector inspector;
	struct io_packet *packets, *others;
	/* Of the measured window. */
	uint64_t received, received_bytes, accepted, accepted_bytes, refused, corrupted, foreign;
	uint64_t background;       /* of the whole trial */
	uint64_t rx_first_ns, rx_last_ns, tx_first_ns, tx_last_ns;
};

void server_begin(struct server *server, struct job *job, const struct endpoint_port *port);
/* Of several streams or sizes: as server_sort, and the bytes of what went back, the first `accepted` of n. */
uint32_t server_sort_mixed(struct server *server, uint32_t n, uint64_t now_ns, uint32_t *warmup);
void server_count_mixed(struct server *server, uint32_t n, uint32_t warmup, uint32_t accepted);

/*
 * Move those of the n packets that go back to the front, the rest to `others`. Returns how many; *warmup of
 * them are of the warm-up.
 */
static inline __attribute__((always_inline)) uint32_t
server_sort(struct server *server, uint32_t n, uint64_t now_ns, uint32_t *warmup,
	    enum packet_kind (*classify)(struct inspector *inspector, const struct io_packet *packet,
					 struct wire_header *header))
{
	struct inspector *inspector = &server->inspector;
	bool frames = inspector->layer == IO_LAYER_FRAME;
	uint32_t ours = 0, others = 0;

	*warmup = 0;
	for (uint32_t i = 0; i < n; i++) {
		struct io_packet *packet = &server->packets[i];
		struct wire_header header;
		enum packet_kind kind = classify(inspector, packet, &header);

		if (kind == PACKET_MEASURED || kind == PACKET_WARMUP) {
			*warmup += kind == PACKET_WARMUP;
			if (frames)
				wire_frame_swap(packet->data);
			server->packets[ours++] = *packet;
			continue;
		}
		server->background += kind == PACKET_BACKGROUND;
		if (now_ns >= inspector->begin_ns) {
			server->corrupted += kind == PACKET_DAMAGED || kind == PACKET_CORRUPTED;
			server->foreign += kind == PACKET_FOREIGN;
		}
		server->others[others++] = *packet;
	}
	return ours;
}

static inline void server_count(struct server *server, uint32_t received, uint32_t accepted, uint64_t rx_ns,
				uint64_t tx_ns)
{
	if (!server->received)
		server->rx_first_ns = server->tx_first_ns = rx_ns;
	server->received += received;
	server->rx_last_ns = rx_ns;
	server->accepted += accepted;
	server->tx_last_ns = tx_ns;
}

/*
 * Hand the first n back; what the port refuses is offered again. Returns how many were accepted. refused() is
 * called while the port takes none.
 */
static inline __attribute__((always_inline)) uint32_t
server_reflect(struct server *server, uint32_t n, uint64_t *now_ns,
	       void (*refused)(void *context, uint64_t now_ns), void *context)
{
	struct job *job = server->job;
	uint32_t done = 0;

	for (;;) {
		uint32_t accepted = server->io->ops->forward(server->io, server->io, server->packets + done,
							     n - done);

		done += accepted;
		*now_ns = job_now(job);
		if (done == n)
			return done;
		server->refused += n - done;
		if (job_attend(job, *now_ns) != JOB_RUNNING)
			return done;
		if (!accepted)
			refused(context, *now_ns);
	}
}

/* Receive and reflect one burst. Returns how many packets it had; *now_ns is the time after it. */
static inline __attribute__((always_inline)) uint32_t
server_burst(struct server *server, uint64_t *now_ns, void (*refused)(void *context, uint64_t now_ns),
	     void *context)
{
	const struct io_ops *ops = server->io->ops;
	uint32_t n = ops->rx_burst(server->io, server->packets, server->job->start.burst);
	bool mixed = server->inspector.mixed;
	uint32_t ours, warmup, accepted = 0;

	if (!n) {
		*now_ns = job_now(server->job);
		return 0;
	}
	*now_ns = clock_ticks_to_ns(server->job->clock, server->packets[n - 1].ticks);
	ours = mixed ? server_sort_mixed(server, n, *now_ns, &warmup) :
	       server_sort(server, n, *now_ns, &warmup, inspector_classify);
	if (ours) {
		uint64_t rx_ns = *now_ns;

		accepted = server_reflect(server, ours, now_ns, refused, context);
		/* A burst that holds both kinds has the warm-up first. */
		if (ours > warmup)
			server_count(server, ours - warmup, accepted > warmup ? accepted - warmup : 0, rx_ns,
				     *now_ns);
		if (mixed)
			server_count_mixed(server, ours, warmup, accepted);
	}
	if (accepted < ours)
		ops->rx_release(server->io, server->packets + accepted, ours - accepted);
	if (ours < n)
		ops->rx_release(server->io, server->others, n - ours);
	return n;
}

#endif
