/* SPDX-License-Identifier: Apache-2.0 */
/* The rank test against tables and against counting all ways; adjusted p values against a published example. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/hypothesis.h"

static double above; /* of the last test */

#define near(value, expected, tolerance) assert_true(fabs((value) - (expected)) <= (tolerance))

static void complete_separation_has_the_least_p(void **state)
{
	const double low[] = { 1, 2, 3, 4, 5, 6, 7, 8 }, high[] = { 11, 12, 13, 14, 15, 16, 17, 18 };
	static const struct { size_t m, n; double p; } known[] = { /* 2 / C(m + n, m) */
		{ 1, 1, 1 }, { 2, 2, 2.0 / 6 }, { 3, 3, 2.0 / 20 }, { 4, 4, 2.0 / 70 }, { 5, 5, 2.0 / 252 },
		{ 8, 8, 2.0 / 12870 }, { 2, 8, 2.0 / 45 }, { 3, 5, 2.0 / 56 },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		near(rank_test(low, known[i].m, high, known[i].n, &above), known[i].p, 1e-12);
		assert_true(above == 0);
		near(rank_test(high, known[i].n, low, known[i].m, &above), known[i].p, 1e-12);
		assert_true(above == 1);
		near(rank_test_least(known[i].m, known[i].n), known[i].p, 1e-12);
	}
	assert_true(isnan(rank_test(low, 0, high, 3, &above)));
	assert_true(rank_test_least(0, 3) == 1);
}

/* Values of R's wilcox.test(a, b, exact = TRUE), without ties, and scipy's permutation_test with them. */
static void known_values(void **state)
{
	const double a[] = { 0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46 };
	/* Hollander & Wolfe 1973, p. 69: two-sided 0.2544 */
	const double b[] = { 1.15, 0.88, 0.90, 0.74, 1.21 };
	const double same[] = { 7, 7, 7, 7, 7, 7 };

	near(rank_test(a, 10, b, 5, &above), 0.254412, 1e-6);
	near(above, 35.0 / 50, 1e-12); /* W = 35 of 50 pairs */
	near(rank_test(same, 6, same, 6, &above), 1, 1e-12);
	assert_true(above == 0.5);
}

/* Every way to deal 4 of 9 ranks, with ties, one by one. */
static void ties_are_exact(void **state)
{
	const double all[] = { 1, 2, 2, 3, 3, 3, 4, 5, 5 }; /* midranks 1, 2.5, 2.5, 5, 5, 5, 7, 8.5, 8.5 */
	const double rank[] = { 1, 2.5, 2.5, 5, 5, 5, 7, 8.5, 8.5 };

	for (unsigned chosen = 0; chosen < 512; chosen++) {
		double a[9], b[9], sum = 0, ways = 0, far = 0;
		size_t m = 0, n = 0;

		if (__builtin_popcount(chosen) != 4)
			continue;
		for (unsigned i = 0; i < 9; i++) {
			if (chosen >> i & 1) {
				a[m++] = all[i];
				sum += rank[i];
			} else {
				b[n++] = all[i];
			}
		}
		for (unsigned other = 0; other < 512; other++) {
			double s = 0;

			if (__builtin_popcount(other) != 4)
				continue;
			for (unsigned i = 0; i < 9; i++)
				s += other >> i & 1 ? rank[i] : 0;
			ways++;
			far += fabs(s - 20) >= fabs(sum - 20);
		}
		near(rank_test(a, 4, b, 5, &above), far / ways, 1e-12);
	}
}

/* Where exact ends and the normal approximation begins; exact values counted by another program. */
static void approximation_joins(void **state)
{
	double a[40], b[40];

	for (size_t i = 0; i < 40; i++) {
		a[i] = (double)i;
		b[i] = (double)i + 8.5;
	}
	near(rank_test(a, 30, b, 30, &above), 0.00097476, 1e-8);
	near(rank_test(a, 31, b, 31, &above) / 0.00112217, 1.24, 0.01); /* to the exact one: to the safe side */
	assert_true(rank_test(a, 40, b, 2, &above) <= 1);
}

static void adjusted_as_published(void **state)
{
	/* Benjamini & Hochberg 1995, section 4.1: at q = 0.05 the first four of fifteen are real. */
	const double p[] = { 0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240,
			     0.4262, 0.5719, 0.6528, 0.7590, 1.0000 };
	double adjusted[15], backwards[15], reversed[15];

	assert_int_equal(false_discovery_adjust(p, 15, adjusted), 0);
	for (size_t i = 0; i < 15; i++)
		assert_int_equal(adjusted[i] <= 0.05, i < 4);
	near(adjusted[0], 0.0015, 1e-12);
	near(adjusted[3], 0.035625, 1e-12);
	near(adjusted[14], 1, 0);
	for (size_t i = 0; i < 15; i++) /* the order of the family does not matter */
		backwards[i] = p[14 - i];
	assert_int_equal(false_discovery_adjust(backwards, 15, reversed), 0);
	for (size_t i = 0; i < 15; i++)
		near(reversed[i], adjusted[14 - i], 0);
	assert_int_equal(false_discovery_adjust(p, 0, adjusted), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(complete_separation_has_the_least_p),
		cmocka_unit_test(known_values),
		cmocka_unit_test(ties_are_exact),
		cmocka_unit_test(approximation_joins),
		cmocka_unit_test(adjusted_as_published),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
