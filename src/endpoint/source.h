/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all that send packets of their own share: phase by phase, in bursts, by a schedule or not.
 *
 * A thread that sends may have something else to do (a client receives, too). So the functions that take
 * struct source_hooks are templates, made for each role with hooks that are constant: nothing is called by
 * pointer.
 */
#ifndef LB_ENDPOINT_SOURCE_H
#define LB_ENDPOINT_SOURCE_H

#include "endpoint/generator.h"
#include "endpoint/job.h"
#include "endpoint/pacing.h"

#define SOURCE_TEMPLATE static inline __attribute__((always_inline))

struct source_hooks {
	/* Do once what there is to do beside sending. Returns the time after it. */
	uint64_t (*look)(void *context);
	/* Nothing is to be sent before due_ns. */
	void (*idle)(void *context, uint64_t now_ns, uint64_t due_ns);
	/* The port takes no packet now. */
	void (*refused)(void *context, uint64_t now_ns);
	bool look_always; /* also between bursts that are due at once */
};

/* Warm-up or measured window. */
struct source_phase {
	uint16_t test;
	uint64_t begin_ns, duration_ns;
	uint64_t give_up_ns;           /* latest end of a sender that cannot keep up with its schedule */
	uint64_t packets, refused;     /* packets: accepted; the index of the next one */
	uint64_t first_ns, last_ns;    /* before the first and after the last hand-over */
	uint64_t late_max_ns;
	uint64_t window_ns;            /* from begin_ns to its true end */
	bool whole;                    /* nobody broke it off */
};

struct source {
	struct job *job;
	struct io *io;
	struct io_packet *packets;
	struct generator generator;
	struct source_phase *phase;
	uint64_t unshared, share;      /* packets since the processor was given away; how many may be */
};

/* Of the job's first port. */
void source_begin(struct source *source, struct job *job);
void source_phase_warmup(const struct job *job, struct source_phase *phase);
void source_phase_measured(const struct job *job, struct source_phase *phase);
/* What follows the measured window and is not accounted. */
void source_phase_cooldown(const struct job *job, struct source_phase *phase);
/* What follows belongs to this phase. */
void source_enter(struct source *source, struct source_phase *phase);

/* A paced phase of so many bursts is over. */
void source_paced_end(struct source *source, uint64_t bursts, uint64_t now_ns);

/* The phase in the trial's result, and what the source itself is of each latency (tx_bias_ns). */
void source_report(struct source *source, const struct source_phase *phase);

/*
 * On a processor that is shared, a sender whose port takes all that it is given would run until the
 * kernel's time slice is over, and meanwhile fill the ring of a receiver that does not run many times
 * over.
 */
static inline uint64_t source_share(struct source *source, uint64_t now_ns)
{
	source->unshared += source->job->start.burst;
	if (__builtin_expect(source->unshared < source->share, 1))
		return now_ns;
	source->unshared = 0;
	sched_yield();
	return job_now(source->job);
}

/* Make n packets of a burst, stamped as the trial wants it. */
SOURCE_TEMPLATE void source_fill(struct source *source, uint32_t n, uint64_t stamp_ns)
{
	struct generator *generator = &source->generator;
	uint64_t index = source->phase->packets;

	if (__builtin_expect(source->job->start.stamp == STAMP_DEPARTURE, 1)) {
		generator->fill(generator, source->packets, n, index, stamp_ns);
		return;
	}
	for (uint32_t i = 0; i < n; i++)
		generator->fill(generator, source->packets + i, 1, index + i, job_now(source->job));
}

/*
 * Make a burst with this time stamp and hand it over; what the port refuses is offered again until it is
 * accepted, the trial is over, or give_up_ns has passed. Returns the time after the last hand-over.
 */
