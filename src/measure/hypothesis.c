/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/hypothesis.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct ranked {
	double value;
	bool first;      /* of the first group */
	unsigned rank2;  /* twice its rank, from 1: a whole number with ties, too */
};

static int ranked_compare(const void *a, const void *b)
{
	double x = ((const struct ranked *)a)->value, y = ((const struct ranked *)b)->value;

	return (x > y) - (x < y);
}

/* Both groups in one, ranked; *ties: the sum of t^3 - t over all t equal ones. NULL without memory. */
static struct ranked *rank_all(const double *a, size_t m, const double *b, size_t n, double *ties)
{
	struct ranked *all = calloc(m + n, sizeof(*all));

	*ties = 0;
	if (!all)
		return NULL;
	for (size_t i = 0; i < m + n; i++)
		all[i] = (struct ranked){ i < m ? a[i] : b[i - m], i < m, 0 };
	qsort(all, m + n, sizeof(*all), ranked_compare);
	for (size_t i = 0, end; i < m + n; i = end) {
		double t;

		for (end = i + 1; end < m + n && !ranked_compare(&all[end], &all[i]);)
			end++;
		for (size_t k = i; k < end; k++)
			all[k].rank2 = (unsigned)(i + 1 + end);
		t = (double)(end - i);
		*ties += t * t * t - t;
	}
	return all;
}

/*
 * Share of the ways to draw k of the `count` ranks whose sum is as far from the mean as `distance` (all
 * doubled). ways[j * sums + s]: how many ways to draw j of those that were looked at have the sum s. Exact
 * while they are below 2^53, and good to 15 digits beyond. What was looked at bounds the sums.
 */
static double exact_p(const struct ranked *all, size_t count, size_t k, double distance)
{
	size_t sums = count * (count + 1) + 1; /* the sum of all of them is the largest */
	double *ways = calloc((k + 1) * sums, sizeof(*ways)), total = 0, far = 0;
	const double mean = (double)k * (double)(count + 1);

	if (!ways)
		return NAN;
	ways[0] = 1;
	for (size_t i = 0, most = 0; i < count; i++) {
		/* With less than that drawn by now, k cannot be reached any more. */
		const size_t least = k + i > count ? k + i - count : 0;

		most += all[i].rank2;
		for (size_t j = k < i + 1 ? k : i + 1; j > least; j--)
			for (size_t s = most; s >= all[i].rank2; s--)
				ways[j * sums + s] += ways[(j - 1) * sums + s - all[i].rank2];
	}
	for (size_t s = 0; s < sums; s++) {
		total += ways[k * sums + s];
		far += fabs((double)s - mean) >= distance ? ways[k * sums + s] : 0;
	}
	free(ways);
	return far / total;
}

static double normal_p(double m, double n, double ties, double distance2)
{
	double count = m + n, variance = m * n / 12 * (count + 1 - ties / (count * (count - 1)));
	/* Half a step less: the sum is a whole number, the normal is not. */
	double z = (distance2 / 2 - 0.5) / sqrt(variance);

	return variance > 0 && z > 0 ? erfc(z / M_SQRT2) : 1;
}

double rank_test(const double *a, size_t m, const double *b, size_t n, double *above)
{
	struct ranked *all;
	double ties, sum = 0, distance, p;

	*above = NAN;
	if (!m || !n)
		return NAN;
	all = rank_all(a, m, b, n, &ties);
	if (!all)
		return NAN;
	for (size_t i = 0; i < m + n; i++)
		sum += all[i].first ? all[i].rank2 : 0;
	*above = (sum / 2 - (double)m * (double)(m + 1) / 2) / ((double)m * (double)n);
	distance = fabs(sum - (double)m * (double)(m + n + 1));
	/* Both groups are equally far from their means, so the smaller one will do. */
	p = m + n <= RANK_TEST_EXACT ? exact_p(all, m + n, m < n ? m : n, distance) :
	    normal_p((double)m, (double)n, ties, distance);
	free(all);
	return p;
}

double rank_test_least(size_t m, size_t n)
{
	double p = 2;

	for (size_t i = 1; i <= m; i++)
		p *= (double)i / (double)(n + i);
	return m && n ? fmin(p, 1) : 1;
}

struct placed {
	double p;
	size_t at;
};

static int placed_compare(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	return x->p != y->p ? (x->p > y->p) - (x->p < y->p) : (x->at > y->at) - (x->at < y->at);
}

int false_discovery_adjust(const double *p, size_t count, double *adjusted)
{
	struct placed *placed = calloc(count + 1, sizeof(*placed));
	double least = 1;

	if (!placed)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		placed[i] = (struct placed){ p[i], i };
	qsort(placed, count, sizeof(*placed), placed_compare);
	for (size_t i = count; i-- > 0;) {
		least = fmin(least, placed[i].p * (double)count / (double)(i + 1));
		adjusted[placed[i].at] = least;
	}
	free(placed);
	return 0;
}
