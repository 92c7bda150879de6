/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

#include "measure/statistics.h"
#include "search_random.h"

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

/* Of another implementation: statistics.linear_regression, median and stdev of Python 3.11. */
static void golden_of_python(void **state)
{
	const double x[] = { 1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140,
			     995, 935, 1110, 994, 1020, 960, 1180, 799, 958, 1140 };

	assert_true(fabs(statistics_slope(x, N(x)) - -7.629323308270677) < 1e-12);
	assert_true(statistics_median(x, N(x)) == 1115);
	assert_true(fabs(statistics_stddev(x, N(x)) - 143.85565682308084) < 1e-10);
}

static void slope_of_lines(void **state)
{
	const double rising[] = { 3, 5, 7, 9 }, level[] = { 4, 4, 4 }, one[] = { 1 };

	assert_true(fabs(statistics_slope(rising, 4) - 2) < 1e-15);
	assert_true(statistics_slope(level, 3) == 0);
	assert_true(isnan(statistics_slope(one, 1)));
	assert_true(isnan(statistics_slope(NULL, 0)));
}

/*
 * k - 1 is the critical value of the two-sided sign test, as tabulated in textbooks (Conover; Siegel & Castellan;
 * Dixon & Massey, table of critical values for the sign test); 40 and 61 of 100 are Campbell & Gardner's ranks
 * (BMJ 296, 1988, "Calculating confidence intervals for some non-parametric analyses").
 */
static void ranks_of_the_tables(void **state)
{
	static const struct { size_t n, k95, k99; } table[] = {
		{ 1, 0, 0 }, { 5, 0, 0 }, { 6, 1, 0 }, { 7, 1, 0 }, { 8, 1, 1 }, { 9, 2, 1 }, { 10, 2, 1 },
		{ 11, 2, 1 }, { 12, 3, 2 }, { 15, 4, 3 }, { 20, 6, 4 }, { 25, 8, 6 }, { 30, 10, 8 },
		{ 35, 12, 10 }, { 40, 14, 12 }, { 45, 16, 14 }, { 50, 18, 16 }, { 100, 40, 37 },
	};
	double coverage;

	for (size_t i = 0; i < N(table); i++) {
		assert_int_equal(statistics_median_rank(table[i].n, 0.95, &coverage), table[i].k95);
		assert_int_equal(statistics_median_rank(table[i].n, 0.99, &coverage), table[i].k99);
	}
}

/* In whole numbers: 1 - 2 * sum of binomial coefficients / 2^n. */
static void coverage_is_exact(void **state)
{
	static const struct { size_t n; double coverage; } table[] = {
		{ 6, 62.0 / 64 }, { 8, 254.0 / 256 }, { 9, 492.0 / 512 }, { 10, 1002.0 / 1024 }, { 12, 3938.0 / 4096 },
		{ 20, 0.9586105346679688 }, { 100, 0.9647997997822951 }, { 2000, 0.9534471795182162 },
	};
	double coverage;

	for (size_t i = 0; i < N(table); i++) {
		assert_true(statistics_median_rank(table[i].n, 0.95, &coverage) > 0);
		assert_true(fabs(coverage - table[i].coverage) < 1e-9);
	}
	/* Exactly what is asked for is enough. */
	assert_int_equal(statistics_median_rank(6, 0.96875, &coverage), 1);
	assert_int_equal(statistics_median_rank(6, 0.96876, &coverage), 0);
	assert_true(coverage == 0);
}

static void interval_is_of_the_samples(void **state)
{
	const double x[] = { 9, 2, 7, 4, 1, 8, 3, 10, 6, 5 };
	struct interval interval;

	assert_true(statistics_median_interval(x, 10, 0.95, &interval));
	assert_true(interval.low == 2 && interval.high == 9);
	assert_true(x[0] == 9);
	assert_true(statistics_median_interval(x, 6, 0.95, &interval));
	assert_true(interval.low == 1 && interval.high == 9);
	assert_false(statistics_median_interval(x, 5, 0.95, &interval));
	assert_false(statistics_median_interval(NULL, 0, 0.95, &interval));
}

/* Seeded draws from skew, heavy-tailed and flat distributions: the true median is inside as often as promised. */
static void interval_covers_the_true_median(void **state)
{
	static const size_t sizes[] = { 6, 9, 10, 25 };
	const unsigned runs = 4000;
	struct search_random random = search_random(2026);
	double x[25], promised;

	for (size_t s = 0; s < N(sizes); s++) {
		unsigned covered[3] = { 0 };

		for (unsigned run = 0; run < 3 * runs; run++) {
			const double medians[] = { log(2), 0, 0.5 };
			struct interval interval;

			for (size_t i = 0; i < sizes[s]; i++) {
				double u = uniform(&random);

				x[i] = run % 3 == 0 ? -log(1 - u) : run % 3 == 1 ? tan(M_PI * (u - 0.5)) : u;
			}
			assert_true(statistics_median_interval(x, sizes[s], 0.95, &interval));
			covered[run % 3] += interval.low <= medians[run % 3] && medians[run % 3] <= interval.high;
		}
		statistics_median_rank(sizes[s], 0.95, &promised);
		for (unsigned d = 0; d < 3; d++) /* within four standard errors */
			assert_true(fabs(covered[d] / (double)runs - promised) < 4 * sqrt(promised * (1 - promised) / runs));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_of_nothing),
		cmocka_unit_test(median_of_odd_and_even),
		cmocka_unit_test(mean_and_extremes),
		cmocka_unit_test(stddev_of_close_samples),
		cmocka_unit_test(golden_of_python),
		cmocka_unit_test(slope_of_lines),
		cmocka_unit_test(ranks_of_the_tables),
		cmocka_unit_test(coverage_is_exact),
		cmocka_unit_test(interval_is_of_the_samples),
		cmocka_unit_test(interval_covers_the_true_median),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
