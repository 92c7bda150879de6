/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "measure/bootstrap.h"
#include "search_random.h"

static double median(const struct bootstrap_group *groups, size_t count, const void *unused)
{
	return statistics_median(groups->samples, groups->n);
}

/* Nearest rank; *context = which of the sorted samples, from 1. */
static double ranked(const struct bootstrap_group *groups, size_t count, const void *context)
{
	double sorted[64];

	memcpy(sorted, groups->samples, groups->n * sizeof(*sorted));
	statistics_sort(sorted, groups->n);
	return sorted[*(const size_t *)context - 1];
}

/* P(X >= r) of X binomial with n and p. */
static double binomial_tail(size_t n, double p, size_t r)
{
	double sum = 0;

	for (size_t i = r; i <= n; i++)
		sum += exp(lgamma((double)n + 1) - lgamma((double)i + 1) - lgamma((double)(n - i) + 1) +
			   (double)i * log(p) + (p < 1 ? (double)(n - i) * log(1 - p) : i == n ? 0 : -INFINITY));
	return sum;
}

/*
 * The bootstrap distribution of an order statistic is known without resampling (Hutson & Ernst, JRSS B 62, 2000):
 * P(X*(r) <= x(k)) = P(Bin(n, k / n) >= r). The ends must be its quantiles, but for the resamples' own noise.
 */
static void ends_of_a_percentile_are_the_exact_ones(void **state)
{
	static const size_t cases[][2] = { { 20, 10 }, { 20, 18 }, { 40, 36 }, { 11, 6 } }; /* n, r */
	const double noise = 4 * sqrt(0.025 * 0.975 / BOOTSTRAP_RESAMPLES);
	double x[40];

	for (size_t i = 0; i < 40; i++)
		x[i] = (double)i + 1;
	for (size_t c = 0; c < 4; c++) {
		size_t n = cases[c][0], r = cases[c][1];
		struct bootstrap_group group = { x, n };
		struct interval interval;
		double low, high;

		assert_int_equal(bootstrap_interval(&group, 1, ranked, &r, 0.95, &interval), 0);
		assert_true(interval.coverage == 0.95);
		low = interval.low, high = interval.high;
		assert_true(binomial_tail(n, low / (double)n, r) >= 0.025 - noise);
		assert_true(low < 2 || binomial_tail(n, (low - 1) / (double)n, r) <= 0.025 + noise);
		assert_true(binomial_tail(n, high / (double)n, r) >= 0.975 - noise);
		assert_true(binomial_tail(n, (high - 1) / (double)n, r) <= 0.975 + noise);
	}
}

/* Of six samples and the mean of their middle two: every one of the 6^6 resamples. */
static void ends_of_a_median_are_those_of_all_resamples(void **state)
{
	const double x[] = { 1, 2, 4, 8, 16, 32 }, noise = 4 * sqrt(0.025 * 0.975 / BOOTSTRAP_RESAMPLES);
	struct bootstrap_group group = { x, 6 };
	unsigned low[2] = { 0 }, high[2] = { 0 };
	const double all = 46656;
	struct interval interval;
	double drawn[6];

	assert_int_equal(bootstrap_interval(&group, 1, median, NULL, 0.95, &interval), 0);
	for (unsigned i = 0; i < 46656; i++) {
		unsigned rest = i;
		double m;

		for (size_t d = 0; d < 6; d++, rest /= 6)
			drawn[d] = x[rest % 6];
		m = statistics_median(drawn, 6);
		low[0] += m < interval.low, low[1] += m <= interval.low;
		high[0] += m < interval.high, high[1] += m <= interval.high;
	}
	assert_true(low[0] / all <= 0.025 + noise && low[1] / all >= 0.025 - noise);
	assert_true(high[0] / all <= 0.975 + noise && high[1] / all >= 0.975 - noise);
}

static void the_same_samples_give_the_same_bytes(void **state)
{
	const double a[] = { 101.2, 98.7, 103.9, 97.4, 100.8, 104.4, 99.9 }, b[] = { 91, 88.2, 94.7, 90.3, 86.5, 92.8 };
	const struct bootstrap_group groups[] = { { a, 7 }, { b, 6 } };
	struct interval first, second;

	assert_int_equal(bootstrap_interval(groups, 2, bootstrap_median_ratio, NULL, 0.95, &first), 0);
	assert_int_equal(bootstrap_interval(groups, 2, bootstrap_median_ratio, NULL, 0.95, &second), 0);
	assert_memory_equal(&first, &second, sizeof(first));
	assert_true(first.low <= 100.8 / 90.65 && 100.8 / 90.65 <= first.high);
	assert_true(first.low >= 97.4 / 94.7 && first.high <= 104.4 / 86.5);
}

static void too_few_too_many_and_no_number(void **state)
{
	static double many[BOOTSTRAP_MOST + 1];
	const double x[] = { 1, 2, 3, 4, 5, 6 }, zero[] = { 0, 0, 0, 0, 0, 0 };
	struct bootstrap_group groups[] = { { x, 5 }, { x, 6 } };
	struct interval interval;

	assert_int_equal(bootstrap_interval(groups, 2, bootstrap_median_ratio, NULL, 0.95, &interval), -ERANGE);
	groups[0] = (struct bootstrap_group){ many, BOOTSTRAP_MOST + 1 };
	assert_int_equal(bootstrap_interval(groups, 2, bootstrap_median_ratio, NULL, 0.95, &interval), -ERANGE);
	groups[0] = (struct bootstrap_group){ x, 6 };
	groups[1] = (struct bootstrap_group){ zero, 6 };
	assert_int_equal(bootstrap_interval(groups, 2, bootstrap_median_ratio, NULL, 0.95, &interval), -EDOM);
	assert_int_equal(bootstrap_interval(groups, 2, bootstrap_median_ratio, NULL, 1, &interval), -ERANGE);
}

static double normal(struct search_random *random)
{
	return sqrt(-2 * log(1 - uniform(random))) * cos(2 * M_PI * uniform(random));
}

/* Two tests with ten skew trials each: the true ratio of medians is inside in about 95 of 100 runs. */
static void ratio_covers_the_true_one(void **state)
{
	struct search_random random = search_random(7);
	double x[2][10];
	const struct bootstrap_group groups[] = { { x[0], 10 }, { x[1], 10 } };
	unsigned covered = 0;

	for (unsigned run = 0; run < 300; run++) {
		struct interval interval;

		for (size_t i = 0; i < 10; i++) {
			x[0][i] = 1.2e6 * exp(0.05 * normal(&random));
			x[1][i] = 1.0e6 * exp(0.10 * normal(&random));
		}
		assert_int_equal(bootstrap_interval(groups, 2, bootstrap_median_ratio, NULL, 0.95, &interval), 0);
		covered += interval.low <= 1.2 && 1.2 <= interval.high;
	}
	print_message("# covered in %u of 300 runs\n", covered);
	assert_in_range(covered, 274, 298); /* 0.95 * 300 = 285; three standard errors are 11 */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_of_a_percentile_are_the_exact_ones),
		cmocka_unit_test(ends_of_a_median_are_those_of_all_resamples),
		cmocka_unit_test(the_same_samples_give_the_same_bytes),
		cmocka_unit_test(too_few_too_many_and_no_number),
		cmocka_unit_test(ratio_covers_the_true_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
