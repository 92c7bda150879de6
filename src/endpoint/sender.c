/* SPDX-License-Identifier: Apache-2.0 */
/* Sender: packets in one direction, paced or as fast as the port takes them. */
#include "endpoint/source.h"

static uint64_t sender_wait(struct source *source, void *context, uint64_t due_ns)
{
	struct trial *trial = source->trial;

	for (;;) {
		uint64_t now_ns = trial_now(trial);

		if (trial_attend(trial, now_ns) != TRIAL_RUNNING || now_ns >= due_ns)
			return now_ns;
		trial_idle(trial, now_ns, due_ns);
	}
}

static void sender_unlimited(struct source *source)
{
	struct source_phase *phase = source->phase;
	struct trial *trial = source->trial;
	uint64_t end_ns = phase->begin_ns + phase->duration_ns;
	uint64_t now_ns = sender_wait(source, NULL, phase->begin_ns);

	phase->first_ns = now_ns;
	while (now_ns < end_ns && trial_attend(trial, now_ns) == TRIAL_RUNNING)
		now_ns = source_burst(source, now_ns, end_ns);
	phase->window_ns = now_ns - phase->first_ns;
}

static void sender_phase(struct source *source, struct source_phase *phase)
{
	source_enter(source, phase);
	if (source->trial->start.rate > CONTROL_RATE_MAX)
		source_paced(source, sender_wait, NULL);
	else
		sender_unlimited(source);
}

void sender_run(struct trial *trial)
{
	struct source_phase warmup, measured;
	struct source source;

	source_begin(&source, trial);
	source_phase_warmup(trial, &warmup);
	source_phase_measured(trial, &measured);
	sender_phase(&source, &warmup);
	if (trial->state == TRIAL_RUNNING)
		sender_phase(&source, &measured);
	source_report(&source, &measured);
}
