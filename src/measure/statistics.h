/* SPDX-License-Identifier: Apache-2.0 */
/* Small statistics over samples that the caller owns. Pure; reentrant. */
#ifndef LB_MEASURE_STATISTICS_H
#define LB_MEASURE_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>

/* Where a value lies with a probability of `coverage`, over all the samples that one might have got. */
struct interval {
	double low, high;
	double coverage;
};

/* Each returns NAN for n = 0. The median of an even count is the mean of the two middle ones (NAN if there
 * is no memory for a sorted copy). */
double statistics_median(const double *samples, size_t n);
double statistics_mean(const double *samples, size_t n);
double statistics_min(const double *samples, size_t n);
double statistics_max(const double *samples, size_t n);
/* Sample standard deviation (n - 1); NAN for n < 2. */
double statistics_stddev(const double *samples, size_t n);
/* Slope, per sample, of the line fitted to them by least squares; NAN for n < 2. */
double statistics_slope(const double *samples, size_t n);

/* Ascending, in place. */
void statistics_sort(double *samples, size_t n);

/*
 * Confidence interval of the median by order statistics: from the k-th smallest to the k-th largest sample, with
 * the largest k for which the median of what they are drawn from lies in between with at least this confidence.
 * How many samples lie below that median is binomial with p = 1/2 whatever they are drawn from, so it holds for
 * every distribution; coverage = 1 - 2 P(X < k) is exact where no two samples are equal, and more else
 * (Conover, Practical Nonparametric Statistics, "confidence interval for a quantile"). It supposes that the
 * samples are independent. n samples carry no more than 1 - 2^(1-n): at 95 % there is none of fewer than 6.
 */

/* k, from 1; 0 = there is no such interval. */
size_t statistics_median_rank(size_t n, double confidence, double *coverage);
/* False where there is none (or no memory). */
bool statistics_median_interval(const double *samples, size_t n, double confidence, struct interval *interval);

#endif
