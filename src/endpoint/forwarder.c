/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forwarder: a hop of a chain. What arrives on a port leaves by the other one, in place where the technique
 * can, with the MAC addresses of the next link and unchanged behind them. It looks at no more than the first
 * 64 bytes of a frame, of which the payload's test id says whether it is one of this trial; to see whether it
 * is whole is the receiver's business. What the port of departure refuses is dropped and counted.
 */
#include <string.h>

#include "endpoint/endpoint.h"
#include "endpoint/job.h"

#define AHEAD 4 /* packets whose first bytes are on their way into the cache */

/* A way through: all that a burst on it takes. */
struct lane {
	struct job *job;
	struct io *in, *out;
	struct io_packet *packets, *others;
	uint8_t arriving[WIRE_ETHERNET_LEN], leaving[WIRE_ETHERNET_LEN];
	struct control_forward count;
	uint64_t foreign;
};

struct forwarder {
	struct lane lanes[2];
	uint32_t lane_count;
};

static void lane_begin(struct lane *lane, struct job *job, uint32_t from)
{
	struct endpoint *endpoint = job->endpoint;
	struct endpoint_port *in = &endpoint->ports[from], *out = &endpoint->ports[!from];
	const struct control_port *arrival = &endpoint->config.ports[from];
	const struct control_port *departure = &endpoint->config.ports[!from];

	*lane = (struct lane){ .job = job, .in = in->io, .out = out->io, .packets = in->rx_packets,
		.others = in->tx_packets };
	wire_frame_ethernet(lane->arriving, arrival->peer.mac, arrival->local.mac);
	wire_frame_ethernet(lane->leaving, departure->local.mac, departure->peer.mac);
}

/* The test id of a frame that is to go on; WIRE_TEST_ANNOUNCE of all others. */
static inline uint16_t lane_test(const struct lane *lane, const struct io_packet *packet)
{
	if (packet->size < WIRE_FRAME_MIN || memcmp(packet->data, lane->arriving, WIRE_ETHERNET_LEN) ||
	    !wire_frame_may_be_test(packet->data))
		return WIRE_TEST_ANNOUNCE;
	return wire_payload_test(packet->data + WIRE_HEADERS_LEN);
}

static void lane_note_other(struct lane *lane, const struct io_packet *packet, uint64_t now_ns)
{
	bool announcement = packet->size >= WIRE_FRAME_MIN && wire_frame_may_be_test(packet->data) &&
			    wire_payload_test(packet->data + WIRE_HEADERS_LEN) == WIRE_TEST_ANNOUNCE;

	lane->foreign += !announcement && now_ns >= lane->job->begin_ns;
}

/* Make ready for departure those of the n packets that go on, and move them to the front, the others to
 * lane->others. Returns how many; *measured of them are of the measured window. */
static uint32_t lane_sort(struct lane *lane, uint32_t n, uint64_t now_ns, uint32_t *measured)
{
	const struct control_start *start = &lane->job->start;
	const uint16_t test = start->test, warmup = start->warmup_test;
	const uint16_t background = start->background > 0 ? start->background_test : warmup;
	struct io_packet *packets = lane->packets;
	uint32_t ours = 0, others = 0, counted = 0;

	for (uint32_t i = 0; i < n && i < AHEAD; i++)
		__builtin_prefetch(packets[i].data, 1);
	for (uint32_t i = 0; i < n; i++) {
		struct io_packet *packet = &packets[i];
		uint16_t id;

		if (i + AHEAD < n)
			__builtin_prefetch(packets[i + AHEAD].data, 1);
		id = lane_test(lane, packet);
		if (__builtin_expect(id != test && ((id != warmup && id != background) ||
						    id == WIRE_TEST_ANNOUNCE), 0)) {
			lane_note_other(lane, packet, now_ns);
			lane->others[others++] = *packet;
			continue;
		}
		counted += id == test;
		memcpy(packet->data, lane->leaving, WIRE_ETHERNET_LEN);
		if (__builtin_expect(others, 0))
			packets[ours] = *packet;
		ours++;
	}
	*measured = counted;
	return ours;
}

/* What was refused is still ours. */
static uint32_t lane_count_measured(const struct lane *lane, const struct io_packet *packets, uint32_t n)
{
	uint32_t measured = 0;

	for (uint32_t i = 0; i < n; i++)
		measured += wire_payload_test(packets[i].data + WIRE_HEADERS_LEN) == lane->job->start.test;
	return measured;
}

/* Returns how many packets came; *now_ns is the time when they did. */
static uint32_t lane_burst(struct lane *lane, uint64_t *now_ns)
{
	const struct io_ops *ops = lane->in->ops;
	uint32_t n = ops->rx_burst(lane->in, lane->packets, lane->job->start.burst);
	uint32_t ours, measured, accepted = 0, refused;

	if (!n)
		return 0;
	*now_ns = clock_ticks_to_ns(lane->job->clock, lane->packets[n - 1].ticks);
	ours = lane_sort(lane, n, *now_ns, &measured);
	if (ours)
		accepted = ops->forward(lane->in, lane->out, lane->packets, ours);
	lane->count.in += measured;
	if (accepted < ours) {
		refused = lane_count_measured(lane, lane->packets + accepted, ours - accepted);
		lane->count.refused += refused;
		measured -= refused;
		ops->rx_release(lane->in, lane->packets + accepted, ours - accepted);
	}
	lane->count.out += measured;
	if (ours < n)
		ops->rx_release(lane->in, lane->others, n - ours);
	return n;
}

static uint64_t forwarder_turn(struct forwarder *forwarder, struct job *job)
{
	uint64_t now_ns = 0;
	uint32_t n = 0;

	for (uint32_t i = 0; i < forwarder->lane_count; i++)
		n += lane_burst(&forwarder->lanes[i], &now_ns);
	if (n) {
		job->in = forwarder->lanes[0].count.in + forwarder->lanes[1].count.in;
		job->out = forwarder->lanes[0].count.out + forwarder->lanes[1].count.out;
		return now_ns;
	}
	now_ns = job_now(job);
	job_idle(job, now_ns, UINT64_MAX);
	return now_ns;
}

static void forwarder_report(const struct forwarder *forwarder, struct control_result *result)
{
	result->forward_count = 2;
	for (uint32_t i = 0; i < 2; i++) {
		result->forward[i] = forwarder->lanes[i].count;
		result->rx->rx_foreign += forwarder->lanes[i].foreign;
	}
}

void forwarder_run(struct job *job)
{
	struct forwarder forwarder = { .lane_count = job->start.back ? 2 : 1 };
	uint64_t now_ns;

	for (uint32_t i = 0; i < 2; i++)
		lane_begin(&forwarder.lanes[i], job, i);
	job->tx_packets = &job->out;
	job->rx_packets = &job->in;
	do
		now_ns = forwarder_turn(&forwarder, job);
	while (job_attend(job, now_ns) == JOB_RUNNING);
	forwarder_report(&forwarder, job->result);
}