SOURCE_TEMPLATE uint64_t source_burst(struct source *source, uint64_t stamp_ns, uint64_t give_up_ns,
				      const struct source_hooks *hooks, void *context)
{
	const struct io_ops *ops = source->io->ops;
	struct source_phase *phase = source->phase;
	struct job *job = source->job;
	uint32_t left = job->start.burst, n = 0, done = 0;
	uint64_t now_ns;

	for (;;) {
		uint32_t accepted;

		if (done == n) {
			n = ops->tx_buffers(source->io, source->packets, left);
			source_fill(source, n, stamp_ns);
			done = 0;
		}
		accepted = n ? ops->tx_burst(source->io, source->packets + done, n - done) : 0;
		now_ns = job_now(job);
		done += accepted;
		left -= accepted;
		phase->packets += accepted;
		if (accepted)
			phase->last_ns = now_ns;
		if (!left)
			break;
		phase->refused += n - done;
		if (job_attend(job, now_ns) != JOB_RUNNING || now_ns > give_up_ns)
			return now_ns;
		if (!accepted)
			hooks->refused(context, now_ns);
	}
	return source_share(source, now_ns);
}

/* Returns the time once that is due_ns or later, or the trial is over. */
SOURCE_TEMPLATE uint64_t source_wait(struct source *source, uint64_t due_ns, const struct source_hooks *hooks,
				     void *context)
{
	for (;;) {
		uint64_t now_ns = hooks->look(context);

		if (job_attend(source->job, now_ns) != JOB_RUNNING || now_ns >= due_ns)
			return now_ns;
		hooks->idle(context, now_ns, due_ns);
	}
}

/*
 * The bursts of a paced phase, each when it is due. Every packet's stamp is the scheduled departure: a sender
 * that fell behind sends at once, and the delay is in the latency ("coordinated omission").
 */
SOURCE_TEMPLATE void source_paced(struct source *source, const struct source_hooks *hooks, void *context)
{
	const struct control_start *start = &source->job->start;
	struct source_phase *phase = source->phase;
	uint64_t bursts = pacing_bursts(start->rate, start->burst, phase->duration_ns);
	uint64_t now_ns, sent = 0;
	struct pacing pacing;

	pacing_begin(&pacing, phase->begin_ns, start->rate, start->burst);
	for (; sent < bursts; sent++) {
		now_ns = source_wait(source, pacing.due_ns, hooks, context);
		if (source->job->state != JOB_RUNNING || now_ns > phase->give_up_ns)
			break;
		if (now_ns - pacing.due_ns > phase->late_max_ns)
			phase->late_max_ns = now_ns - pacing.due_ns;
		if (!phase->first_ns)
			phase->first_ns = now_ns;
		source_burst(source, pacing.due_ns, phase->give_up_ns, hooks, context);
		pacing_next(&pacing);
	}
	now_ns = source_wait(source, phase->begin_ns + phase->duration_ns, hooks, context);
	source_paced_end(source, bursts, now_ns);
}

/* As many bursts as the port takes. */
SOURCE_TEMPLATE void source_unlimited(struct source *source, const struct source_hooks *hooks, void *context)
{
	struct source_phase *phase = source->phase;
	struct job *job = source->job;
	uint64_t end_ns = phase->begin_ns + phase->duration_ns;
	uint64_t now_ns = source_wait(source, phase->begin_ns, hooks, context);

	phase->first_ns = now_ns;
	while (now_ns < end_ns && job_attend(job, now_ns) == JOB_RUNNING) {
		now_ns = source_burst(source, now_ns, end_ns, hooks, context);
		if (hooks->look_always)
			now_ns = hooks->look(context);
	}
	phase->window_ns = now_ns - phase->begin_ns;
}

/* All of a phase. */
SOURCE_TEMPLATE void source_run(struct source *source, struct source_phase *phase,
				const struct source_hooks *hooks, void *context)
{
	source_enter(source, phase);
	if (source->job->start.rate > CONTROL_RATE_MAX)
		source_paced(source, hooks, context);
	else
		source_unlimited(source, hooks, context);
	phase->whole = source->job->state == JOB_RUNNING;
}

/* Warm-up, measured window and cool-down of a role whose sending is no more than that; *measured is what became of the window. */
SOURCE_TEMPLATE void source_work(struct source *source, struct source_phase *measured,
				 const struct source_hooks *hooks, void *context)
{
	struct job *job = source->job;
	struct source_phase warmup, cooldown;

	source_phase_warmup(job, &warmup);
	source_phase_measured(job, measured);
	source_phase_cooldown(job, &cooldown);
	source_run(source, &warmup, hooks, context);
	if (job->state == JOB_RUNNING)
		source_run(source, measured, hooks, context);
	if (cooldown.duration_ns && job->state == JOB_RUNNING)
		source_run(source, &cooldown, hooks, context);
}

#endif
