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

/* The load beside its packets: bursts by a schedule of their own, whenever the client looks what has come. */
struct client_background {
	bool on;
	struct generator generator;
	struct pacing pacing;
	uint64_t packets;  /* accepted; the index of the next one */
};

struct client {
	struct source source;
	struct sink sink;
	struct client_background background;
};

void client_background_begin(struct client *client);

/*
 * A burst of the background, if one is due. Not while a burst of the client's own waits for the port: it lies in the
 * buffers that would be lent again. What the port refuses is not offered again: the load is less then, and told.
 * Returns the time after it.
 */
SOURCE_TEMPLATE uint64_t client_background_send(struct client *client, uint64_t now_ns)
{
	struct client_background *background = &client->background;
	struct source *source = &client->source;
	uint32_t n;

	if (__builtin_expect(!background->on, 1) || now_ns < background->pacing.due_ns ||
	    now_ns >= source->job->end_ns)
		return now_ns;
	n = source->io->ops->tx_buffers(source->io, source->packets, source->job->start.burst);
	background->generator.fill(&background->generator, source->packets, n, background->packets,
				   background->pacing.due_ns);
	background->packets += n ? source->io->ops->tx_burst(source->io, source->packets, n) : 0;
	pacing_next(&background->pacing);
	return job_now(source->job);
}

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
	struct source_phase warmup, measured, cooldown;

	client_background_begin(client);
	source_phase_warmup(job, &warmup);
	source_phase_measured(job, &measured);
	client_phase(client, &warmup, hooks, context);
	if (job->state == JOB_RUNNING)
		client_phase(client, &measured, hooks, context);
	source_phase_cooldown(job, &cooldown);
	if (cooldown.duration_ns && job->state == JOB_RUNNING)
		client_phase(client, &cooldown, hooks, context);
	/* Replies that are still under way when the window ends. */
	sink_drain(&client->sink, measured.packets, job_now(job), hooks->look, hooks->idle, context);
	source_report(&client->source, &measured);
	job->result->background_sent = client->background.packets;
	inspector_report(&client->sink.inspector);
}

#endif
