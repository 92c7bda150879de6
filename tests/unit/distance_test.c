/* SPDX-License-Identifier: Apache-2.0 */
/* How far processors are from each other: which are asked, what counts as a change, and a real round trip. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "testbed/host/line.h"
#include "trial/distance.h"

static void processors_are_those_that_pass_packets(void **state)
{
	int endpoint[] = { 3, 3, 5 }, switch_thread[] = { 3, 4 };
	struct placement placement = { .endpoint = endpoint, .endpoints = 3, .switch_thread = switch_thread,
				       .switch_threads = 2 };
	struct distance distance;

	distance_choose(&distance, &placement);
	assert_int_equal(distance.first, 3);
	assert_int_equal(distance.second, 4);
	placement.switch_threads = 0;
	distance_choose(&distance, &placement);
	assert_int_equal(distance.second, 5);
	placement.endpoints = 2;
	distance_choose(&distance, &placement);
	assert_int_equal(distance.second, -1);
	assert_true(json_is_null(distance_json(&distance)));
}

static void a_factor_of_two_is_a_change(void **state)
{
	struct distance distance = { .first = 0, .second = 1, .before_ns = 100, .after_ns = 140 };
	double usual_ns = 0;

	assert_false(distance_changed(&distance, &usual_ns));
	assert_true(usual_ns == 100);
	distance.after_ns = 201;
	assert_true(distance_changed(&distance, &usual_ns));
	distance.after_ns = distance.before_ns = 380; /* since the run's first trial */
	assert_true(distance_changed(&distance, &usual_ns));
	distance.after_ns = distance.before_ns = 0; /* what is not known is no change */
	assert_false(distance_changed(&distance, &usual_ns));
}

static void a_round_trip_takes_its_time(void **state)
{
	struct clock_scale clock;
	int first = -1, second = -1;
	cpu_set_t set;
	double ns = 0;

	clock_scale_monotonic(&clock);
	assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
	for (int i = 0; i < CPU_SETSIZE && second < 0; i++)
		if (CPU_ISSET(i, &set))
			*(first < 0 ? &first : &second) = i;
	if (second < 0)
		skip();
	for (int try = 0; try < 5 && ns == 0; try++)
		assert_int_equal(line_measure(first, second, &clock, &ns, NULL), 0);
	assert_true(ns > 10 && ns < 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(processors_are_those_that_pass_packets),
		cmocka_unit_test(a_factor_of_two_is_a_change),
		cmocka_unit_test(a_round_trip_takes_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
