/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "measure/histogram.h"

static struct histogram h, other;

/* Deterministic, and of every magnitude: a random number of low bits of a random word. */
static uint64_t random_value(uint64_t *seed)
{
	uint64_t x = (*seed += UINT64_C(0x9e3779b97f4a7c15));

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x ^= x >> 27;
	return (x >> 6) % (HISTOGRAM_MAX + 1) >> (x % 37);
}

static void starts_empty(void **state)
{
	histogram_reset(&h);
	assert_int_equal(h.count, 0);
	assert_int_equal(h.max, 0);
	assert_true(h.min == UINT64_MAX);
	assert_true(isnan(histogram_mean(&h)));
	assert_true(isnan(histogram_deviation(&h)));
	assert_int_equal(histogram_percentile(&h, 50), 0);
}

/* Exact where buckets are; else within the bound, for narrow and wide spreads, and in fact much closer for wide ones. */
static void deviation_is_right(void **state)
{
	static const uint64_t small[] = { 2, 4, 4, 4, 5, 5, 7, 9 };

	histogram_reset(&h);
	for (unsigned i = 0; i < 8; i++)
		histogram_record(&h, small[i]);
	assert_true(fabs(histogram_deviation(&h) - 2) < 1e-12);
	for (double width = 100; width < 1e8; width *= 10) {
		double sum = 0, squares = 0, mean, deviation, bound;

		histogram_reset(&h);
		for (unsigned i = 0; i < 20000; i++) {
			uint64_t value = 20000 + (uint64_t)(width * (double)(i * 2654435761u % 1000) / 1000);

			histogram_record(&h, value);
			sum += (double)value;
			squares += (double)value * (double)value;
		}
		mean = sum / 20000;
		deviation = sqrt(squares / 20000 - mean * mean);
		bound = sqrt(squares / 20000) / (1 << (HISTOGRAM_BITS + 1));
		assert_true(fabs(histogram_deviation(&h) - deviation) <= bound);
		if (width >= 10000)
			assert_true(fabs(histogram_deviation(&h) / deviation - 1) < 0.002);
	}
	histogram_reset(&h);
	histogram_record(&h, 1000003);
	assert_true(histogram_deviation(&h) == 0);
}

static void buckets_cover_the_range_without_gap_or_overlap(void **state)
{
	uint64_t next = 0;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		assert_int_equal(histogram_bucket_low(i), next);
		assert_int_equal(histogram_index(histogram_bucket_low(i)), i);
		assert_int_equal(histogram_index(histogram_bucket_high(i)), i);
		assert_true(histogram_bucket_high(i) >= next);
		next = histogram_bucket_high(i) + 1;
	}
	assert_true(next == HISTOGRAM_MAX + 1);
	assert_int_equal(histogram_index(next), HISTOGRAM_BUCKETS - 1);
	assert_int_equal(histogram_index(UINT64_MAX), HISTOGRAM_BUCKETS - 1);
}

