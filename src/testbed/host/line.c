/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/host/line.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "measure/statistics.h"

#define ROUNDS 600
#define WARM_ROUNDS 100      /* until both threads run, and caches and predictors know them */
#define PATIENCE_NS 20000000 /* for a thread whose processor is somebody else's just now */
#define LOOKS 256            /* between two looks at the clock */

struct line {
	_Alignas(128) atomic_uint turn; /* alone on its line, and on the one that is fetched with it */
	_Alignas(128) const struct clock_scale *clock;
	uint64_t end_ns;                /* CLOCK_MONOTONIC or the like: of clock_now_ns */
	bool complete;
	double took_ns[ROUNDS];
};

/* Until it is our turn. False: the time is over. */
static bool line_await(struct line *line, unsigned turn)
{
	for (unsigned looks = 1; atomic_load_explicit(&line->turn, memory_order_acquire) != turn; looks++)
		if (looks % LOOKS == 0 && clock_now_ns(line->clock) > line->end_ns)
			return false;
	return true;
}

static void *line_throw(void *context)
{
	struct line *line = context;

	for (unsigned round = 0; round < WARM_ROUNDS + ROUNDS; round++) {
		uint64_t begin_ns = clock_now_ns(line->clock);

		atomic_store_explicit(&line->turn, 2 * round + 1, memory_order_release);
		if (!line_await(line, 2 * round + 2))
			return NULL;
		if (round >= WARM_ROUNDS)
			line->took_ns[round - WARM_ROUNDS] = (double)(clock_now_ns(line->clock) - begin_ns);
	}
	line->complete = true;
	return NULL;
}

static void *line_return(void *context)
{
	struct line *line = context;

	for (unsigned round = 0; round < WARM_ROUNDS + ROUNDS && line_await(line, 2 * round + 1); round++)
		atomic_store_explicit(&line->turn, 2 * round + 2, memory_order_release);
	return NULL;
}

static int line_start(pthread_t *thread, int processor, void *(*run)(void *), struct line *line)
{
	pthread_attr_t attributes;
	cpu_set_t set;
	int code;

	CPU_ZERO(&set);
	CPU_SET((unsigned)processor, &set);
	pthread_attr_init(&attributes);
	code = pthread_attr_setaffinity_np(&attributes, sizeof(set), &set);
	code = code ? code : pthread_create(thread, &attributes, run, line);
	pthread_attr_destroy(&attributes);
	return code;
}

int line_measure(int first, int second, const struct clock_scale *clock, double *round_trip_ns, struct error *err)
{
	struct line *line = aligned_alloc(128, sizeof(*line));
	pthread_t threads[2];
	int code;

	*round_trip_ns = 0;
	if (!line)
		return error_errno(err, ENOMEM, NULL, "cannot measure a cache line's round trip");
	atomic_init(&line->turn, 0);
	line->clock = clock;
	line->end_ns = clock_now_ns(clock) + PATIENCE_NS;
	line->complete = false;
	code = line_start(&threads[0], second, line_return, line);
	if (!code) {
		code = line_start(&threads[1], first, line_throw, line);
		if (!code)
			pthread_join(threads[1], NULL);
		pthread_join(threads[0], NULL);
	}
	if (!code && line->complete)
		*round_trip_ns = statistics_median(line->took_ns, ROUNDS);
	free(line);
	return code ? error_errno(err, code, NULL, "cannot measure a cache line's round trip between the processors %d "
				  "and %d", first, second) : 0;
}
