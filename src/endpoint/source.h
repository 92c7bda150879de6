/* SPDX-License-Identifier: Apache-2.0 */
/* What sender and client share: packets of their own, phase by phase, in bursts, by a schedule or not. */
#ifndef LB_ENDPOINT_SOURCE_H
#define LB_ENDPOINT_SOURCE_H

#include "endpoint/generator.h"
#include "endpoint/inspector.h"
#include "endpoint/pacing.h"
#include "endpoint/trial.h"

/* Warm-up or measured window. */
struct source_phase {
	uint16_t test;
	uint64_t begin_ns, duration_ns;
	uint64_t give_up_ns;           /* latest end of a sender that cannot keep up with its schedule */
	uint64_t sequence;             /* of the next packet */
	uint64_t packets, refused;
	uint64_t first_ns, last_ns;    /* before the first and after the last hand-over */
	uint64_t late_max_ns;
	uint64_t window_ns;            /* true length */
};

struct source {
	struct trial *trial;
	struct io *io;
	struct io_packet *packets;
	struct generator generator;
	struct source_phase *phase;
	uint64_t unshared, share;      /* packets since the processor was given away; how many may be */
};

void source_begin(struct source *source, struct trial *trial);
void source_phase_warmup(const struct trial *trial, struct source_phase *phase);
void source_phase_measured(const struct trial *trial, struct source_phase *phase);
/* What follows belongs to this phase. */
void source_enter(struct source *source, struct source_phase *phase);

/*
 * Make a burst with this time stamp and hand it over; what the port refuses is offered again until it is
 * accepted, the trial is over, or give_up_ns has passed. Returns the time after the last hand-over.
 */
uint64_t source_burst(struct source *source, uint64_t stamp_ns, uint64_t give_up_ns);

/* A paced phase of so many bursts is over. */
void source_paced_end(struct source *source, uint64_t bursts, uint64_t now_ns);

/* The phase in the trial's result, and what the source itself is of each latency (tx_bias_ns). */
void source_report(struct source *source, const struct source_phase *phase);

/*
 * The bursts of a paced phase, each when it is due. wait(source, context, due_ns) returns the time once that
 * is due_ns or later or the trial is over; it is inlined. Every packet's stamp is the scheduled departure: a
 * sender that fell behind sends at once, and the delay is in the latency ("coordinated omission").
 */
static inline __attribute__((always_inline)) void
source_paced(struct source *source, uint64_t (*wait)(struct source *source, void *context, uint64_t due_ns),
	     void *context)
{
	const struct control_start *start = &source->trial->start;
	struct source_phase *phase = source->phase;
	uint64_t bursts = pacing_bursts(start->rate, start->burst, phase->duration_ns);
	uint64_t now_ns, sent = 0;
	struct pacing pacing;

	pacing_begin(&pacing, phase->begin_ns, start->rate, start->burst);
	for (; sent < bursts; sent++) {
		now_ns = wait(source, context, pacing.due_ns);
		if (source->trial->state != TRIAL_RUNNING || now_ns > phase->give_up_ns)
			break;
		if (now_ns - pacing.due_ns > phase->late_max_ns)
			phase->late_max_ns = now_ns - pacing.due_ns;
		if (!phase->first_ns)
			phase->first_ns = now_ns;
		source_burst(source, pacing.due_ns, phase->give_up_ns);
		pacing_next(&pacing);
	}
	now_ns = wait(source, context, phase->begin_ns + phase->duration_ns);
	source_paced_end(source, bursts, now_ns);
}

#endif
