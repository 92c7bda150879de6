/* SPDX-License-Identifier: Apache-2.0 */
#include "endpoint/source.h"

#include <string.h>

#include "measure/statistics.h"

#define GRACE_MIN_NS UINT64_C(100000000)
#define BIAS_ROUNDS 63

void source_begin(struct source *source, struct job *job)
{
	struct endpoint *endpoint = job->endpoint;
	const struct control_open *config = &endpoint->config;
	const struct control_port *port = &config->ports[0];
	struct io *io = job->tx->io;

	*source = (struct source){ .job = job, .io = io, .packets = job->tx->tx_packets };
	source->share = config->yield && port->port.ring ? port->port.ring / 4 : UINT64_MAX;
	memset(job->tx->prepared, 0, io->tx_cookies * sizeof(*job->tx->prepared));
	generator_begin(&source->generator, io->ops->layer, &job->start, config->stream, &port->local,
			&port->peer, job->tx->prepared, &endpoint->generator_mixed);
}

void source_phase_warmup(const struct job *job, struct source_phase *phase)
{
	*phase = (struct source_phase){ .test = job->start.warmup_test, .begin_ns = job->start.start_ns,
		.duration_ns = job->start.warmup_ns, .give_up_ns = job->begin_ns };
}

void source_phase_measured(const struct job *job, struct source_phase *phase)
{
	uint64_t grace_ns = job->start.duration_ns / 100;

	if (grace_ns < GRACE_MIN_NS)
		grace_ns = GRACE_MIN_NS;
	*phase = (struct source_phase){ .test = job->start.test, .begin_ns = job->begin_ns,
		.duration_ns = job->start.duration_ns, .give_up_ns = job->end_ns + grace_ns };
}

void source_phase_cooldown(const struct job *job, struct source_phase *phase)
{
	*phase = (struct source_phase){ .test = job->start.warmup_test, .begin_ns = job->end_ns,
		.duration_ns = job->start.cooldown_ns, .give_up_ns = job->end_ns + job->start.cooldown_ns };
}

void source_enter(struct source *source, struct source_phase *phase)
{
	source->phase = phase;
	generator_enter(&source->generator, phase->test);
	if (phase->test == source->job->start.test)
		source->job->tx_packets = &phase->packets;
}

void source_paced_end(struct source *source, uint64_t bursts, uint64_t now_ns)
{
	struct source_phase *phase = source->phase;
	/* Of the last burst, too, all may have been refused. */
	bool complete = phase->packets == bursts * source->job->start.burst;
	/* k bursts stand for k intervals of the schedule, of which the duration need not be a multiple. */
	uint64_t covered_ns = (uint64_t)((double)phase->packets * 1e9 / source->job->start.rate);

	if (complete && source->job->state == JOB_RUNNING &&
	    phase->last_ns <= phase->begin_ns + covered_ns)
		phase->window_ns = covered_ns;
	else if (complete)
		phase->window_ns = phase->last_ns - phase->begin_ns;
	else
		phase->window_ns = now_ns > phase->begin_ns ? now_ns - phase->begin_ns : 0;
}

/*
 * From a burst's stamp to its hand-over where nothing is late: packets are made and the clock is read.
 * The median of some rounds on the buffers, and with the content, of the trial that has just ended; they
 * are not handed over, and lent again by the next call. 0 where the port lends no whole burst now, or the
 * trial was broken off.
 */
static uint64_t source_bias(struct source *source, const struct source_phase *phase)
{
	struct job *job = source->job;
	double took[BIAS_ROUNDS];
	unsigned rounds = 0;

	/* A packet that is stamped as it is made has nothing of that in its latency. */
	if (!phase->whole || source->io->failure.code || job->start.stamp == STAMP_FILL)
		return 0;
	while (rounds < BIAS_ROUNDS) {
		uint64_t begin_ns = job_now(job);
		uint32_t n = source->io->ops->tx_buffers(source->io, source->packets, job->start.burst);

		if (n < job->start.burst)
			return 0;
		source->generator.fill(&source->generator, source->packets, n, phase->packets, begin_ns);
		took[rounds++] = (double)(job_now(job) - begin_ns);
	}
	return (uint64_t)statistics_median(took, rounds);
}

/*
 * The window of all endpoints is one, whenever a sender wakes: one that has slept into it has not sent for a part of it.
 * With a schedule it makes up for that.
 */
static void source_note_late(const struct source *source, const struct source_phase *phase)
{
	const struct control_start *start = &source->job->start;
	struct control_result *result = source->job->result;

	if (start->rate == CONTROL_RATE_MAX && phase->first_ns > phase->begin_ns &&
	    start->warmup_ns + phase->first_ns - phase->begin_ns > result->late_start_ns)
		result->late_start_ns = start->warmup_ns + phase->first_ns - phase->begin_ns;
}

void source_report(struct source *source, const struct source_phase *phase)
{
	struct job *job = source->job;
	struct control_result *result = job->result;

	job->tx_packets = &result->tx_packets; /* the phase goes away */
	result->tx_packets = phase->packets;
	result->tx_bytes = generator_bytes(&source->generator, phase->packets);
	result->tx_refused = phase->refused;
	result->tx_first_ns = phase->first_ns;
	result->tx_last_ns = phase->last_ns;
	result->tx_late_max_ns = phase->late_max_ns;
	result->tx_window_ns = phase->window_ns;
	source_note_late(source, phase);
	result->tx_bias_ns = source_bias(source, phase);
}
