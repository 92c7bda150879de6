/* SPDX-License-Identifier: Apache-2.0 */
/* What all that receive packets share: bursts from a port into the accounts. */
#ifndef LB_ENDPOINT_SINK_H
#define LB_ENDPOINT_SINK_H

#include "endpoint/inspector.h"
#include "endpoint/job.h"

struct sink {
	struct job *job;
	struct io *io;
	struct io_packet *packets;
	uint32_t burst;
	uint64_t heard_ns; /* when the last packet arrived */
	double interval_ns, due_ns; /* a given rate: from packet to packet; when the next one may be taken */
	struct inspector inspector;
};

static inline void sink_begin(struct sink *sink, struct job *job, const struct endpoint_port *port)
{
	*sink = (struct sink){ .job = job, .io = port->io, .packets = port->rx_packets,
		.burst = job->start.burst };
	job_inspector(job, port, &sink->inspector);
}

/* Take one burst. Returns how many packets it had; heard_ns is then the time after it. */
static inline uint32_t sink_take(struct sink *sink)
{
	const struct io_ops *ops = sink->io->ops;
	uint32_t n = ops->rx_burst(sink->io, sink->packets, sink->burst);

	if (n) {
		sink->inspector.account_burst(&sink->inspector, sink->packets, n);
		sink->heard_ns = clock_ticks_to_ns(sink->job->clock, sink->packets[n - 1].ticks);
		ops->rx_release(sink->io, sink->packets, n);
	}
	return n;
}

/* As sink_take, for who takes no more packets a second than control_start.rx_rate. */
static inline uint32_t sink_take_paced(struct sink *sink, uint64_t now_ns)
{
	double earliest_ns = (double)now_ns - sink->burst * sink->interval_ns;
	uint32_t n;

	if ((double)now_ns < sink->due_ns)
		return 0;
	n = sink_take(sink);
	/* For what it was not there it makes up by a burst at most. */
	sink->due_ns = (sink->due_ns > earliest_ns ? sink->due_ns : earliest_ns) + n * sink->interval_ns;
	return n;
}

/*
 * What is under way when nothing more is sent: take it until `sent` packets have arrived, or none has for
 * drain_ns. look() takes what has come and returns the time after it, idle() is called where nothing had.
 */
static inline __attribute__((always_inline)) void
sink_drain(struct sink *sink, uint64_t sent, uint64_t now_ns, uint64_t (*look)(void *context),
	   void (*idle)(void *context, uint64_t now_ns, uint64_t due_ns), void *context)
{
	uint64_t arrived = inspector_arrived(&sink->inspector), since_ns = now_ns;

	while (arrived < sent && now_ns - since_ns < sink->job->start.drain_ns &&
	       job_attend(sink->job, now_ns) <= JOB_STOPPED) {
		now_ns = look(context);
		if (inspector_arrived(&sink->inspector) != arrived) {
			arrived = inspector_arrived(&sink->inspector);
			since_ns = now_ns;
		} else {
			idle(context, now_ns, UINT64_MAX);
		}
	}
}

#endif
