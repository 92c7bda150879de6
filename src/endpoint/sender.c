/* SPDX-License-Identifier: Apache-2.0 */
/* Sender: packets in one direction, paced or as fast as the port takes them. */
#include "endpoint/source.h"

static uint64_t sender_look(void *context)
{
	const struct source *source = context;

	return job_now(source->job);
}

static void sender_idle(void *context, uint64_t now_ns, uint64_t due_ns)
{
	const struct source *source = context;

	job_idle(source->job, now_ns, due_ns);
}

static void sender_refused(void *context, uint64_t now_ns)
{
	sender_idle(context, now_ns, UINT64_MAX);
}

static const struct source_hooks sender_hooks = { .look = sender_look, .idle = sender_idle,
	.refused = sender_refused };

void sender_run(struct job *job)
{
	struct source_phase measured;
	struct source source;

	source_begin(&source, job);
	source_work(&source, &measured, &sender_hooks, &source);
	source_report(&source, &measured);
}
