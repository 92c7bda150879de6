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

double statistics_median(const double *samples, size_t n)
{
	double *sorted, median;

	if (!n)
		return NAN;
	sorted = malloc(n * sizeof(*sorted));
	if (!sorted)
		return NAN;
	memcpy(sorted, samples, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), compare);
	/* Halved before they are added: the sum of two large ones is no number. */
	median = n % 2 ? sorted[n / 2] : sorted[n / 2 - 1] / 2 + sorted[n / 2] / 2;
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
