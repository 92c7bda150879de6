/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

#include "measure/steady.h"
#include "search_random.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static void few_samples_are_not_judged(void **state)
{
	const double x[] = { 100, 100, 100, 100, 100 }, none[] = { 0, 0, 0, 0, 0 };
	struct steady steady;

	assert_false(steady_judge(x, 0, 0, &steady));
	assert_false(steady_judge(x, 4, 0, &steady));
	assert_true(steady_judge(x, 5, 0, &steady));
	assert_false(steady_judge(none, 5, 0, &steady));
	/* 100 packets a second in bursts of 5 are 20 steps; of 6, they are fewer. */
	assert_true(steady_judge(x, 5, 5, &steady));
	assert_false(steady_judge(x, 5, 6, &steady));
}

static void a_level_rate_is_steady_from_the_first(void **state)
{
	double x[10];
	struct steady steady;

	for (size_t i = 0; i < N(x); i++)
		x[i] = 1e6;
	assert_true(steady_judge(x, N(x), 0, &steady));
	assert_true(steady.steady);
	assert_int_equal(steady.window, 5);
	assert_int_equal(steady.from, 1);
	assert_true(steady.drift_ratio == 0 && steady.deviation_ratio == 0);
}

/* Worked by hand: slope of {80, 90, 100, 110, 120} is 10, four steps of it are 40 of a mean of 100. */
static void drift_is_that_of_the_line(void **state)
{
	const double x[] = { 80, 90, 100, 110, 120 }, lone[] = { 100, 100, 130, 100, 100 };
	struct steady steady;

	assert_true(steady_judge(x, N(x), 0, &steady));
	assert_false(steady.steady);
	assert_true(fabs(steady.drift_ratio - 0.4) < 1e-12);
	assert_true(fabs(steady.deviation_ratio - sqrt(1000.0 / 4) / 100) < 1e-12);
	assert_int_equal(steady.from, 0);
	/* An outlier amid the window does not tilt the line; the deviation tells of it. */
	assert_true(steady_judge(lone, N(lone), 0, &steady));
	assert_true(steady.drift_ratio < 1e-12 && steady.deviation_ratio > STEADY_DEVIATION);
	assert_false(steady.steady);
	assert_int_equal(steady.from, 1);
}

static void a_rate_that_settles_tells_when(void **state)
{
	const double x[] = { 50, 80, 95, 100, 100, 100, 100, 100, 100, 100, 100, 100 };
	struct steady steady;

	assert_true(steady_judge(x, N(x), 0, &steady));
	assert_false(steady.steady);
	assert_int_equal(steady.window, 6);
	/* {95, 100, ...}: slope 5 * 2.5 / 17.5 = 0.714, five steps of it 3.6 %; {80, 95, ...}: 15.8 %. */
	assert_int_equal(steady.from, 3);
}

static void a_rate_that_breaks_at_the_end_is_steady_from_nowhere(void **state)
{
	const double x[] = { 100, 100, 100, 100, 100, 100, 100, 100, 100, 60 };
	struct steady steady;

	assert_true(steady_judge(x, N(x), 0, &steady));
	assert_false(steady.steady);
	assert_int_equal(steady.from, 0);
}

static void windows_grow_with_the_trial(void **state)
{
	double x[60];
	struct steady steady;

	for (size_t i = 0; i < N(x); i++)
		x[i] = 1000 - (double)i; /* 3 % in half a minute */
	assert_true(steady_judge(x, N(x), 0, &steady));
	assert_int_equal(steady.window, 30);
	assert_true(steady.steady);
	assert_true(steady.drift_ratio > 0.029 && steady.drift_ratio < 0.031);
}

/* Seeded: of rates that only scatter by 2 %, next to none is called unstable; of those that fall by a third, all. */
static void noise_is_told_from_drift(void **state)
{
	struct search_random random = search_random(11);
	unsigned noisy = 0, falling = 0;
	struct steady steady;
	double x[10], y[10];

	for (unsigned run = 0; run < 1000; run++) {
		for (size_t i = 0; i < N(x); i++) {
			double sum = 0;

			for (unsigned k = 0; k < 12; k++) /* near enough to a normal distribution */
				sum += uniform(&random);
			x[i] = 1e6 * (1 + 0.02 * (sum - 6));
			y[i] = x[i] * (1 - (double)i / 27);
		}
		noisy += steady_judge(x, N(x), 0, &steady) && !steady.steady;
		falling += steady_judge(y, N(y), 0, &steady) && !steady.steady;
	}
	print_message("# called unstable: %u of 1000 with noise, %u of 1000 that fall\n", noisy, falling);
	assert_in_range(noisy, 0, 10);
	assert_int_equal(falling, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_samples_are_not_judged),
		cmocka_unit_test(a_level_rate_is_steady_from_the_first),
		cmocka_unit_test(drift_is_that_of_the_line),
		cmocka_unit_test(a_rate_that_settles_tells_when),
		cmocka_unit_test(a_rate_that_breaks_at_the_end_is_steady_from_nowhere),
		cmocka_unit_test(windows_grow_with_the_trial),
		cmocka_unit_test(noise_is_told_from_drift),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
