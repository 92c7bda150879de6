/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/host/noise.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "measure/histogram.h"

#define LOOKS_FIRST 2000       /* for the loop's own time */
#define THRESHOLD_NS 1000
#define THRESHOLD_LOOPS 20
#define CANCEL_LOOKS 4096      /* between looks at *cancel */

/* What the threads of one measurement share. */
struct measurement {
	uint64_t span_ns;
	const struct clock_scale *clock;
	const volatile int *cancel;
	pthread_mutex_t gate; /* held until all threads are there: making one disturbs those that measure */
	bool failed;          /* one could not be made: the others end at once */
};

struct listener {
	struct measurement *measurement;
	struct noise *noise;
	struct histogram gaps;
	pthread_t thread;
};

/* The shortest of many: what is interrupted is longer. */
static uint64_t loop_measure(const struct clock_scale *clock)
{
	uint64_t shortest = UINT64_MAX, before = clock_ticks(clock);

	for (int i = 0; i < LOOKS_FIRST; i++) {
		uint64_t now = clock_ticks(clock);

		shortest = now - before < shortest ? now - before : shortest;
		before = now;
	}
	return shortest;
}

/* Within the loop all is in ticks: a multiplication less. To the nearest. */
static uint64_t ticks_to_ns(const struct clock_scale *clock, uint64_t ticks)
{
	return (uint64_t)((double)ticks * 1e9 / clock->hz + 0.5);
}

static uint64_t ns_to_ticks(const struct clock_scale *clock, uint64_t ns)
{
	return (uint64_t)((double)ns * clock->hz / 1e9 + 0.5);
}

static void listener_conclude(struct listener *l, uint64_t loop, uint64_t lost, uint64_t elapsed)
{
	const struct clock_scale *clock = l->measurement->clock;
	struct noise *noise = l->noise;

	noise->loop_ns = ticks_to_ns(clock, loop);
	noise->span_ns = ticks_to_ns(clock, elapsed);
	noise->gaps = l->gaps.count;
	noise->lost_ratio = elapsed ? (double)lost / (double)elapsed : 0;
	noise->p50_ns = histogram_percentile(&l->gaps, 50);
	noise->p99_ns = histogram_percentile(&l->gaps, 99);
	noise->max_ns = l->gaps.max;
}

static void listener_listen(struct listener *l)
{
	const struct measurement *m = l->measurement;
	uint64_t loop = loop_measure(m->clock), threshold = ns_to_ticks(m->clock, THRESHOLD_NS);
	uint64_t begin = clock_ticks(m->clock), end = begin + ns_to_ticks(m->clock, m->span_ns);
	uint64_t before = begin, now = begin, lost = 0;

	threshold = threshold > THRESHOLD_LOOPS * loop ? threshold : THRESHOLD_LOOPS * loop;
	l->noise->threshold_ns = ticks_to_ns(m->clock, threshold);
	for (unsigned looks = 1; now < end; looks++) {
		now = clock_ticks(m->clock);
		if (now - before > threshold) {
			histogram_record(&l->gaps, ticks_to_ns(m->clock, now - before - loop));
			lost += now - before - loop;
			/* Recording took time of its own, which is no interruption. */
			now = clock_ticks(m->clock);
		}
		before = now;
		if (looks % CANCEL_LOOKS == 0 && m->cancel && *m->cancel)
			break;
	}
	listener_conclude(l, loop, lost, now - begin);
}

static void *listener_run(void *context)
{
	struct listener *l = context;

	pthread_mutex_lock(&l->measurement->gate);
	pthread_mutex_unlock(&l->measurement->gate);
	if (!l->measurement->failed)
		listener_listen(l);
	return NULL;
}

static int listener_start(struct listener *l, struct error *err)
{
	int processor = l->noise->processor, code = EINVAL;
	pthread_attr_t attributes;
	cpu_set_t set;

	CPU_ZERO(&set);
	histogram_reset(&l->gaps);
	pthread_attr_init(&attributes);
	if (processor >= 0 && processor < CPU_SETSIZE) {
		CPU_SET((unsigned)processor, &set);
		code = pthread_attr_setaffinity_np(&attributes, sizeof(set), &set);
	}
	if (!code)
		code = pthread_create(&l->thread, &attributes, listener_run, l);
	pthread_attr_destroy(&attributes);
	return code ? error_errno(err, code, NULL, "cannot measure the noise of processor %d", processor) : 0;
}

int noise_measure(struct noise *noise, const int *processors, unsigned count, uint64_t span_ns,
		  const struct clock_scale *clock, const volatile int *cancel, struct error *err)
{
	struct measurement m = { .span_ns = span_ns, .clock = clock, .cancel = cancel,
				 .gate = PTHREAD_MUTEX_INITIALIZER };
	struct listener *listeners = calloc(count + 1, sizeof(*listeners));
	unsigned started = 0;
	int result = 0;

	if (!listeners)
		return error_errno(err, ENOMEM, NULL, "cannot measure the noise of the processors");
	pthread_mutex_lock(&m.gate);
	for (; started < count && !result; started += !result) {
		noise[started] = (struct noise){ .processor = processors[started] };
		listeners[started] = (struct listener){ .measurement = &m, .noise = &noise[started] };
		result = listener_start(&listeners[started], err);
	}
	m.failed = result;
	pthread_mutex_unlock(&m.gate);
	for (unsigned i = 0; i < started; i++)
		pthread_join(listeners[i].thread, NULL);
	free(listeners);
	if (!result && cancel && *cancel)
		result = error_set(err, EINTR, NULL, "interrupted");
	return result;
}

json_t *noise_json(const struct noise *noise, unsigned count)
{
	json_t *processors = json_object();

	for (unsigned i = 0; i < count; i++) {
		const struct noise *n = &noise[i];
		double span_s = (double)n->span_ns / 1e9;
		char key[16];

		snprintf(key, sizeof(key), "%d", n->processor);
		json_object_set_new(processors, key, json_pack("{s:f, s:I, s:I, s:I, s:f, s:f, s:I, s:I, s:I}",
				    "span_s", span_s, "loop_ns", (json_int_t)n->loop_ns,
				    "threshold_ns", (json_int_t)n->threshold_ns, "gaps", (json_int_t)n->gaps,
				    "gaps_per_s", span_s > 0 ? (double)n->gaps / span_s : 0,
				    "lost_ratio", n->lost_ratio, "p50_ns", (json_int_t)n->p50_ns,
				    "p99_ns", (json_int_t)n->p99_ns, "max_ns", (json_int_t)n->max_ns));
	}
	return processors;
}
