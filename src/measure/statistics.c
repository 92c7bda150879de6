/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

#define FEW 32 /* samples of which insertion is the faster sort; a bootstrap sorts twenty thousand times */

static void sort_few(double *samples, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		double sample = samples[i];
		size_t at = i;

		for (; at && samples[at - 1] > sample; at--)
			samples[at] = samples[at - 1];
		samples[at] = sample;
	}
}

void statistics_sort(double *samples, size_t n)
{
	if (n <= FEW)
		sort_few(samples, n);
	else
		qsort(samples, n, sizeof(*samples), compare);
}

/* malloc'd; NULL for n = 0, too. */
static double *sorted_copy(const double *samples, size_t n)
{
	double *sorted = n ? malloc(n * sizeof(*sorted)) : NULL;

	if (sorted) {
		memcpy(sorted, samples, n * sizeof(*sorted));
		statistics_sort(sorted, n);
	}
	return sorted;
}

double statistics_median(const double *samples, size_t n)
{
	double few[FEW], *sorted = few, median;

	if (n && n <= FEW) {
		memcpy(few, samples, n * sizeof(*few));
		sort_few(few, n);
	} else {
		sorted = sorted_copy(samples, n);
	}
	if (!n || !sorted)
		return NAN;
	/* Halved before they are added: the sum of two large ones is no number. */
	median = n % 2 ? sorted[n / 2] : sorted[n / 2 - 1] / 2 + sorted[n / 2] / 2;
	if (sorted != few)
		free(sorted);
	return median;
}

double statistics_mean(const double *samples, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += samples[i];
	return n ? sum / (double)n : NAN;
}

double statistics_min(const double *samples, size_t n)
{
	double least = n ? samples[0] : NAN;

	for (size_t i = 1; i < n; i++)
		least = fmin(least, samples[i]);
	return least;
}

double statistics_max(const double *samples, size_t n)
{
	double most = n ? samples[0] : NAN;

	for (size_t i = 1; i < n; i++)
		most = fmax(most, samples[i]);
	return most;
}

double statistics_stddev(const double *samples, size_t n)
{
	double mean = statistics_mean(samples, n), squares = 0;

	if (n < 2)
		return NAN;
	/* In two passes: the sum of squares less the square of the sum cancels where the spread is small. */
	for (size_t i = 0; i < n; i++)
		squares += (samples[i] - mean) * (samples[i] - mean);
	return sqrt(squares / (double)(n - 1));
}

double statistics_slope(const double *samples, size_t n)
{
	double mean = statistics_mean(samples, n), middle = ((double)n - 1) / 2, products = 0, squares = 0;

	if (n < 2)
		return NAN;
	for (size_t i = 0; i < n; i++) {
		double x = (double)i - middle;

		products += x * (samples[i] - mean);
		squares += x * x;
	}
	return products / squares;
}

size_t statistics_median_rank(size_t n, double confidence, double *coverage)
{
	/* In logarithms: 2^-n is no double for n > 1074. The allowance is for their rounding. */
	const double allowed = (1 - confidence) / 2 * (1 + 1e-9);
	double term = -(double)n * M_LN2, below = 0, next = exp(term);
	size_t k = 0;

	/* below = P(X < k), next = P(X < k + 1) */
	while (2 * (k + 1) <= n && next <= allowed) {
		below = next;
		term += log((double)(n - k) / (double)(k + 1));
		next += exp(term);
		k++;
	}
	*coverage = k ? 1 - 2 * below : 0;
	return k;
}

bool statistics_median_interval(const double *samples, size_t n, double confidence, struct interval *interval)
{
	double coverage;
	size_t k = statistics_median_rank(n, confidence, &coverage);
	double *sorted = k ? sorted_copy(samples, n) : NULL;

	if (!sorted)
		return false;
	*interval = (struct interval){ sorted[k - 1], sorted[n - k], coverage };
	free(sorted);
	return true;
}
