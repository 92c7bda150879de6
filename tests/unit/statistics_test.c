/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

#include "measure/statistics.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static void nothing_of_nothing(void **state)
{
	const double one[] = { 7 };

	assert_true(isnan(statistics_median(NULL, 0)));
	assert_true(isnan(statistics_mean(NULL, 0)));
	assert_true(isnan(statistics_min(NULL, 0)));
	assert_true(isnan(statistics_max(NULL, 0)));
	assert_true(isnan(statistics_stddev(NULL, 0)));
	assert_true(isnan(statistics_stddev(one, 1)));
}

static void median_of_odd_and_even(void **state)
{
	const double odd[] = { 9, -1, 5 }, even[] = { 4, 1, 3, 2 }, huge[] = { 0x1.8p1023, 0x1p1023 };

	assert_true(statistics_median(odd, N(odd)) == 5);
	assert_true(statistics_median(even, N(even)) == 2.5);
	assert_true(statistics_median(huge, N(huge)) == 0x1.4p1023);
	assert_true(odd[0] == 9 && odd[1] == -1 && odd[2] == 5); /* not sorted in place */
}

static void mean_and_extremes(void **state)
{
	const double x[] = { 2, 4, 4, 4, 5, 5, 7, 9 };

	assert_true(statistics_mean(x, N(x)) == 5);
	assert_true(statistics_min(x, N(x)) == 2);
	assert_true(statistics_max(x, N(x)) == 9);
}

/* NIST's NumAcc data sets have known values; this is the like of NumAcc3: mean 1000000.2, stddev 0.1. */
static void stddev_of_close_samples(void **state)
{
	const double x[] = { 2, 4, 4, 4, 5, 5, 7, 9 };
	double close[1001];

	assert_true(fabs(statistics_stddev(x, N(x)) - sqrt(32.0 / 7)) < 1e-15);
	close[0] = 1000000.2;
	for (unsigned i = 1; i < N(close); i++)
		close[i] = i % 2 ? 1000000.1 : 1000000.3;
	assert_true(fabs(statistics_mean(close, N(close)) - 1000000.2) < 1e-8);
	assert_true(fabs(statistics_stddev(close, N(close)) - 0.1) < 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_of_nothing),
		cmocka_unit_test(median_of_odd_and_even),
		cmocka_unit_test(mean_and_extremes),
		cmocka_unit_test(stddev_of_close_samples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
