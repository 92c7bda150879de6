/* SPDX-License-Identifier: Apache-2.0 */
/* The noise of real processors: one with a busy neighbour on it, and one that is left alone as far as may be. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "testbed/host/noise.h"

#define SPAN_NS UINT64_C(200000000)

static atomic_bool stop;
static struct clock_scale clock_scale;

static int pin(int processor)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((unsigned)processor, &set);
	return pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
}

static void *neighbour(void *context)
{
	const int *processor = context;

	if (pin(*processor))
		return NULL;
	while (!stop)
		continue;
	return NULL;
}

/* The first that this process may use. */
static int first_processor(void)
{
	cpu_set_t set;

	assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET((unsigned)i, &set))
			return i;
	fail();
	return -1;
}

static void assert_consistent(const struct noise *n)
{
	assert_true(n->span_ns >= SPAN_NS - 1); /* to the nearest tick */
	assert_true(n->threshold_ns >= 999 && n->threshold_ns >= 19 * n->loop_ns);
	assert_true(n->lost_ratio >= 0 && n->lost_ratio <= 1);
	assert_true(n->p50_ns <= n->p99_ns && n->p99_ns <= n->max_ns);
	/* The tick comes also to the quietest: a span of a fifth of a second has some. With nohz_full it may not. */
	if (n->gaps) {
		assert_true(n->max_ns + n->loop_ns >= n->threshold_ns);
		assert_true((double)n->max_ns <= n->lost_ratio * (double)n->span_ns * 1.01);
	} else {
		assert_true(n->lost_ratio == 0 && n->max_ns == 0);
	}
}

/* Two threads on one processor, of equal right: each has about the half of it, in slices of some ms. */
static void a_busy_neighbour_is_noise(void **state)
{
	int processor = first_processor();
	struct error err = { 0 };
	struct noise noise;
	pthread_t thread;
	int result;

	stop = false;
	assert_int_equal(pthread_create(&thread, NULL, neighbour, &processor), 0);
	result = noise_measure(&noise, &processor, 1, SPAN_NS, &clock_scale, NULL, &err);
	stop = true;
	pthread_join(thread, NULL);
	if (result)
		fail_msg("%s", err.cause);
	assert_consistent(&noise);
	assert_true(noise.lost_ratio > 0.2);
	assert_true(noise.gaps > 2);
	assert_in_range(noise.max_ns, 500000, SPAN_NS * 10);
}

/* Other tests may run beside this one: so the quietest of some is looked at. */
static void without_it_there_is_less(void **state)
{
	int processor = first_processor();
	double least = 1;

	for (int i = 0; i < 10 && least > 0.2; i++) {
		struct error err = { 0 };
		struct noise noise;

		if (noise_measure(&noise, &processor, 1, SPAN_NS, &clock_scale, NULL, &err))
			fail_msg("%s", err.cause);
		assert_consistent(&noise);
		least = noise.lost_ratio < least ? noise.lost_ratio : least;
	}
	if (least > 0.6)
		fail_msg("%.0f %% of the processor were taken at the best", least * 100);
}

static void the_kernels_clock_serves_as_well(void **state)
{
	int processor = first_processor();
	struct clock_scale scale;
	struct error err = { 0 };
	struct noise noise;

	clock_scale_monotonic(&scale);
	assert_int_equal(noise_measure(&noise, &processor, 1, SPAN_NS, &scale, NULL, &err), 0);
	assert_consistent(&noise);
	assert_true(noise.loop_ns < 100000);
}

static void all_processors_at_once(void **state)
{
	long count = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t began = clock_monotonic_ns();
	struct noise noise[64];
	int processors[64];
	struct error err = { 0 };
	unsigned used = 0;
	cpu_set_t set;
	json_t *json;

	assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
	for (int i = 0; i < CPU_SETSIZE && used < 64; i++)
		if (CPU_ISSET((unsigned)i, &set))
			processors[used++] = i;
	assert_true(used >= 1 && used <= count);
	assert_int_equal(noise_measure(noise, processors, used, SPAN_NS, &clock_scale, NULL, &err), 0);
	if (used > 1)
		assert_true(clock_monotonic_ns() - began < SPAN_NS * used + 5 * SPAN_NS);
	for (unsigned i = 0; i < used; i++) {
		assert_int_equal(noise[i].processor, processors[i]);
		assert_consistent(&noise[i]);
	}
	json = noise_json(noise, used);
	assert_int_equal(json_object_size(json), used);
	assert_int_equal(json_integer_value(json_object_get(json_object_iter_value(json_object_iter(json)), "gaps")),
			 noise[0].gaps);
	json_decref(json);
}

static void a_processor_that_is_not_there(void **state)
{
	int processors[] = { first_processor(), CPU_SETSIZE - 1 }, beyond = CPU_SETSIZE, negative = -1;
	struct error err = { 0 };
	struct noise noise[2];

	assert_int_equal(noise_measure(noise, processors, 2, SPAN_NS, &clock_scale, NULL, &err), -EINVAL);
	assert_non_null(strstr(err.cause, "processor 1023"));
	assert_int_equal(noise_measure(noise, &beyond, 1, SPAN_NS, &clock_scale, NULL, &err), -EINVAL);
	assert_int_equal(noise_measure(noise, &negative, 1, SPAN_NS, &clock_scale, NULL, &err), -EINVAL);
}

static void cancelled(void **state)
{
	volatile int cancel = 1;
	int processor = first_processor();
	uint64_t began = clock_monotonic_ns();
	struct error err = { 0 };
	struct noise noise;

	assert_int_equal(noise_measure(&noise, &processor, 1, UINT64_C(60000000000), &clock_scale, &cancel, &err), -EINTR);
	assert_true(clock_monotonic_ns() - began < UINT64_C(10000000000));
}

static int set_up(void **state)
{
	const char *why;

	clock_calibrate(&clock_scale, 20000000, &why);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_busy_neighbour_is_noise),
		cmocka_unit_test(without_it_there_is_less),
		cmocka_unit_test(the_kernels_clock_serves_as_well),
		cmocka_unit_test(all_processors_at_once),
		cmocka_unit_test(a_processor_that_is_not_there),
		cmocka_unit_test(cancelled),
	};

	return cmocka_run_group_tests_name("noise", tests, set_up, NULL);
}
