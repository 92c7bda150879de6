/* SPDX-License-Identifier: Apache-2.0 */
#include "endpoint/source.h"

#include <string.h>

#include "measure/statistics.h"

#define GRACE_MIN_NS UINT64_C(100000000)
#define BIAS_ROUNDS 63

void source_begin(struct source *source, struct trial *trial)
{
	const struct control_open *config = &trial->endpoint->config;
	const struct control_start *start = &trial->start;
	bool *prepared = trial->endpoint->prepared;

	*source = (struct source){ .trial = trial, .io = trial->io, .packets = trial->endpoint->tx_packets };
	source->share = config->yield && config->ports[0].port.ring ? config->ports[0].port.ring / 4 : UINT64_MAX;
	memset(prepared, 0, trial->io->tx_cookies * sizeof(*prepared));
	generator_begin(&source->generator, trial->io->ops->layer, start->sizes[0].size, start->payload,
			config->stream, &config->ports[0].local, &config->ports[0].peer, prepared);
}

void source_phase_warmup(const struct trial *trial, struct source_phase *phase)
{
	*phase = (struct source_phase){ .test = trial->start.warmup_test, .begin_ns = trial->start.start_ns,
		.duration_ns = trial->start.warmup_ns, .give_up_ns = trial->begin_ns };
}

void source_phase_measured(const struct trial *trial, struct source_phase *phase)
{
	uint64_t grace_ns = trial->start.duration_ns / 100;

	if (grace_ns < GRACE_MIN_NS)
		grace_ns = GRACE_MIN_NS;
	*phase = (struct source_phase){ .test = trial->start.test, .begin_ns = trial->begin_ns,
		.duration_ns = trial->start.duration_ns, .give_up_ns = trial->end_ns + grace_ns };
}

void source_enter(struct source *source, struct source_phase *phase)
{
	source->phase = phase;
	source->generator.test = phase->test;
	if (phase->test == source->trial->start.test)
		source->trial->tx_packets = &phase->packets;
}

/*
 * On a processor that is shared, a sender whose port takes all that it is given would run until the
 * kernel's time slice is over, and meanwhile fill the ring of a receiver that does not run many times
 * over.
 */
static inline uint64_t source_share(struct source *source, uint64_t now_ns)
{
	source->unshared += source->trial->start.burst;
	if (__builtin_expect(source->unshared < source->share, 1))
		return now_ns;
	source->unshared = 0;
	sched_yield();
	return trial_now(source->trial);
}

uint64_t source_burst(struct source *source, uint64_t stamp_ns, uint64_t give_up_ns)
{
	const struct io_ops *ops = source->io->ops;
	struct source_phase *phase = source->phase;
	struct trial *trial = source->trial;
	uint32_t left = trial->start.burst, n = 0, done = 0;
	uint64_t now_ns;

	for (;;) {
		uint32_t accepted;

		if (done == n) {
			n = ops->tx_buffers(source->io, source->packets, left);
			generator_fill(&source->generator, source->packets, n, phase->sequence, stamp_ns);
			done = 0;
		}
		accepted = n ? ops->tx_burst(source->io, source->packets + done, n - done) : 0;
		now_ns = trial_now(trial);
		done += accepted;
		left -= accepted;
		phase->sequence += accepted;
		phase->packets += accepted;
		if (accepted)
			phase->last_ns = now_ns;
		if (!left)
			break;
		phase->refused += n - done;
		if (trial_attend(trial, now_ns) != TRIAL_RUNNING || now_ns > give_up_ns)
			return now_ns;
		if (!accepted)
			trial_idle(trial, now_ns, UINT64_MAX);
	}
	return source_share(source, now_ns);
}

void source_paced_end(struct source *source, uint64_t bursts, uint64_t now_ns)
{
	struct source_phase *phase = source->phase;
	/* Of the last burst, too, all may have been refused. */
	bool complete = phase->packets == bursts * source->trial->start.burst;
	/* k bursts stand for k intervals of the schedule, of which the duration need not be a multiple. */
	uint64_t covered_ns = (uint64_t)((double)phase->packets * 1e9 / source->trial->start.rate);

	if (complete && source->trial->state == TRIAL_RUNNING &&
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
static uint64_t source_bias(struct source *source)
{
	struct trial *trial = source->trial;
	double took[BIAS_ROUNDS];
	unsigned rounds = 0;

	if (trial->state != TRIAL_RUNNING || source->io->failure.code)
		return 0;
	while (rounds < BIAS_ROUNDS) {
		uint64_t begin_ns = trial_now(trial);
		uint32_t n = source->io->ops->tx_buffers(source->io, source->packets, trial->start.burst);

		if (n < trial->start.burst)
			return 0;
		generator_fill(&source->generator, source->packets, n, source->phase->sequence, begin_ns);
		took[rounds++] = (double)(trial_now(trial) - begin_ns);
	}
	return (uint64_t)statistics_median(took, rounds);
}

void source_report(struct source *source, const struct source_phase *phase)
{
	struct trial *trial = source->trial;
	struct control_result *result = trial->result;

	trial->tx_packets = &result->tx_packets; /* the phase goes away */
	result->tx_packets = phase->packets;
	result->tx_refused = phase->refused;
	result->tx_first_ns = phase->first_ns;
	result->tx_last_ns = phase->last_ns;
	result->tx_late_max_ns = phase->late_max_ns;
	result->tx_window_ns = phase->window_ns;
	result->tx_bias_ns = source_bias(source);
}
