/* SPDX-License-Identifier: Apache-2.0 */
/* Receiver: accounts every packet that arrives, until stop and until nothing more is to come. */
#include "endpoint/sink.h"

static uint64_t receiver_look(void *context)
{
	struct sink *sink = context;
	uint64_t now_ns;

	if (__builtin_expect(sink->interval_ns > 0, 0) ? sink_take_paced(sink, job_now(sink->job)) : sink_take(sink))
		return sink->heard_ns;
	now_ns = job_now(sink->job);
	job_idle(sink->job, now_ns, UINT64_MAX);
	return now_ns;
}

static void receiver_idle(void *context, uint64_t now_ns, uint64_t due_ns)
{
	/* That was done. */
}

void receiver_run(struct job *job)
{
	struct sink sink;
	uint64_t now_ns;

	sink_begin(&sink, job, job->rx);
	if (job->start.rx_rate > 0)
		sink.interval_ns = 1e9 / job->start.rx_rate;
	do
		now_ns = receiver_look(&sink);
	while (job_attend(job, now_ns) == JOB_RUNNING);
	sink_drain(&sink, job->stop_sent, now_ns, receiver_look, receiver_idle, &sink);
	inspector_report(&sink.inspector);
}