/* The value in the middle of three, so that neither min nor max corrects it, at the edges of each bucket. */
static void error_is_bounded_over_the_whole_range(void **state)
{
	const double bound = 1.0 / (1 << (HISTOGRAM_BITS + 1));
	double worst = 0;

	for (unsigned i = 1; i < HISTOGRAM_BUCKETS; i++) {
		for (unsigned edge = 0; edge < 2; edge++) {
			uint64_t value = edge ? histogram_bucket_high(i) : histogram_bucket_low(i);
			double error;

			histogram_reset(&h);
			histogram_record(&h, 0);
			histogram_record(&h, value);
			histogram_record(&h, UINT64_MAX);
			error = fabs((double)histogram_percentile(&h, 50) - (double)value) / (double)value;
			if (value < 1u << (HISTOGRAM_BITS + 1))
				assert_true(error == 0);
			if (error > worst)
				worst = error;
		}
	}
	assert_true(worst <= bound);
	assert_true(worst > bound / 2); /* the test does see errors */
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Against the sorted samples, ranks in integers: percent in thousandths. */
static void percentiles_are_those_of_the_sorted_samples(void **state)
{
	static uint64_t values[20000];
	static const uint64_t sizes[] = { 1, 2, 3, 10, 99, 100, 101, 999, 1000, 1001, 19999, 20000 };
	uint64_t seed = 1;

	for (unsigned s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		uint64_t n = sizes[s];

		histogram_reset(&h);
		for (uint64_t i = 0; i < n; i++) {
			values[i] = random_value(&seed);
			histogram_record(&h, values[i]);
		}
		qsort(values, n, sizeof(values[0]), compare);
		for (uint64_t milli = 0; milli <= 100000; milli += milli % 1000 == 999 ? 1 : 37) {
			uint64_t rank = (milli * n + 99999) / 100000;
			uint64_t wanted = values[rank ? rank - 1 : 0];
			uint64_t found = histogram_percentile(&h, (double)milli / 1000);

			if (histogram_index(found) != histogram_index(wanted))
				fail_msg("p%g of %u: %llu, not %llu", (double)milli / 1000, (unsigned)n,
					 (unsigned long long)found, (unsigned long long)wanted);
		}
		assert_int_equal(h.min, values[0]);
		assert_int_equal(h.max, values[n - 1]);
	}
}

/* 99.9 is a little more than 999 / 10 in binary: the rank must be 999 of 1000 all the same. */
static void a_percentage_is_decimal(void **state)
{
	histogram_reset(&h);
	for (unsigned i = 0; i < 999; i++)
		histogram_record(&h, 10);
	histogram_record(&h, 60);
	assert_int_equal(histogram_percentile(&h, 99.9), 10);
	assert_int_equal(histogram_percentile(&h, 99.91), 60);
	for (unsigned i = 1000; i < 10000; i++)
		histogram_record(&h, 10);
	assert_int_equal(histogram_percentile(&h, 99.99), 10);
	assert_int_equal(histogram_percentile(&h, 100), 60);
}

static void a_percentile_stays_between_min_and_max(void **state)
{
	histogram_reset(&h);
	histogram_record(&h, 1000003);
	assert_int_equal(histogram_percentile(&h, 0), 1000003);
	assert_int_equal(histogram_percentile(&h, 50), 1000003);
	assert_int_equal(histogram_percentile(&h, 100), 1000003);
	histogram_record(&h, HISTOGRAM_MAX * 4);
	assert_int_equal(h.max, HISTOGRAM_MAX * 4);
	assert_true(histogram_percentile(&h, 100) <= h.max);
	assert_true(histogram_percentile(&h, -5) == histogram_percentile(&h, 0));
	assert_true(histogram_percentile(&h, 500) == histogram_percentile(&h, 100));
}

static void merged_is_as_if_recorded_in_one(void **state)
{
	static struct histogram all;
	uint64_t seed = 2;

	histogram_reset(&all);
	histogram_reset(&h);
	histogram_reset(&other);
	histogram_merge(&h, &other);
	assert_true(h.min == UINT64_MAX);
	for (unsigned i = 0; i < 5000; i++) {
		uint64_t value = random_value(&seed) >> 20; /* sums of these are exact */

		histogram_record(&all, value);
		histogram_record(i % 3 ? &h : &other, value);
	}
	histogram_merge(&h, &other);
	assert_memory_equal(&h, &all, sizeof(h));
	assert_true(histogram_mean(&h) == all.sum / 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_empty),
		cmocka_unit_test(deviation_is_right),
		cmocka_unit_test(buckets_cover_the_range_without_gap_or_overlap),
		cmocka_unit_test(error_is_bounded_over_the_whole_range),
		cmocka_unit_test(percentiles_are_those_of_the_sorted_samples),
		cmocka_unit_test(a_percentage_is_decimal),
		cmocka_unit_test(a_percentile_stays_between_min_and_max),
		cmocka_unit_test(merged_is_as_if_recorded_in_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
