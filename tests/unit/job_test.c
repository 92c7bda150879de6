/* SPDX-License-Identifier: Apache-2.0 */
/* The times of a job, on an invented clock. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <unistd.h>

#include "endpoint/source.h"

#define MS UINT64_C(1000000)
#define BEGIN (1000 * MS)

struct bench {
	int to[2];
	struct io io;
	struct endpoint endpoint;
	struct job job;
};

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	*state = b;
	if (!b || pipe(b->to) || channel_open(&b->endpoint.channel, b->to[0], -1, NULL))
		return -1;
	b->endpoint.config.port_count = 1;
	b->endpoint.ports[0].io = &b->io;
	b->job = (struct job){ .endpoint = &b->endpoint, .tx = &b->endpoint.ports[0],
		.rx = &b->endpoint.ports[0], .result = &b->endpoint.result,
		.begin_ns = BEGIN, .end_ns = BEGIN + 500 * MS, .announce_ns = UINT64_MAX };
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	channel_close(&b->endpoint.channel);
	close(b->to[0]);
	close(b->to[1]);
	free(b);
	return 0;
}

/* From the window's begin on the loop comes by at these distances. `switched`: another thread has run each time. */
static void come_by(struct bench *b, uint32_t burst, bool switched, const uint64_t *gap_ns, unsigned n)
{
	struct rusage before, after;

	b->job.start.burst = burst;
	do { /* until it is true that no other has */
		uint64_t now_ns = BEGIN;

		b->endpoint.result = (struct control_result){ 0 };
		b->job.look_ns = 0;
		getrusage(RUSAGE_THREAD, &before);
		job_look(&b->job, now_ns);
		b->endpoint.result = (struct control_result){ 0 };
		for (unsigned i = 0; i < n; i++) {
			now_ns += gap_ns[i];
			b->job.looked.ru_nivcsw -= switched;
			job_attend(&b->job, now_ns);
		}
		getrusage(RUSAGE_THREAD, &after);
	} while (after.ru_nivcsw != before.ru_nivcsw);
}

static void a_stop_is_a_stall(void **state)
{
	const uint64_t gaps[] = { MS / 10, MS, 40 * MS, MS / 2, 6 * MS };
	struct bench *b = *state;

	come_by(b, 32, false, gaps, 5);
	/* The look was due within a millisecond of the last one. */
	assert_in_range(b->endpoint.result.stall_max_ns, 39 * MS, 40 * MS);
	assert_in_range(b->endpoint.result.stalled_ns, 44 * MS, 46 * MS);
}

static void a_large_burst_is_no_stall(void **state)
{
	const uint64_t gaps[] = { 2 * MS, 5 * MS / 2, 5 * MS / 2, 3 * MS, 5 * MS / 2 };
	struct bench *b = *state;

	come_by(b, 1024, false, gaps, 5);
	assert_int_equal(b->endpoint.result.stalled_ns, 0);
	/* Here each look is 1 to 2 ms late because another thread had the processor. */
	come_by(b, 1024, true, gaps, 5);
	assert_in_range(b->endpoint.result.stalled_ns, 15 * MS / 2 - MS / 5, 15 * MS / 2);
}

static void a_stop_in_a_large_burst_is_one(void **state)
{
	const uint64_t gaps[] = { 2 * MS, 12 * MS };
	struct bench *b = *state;

	come_by(b, 1024, false, gaps, 2);
	assert_int_equal(b->endpoint.result.stalled_ns, 11 * MS);
}

static uint64_t window(struct bench *b, uint64_t bursts, uint64_t packets, uint64_t last_ns, uint64_t now_ns)
{
	struct source_phase phase = { .begin_ns = BEGIN, .packets = packets, .last_ns = last_ns };
	struct source source = { .job = &b->job, .phase = &phase };

	b->job.start.burst = 10;
	b->job.start.rate = 100;
	source_paced_end(&source, bursts, now_ns);
	return phase.window_ns;
}

static void a_paced_window_is_its_intervals(void **state)
{
	struct bench *b = *state;

	assert_int_equal(window(b, 5, 50, BEGIN + 401 * MS, BEGIN + 500 * MS), 500 * MS);
	/* A last burst that comes after the end makes it longer. */
	assert_int_equal(window(b, 5, 50, BEGIN + 507 * MS, BEGIN + 508 * MS), 507 * MS);
}

static void a_window_in_which_a_burst_was_refused_is_not_shortened(void **state)
{
	struct bench *b = *state;

	/* All bursts were tried, the port took nothing of the last, or a part. */
	assert_int_equal(window(b, 5, 40, BEGIN + 301 * MS, BEGIN + 600 * MS), 600 * MS);
	assert_int_equal(window(b, 5, 43, BEGIN + 401 * MS, BEGIN + 600 * MS), 600 * MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_stop_is_a_stall, setup, teardown),
		cmocka_unit_test_setup_teardown(a_large_burst_is_no_stall, setup, teardown),
		cmocka_unit_test_setup_teardown(a_stop_in_a_large_burst_is_one, setup, teardown),
		cmocka_unit_test_setup_teardown(a_paced_window_is_its_intervals, setup, teardown),
		cmocka_unit_test_setup_teardown(a_window_in_which_a_burst_was_refused_is_not_shortened, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
