/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a client does: sends bursts and measures the round trip of each packet. With a rate, bursts leave by
 * schedule whether or not replies have come (open loop); without, the next burst leaves when all replies to
 * the last have come, or none has for drain_ns (closed loop). A template, as in endpoint/source.h, whose
 * hook look() takes what has come.
 */
#ifndef LB_ENDPOINT_CLIENT_H
#define LB_ENDPOINT_CLIENT_H

#include "endpoint/sink.h"
#include "endpoint/source.h"

struct client {
	struct source source;
	struct sink sink;
};

/* Until `replies` to what was sent from from_ns on have arrived, or nothing for drain_ns. */
SOURCE_TEMPLATE uint64_t client_gather(struct client *client, uint64_t replies, uint64_t now_ns,
				       const struct source_hooks *hooks, void *context)
{
	struct sink *sink = &client->sink;
	struct job *job = sink->job;

	sink->heard_ns = now_ns;
	while (sink->inspector.fresh < replies && now_ns - sink->heard_ns < job->start.drain_ns &&
	       job_attend(job, now_ns) <= JOB_STOPPED) {
		now_ns = hooks->look(context);
		hooks->idle(context, now_ns, UINT64_MAX);
	}
	return now_ns;
}

SOURCE_TEMPLATE void client_closed_loop(struct client *client, const struct source_hooks *hooks,
					void *context)
{
	struct source *source = &client->source;
	struct source_phase *phase = source->phase;
	struct inspector *inspector = &client->sink.inspector;
	struct job *job = source->job;
	uint64_t end_ns = phase->begin_ns + phase->duration_ns;
	uint64_t now_ns = source_wait(source, phase->begin_ns, hooks, context);

	phase->first_ns = now_ns;
	while (now_ns < end_ns && job_attend(job, now_ns) == JOB_RUNNING) {
		uint64_t before = phase->packets;

		inspector->fresh_from_ns = now_ns;
		inspector->fresh = 0;
		source_burst(source, now_ns, end_ns, hooks, context);
		client_gather(client, phase->packets - before, job_now(job), hooks, context);
		now_ns = job_now(job);
	}
	phase->window_ns = now_ns - phase->begin_ns;
}

SOURCE_TEMPLATE void client_phase(struct client *client, struct source_phase *phase,
				  const struct source_hooks *hooks, void *context)
{
	client->sink.inspector.fresh_test = phase->test;
	client->sink.inspector.fresh_from_ns = 0;
	client->sink.inspector.fresh = 0;
	if (client->source.job->start.rate > CONTROL_RATE_MAX) {
		source_run(&client->source, phase, hooks, context);
		return;
	}
	source_enter(&client->source, phase);
	client_closed_loop(client, hooks, context);
	phase->whole = client->source.job->state == JOB_RUNNING;
}

/* All of a client's trial; client->source and client->sink have begun. */
SOURCE_TEMPLATE void client_work(struct client *client, const struct source_hooks *hooks, void *context)
{
	struct job *job = client->source.job;
	struct source_phase warmup, measured;

	source_phase_warmup(job, &warmup);
	source_phase_measured(job, &measured);
	client_phase(client, &warmup, hooks, context);
	if (job->state == JOB_RUNNING)
		client_phase(client, &measured, hooks, context);
	/* Replies that are still under way when the window ends. */
	sink_drain(&client->sink, measured.packets, job_now(job), hooks->look, hooks->idle, context);
	source_report(&client->source, &measured);
	inspector_report(&client->sink.inspector);
}

#endif
