/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exchange: sends on the first port and receives on the last one, in one thread, which never waits for a
 * port that is full while something may have come. What it receives is its own stream (a loop: it knows what
 * it has sent, and ends by itself) or that of another exchange (then it tells what it has sent, and is told
 * what the other has).
 */
#include "endpoint/sink.h"
#include "endpoint/source.h"

struct exchange {
	struct source source;
	struct sink sink;
	bool idle; /* nothing came */
};

/*
 * Twice, if the first burst was full: who takes no more than he sends can never make up for a moment in which
 * he did not, and would lose packets by himself.
 */
static uint64_t exchange_look(void *context)
{
	struct exchange *exchange = context;
	struct sink *sink = &exchange->sink;
	uint32_t n = sink_take(sink);

	if (n == sink->burst)
		sink_take(sink);
	exchange->idle = !n;
	return n ? sink->heard_ns : job_now(sink->job);
}

static void exchange_idle(void *context, uint64_t now_ns, uint64_t due_ns)
{
	const struct exchange *exchange = context;

	if (exchange->idle)
		job_idle(exchange->sink.job, now_ns, due_ns);
}

static void exchange_refused(void *context, uint64_t now_ns)
{
	exchange_idle(context, exchange_look(context), UINT64_MAX);
}

static const struct source_hooks exchange_hooks = { .look = exchange_look, .idle = exchange_idle,
	.refused = exchange_refused, .look_always = true };

/* Our own sending is over; the other's may not be. */
static void exchange_await(struct exchange *exchange, const struct source_phase *phase)
{
	const struct control_message sent = { .type = CONTROL_SENT, .sent.packets = phase->packets };
	struct job *job = exchange->source.job;
	uint64_t now_ns = job_now(job);

	if (job->state != JOB_RUNNING)
		return;
	if (channel_say(&job->endpoint->channel, &sent, &job->error)) {
		job->state = JOB_BROKEN;
		return;
	}
	while (job_attend(job, now_ns) == JOB_RUNNING) {
		now_ns = exchange_look(exchange);
		exchange_idle(exchange, now_ns, UINT64_MAX);
	}
}

void exchange_run(struct job *job)
{
	bool own = job->endpoint->config.stream == job->endpoint->config.rx_stream;
	struct source_phase measured;
	struct exchange exchange = { .idle = true };

	source_begin(&exchange.source, job);
	sink_begin(&exchange.sink, job, job->rx);
	source_work(&exchange.source, &measured, &exchange_hooks, &exchange);
	if (!own)
		exchange_await(&exchange, &measured);
	sink_drain(&exchange.sink, own ? measured.packets : job->stop_sent, job_now(job), exchange_look,
		   exchange_idle, &exchange);
	source_report(&exchange.source, &measured);
	inspector_report(&exchange.sink.inspector);
}
