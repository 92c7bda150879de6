/* SPDX-License-Identifier: Apache-2.0 */
/* Small statistics over samples that the caller owns. Pure; reentrant. */
#ifndef LB_MEASURE_STATISTICS_H
#define LB_MEASURE_STATISTICS_H

#include <stddef.h>

/* Each returns NAN for n = 0. The median of an even count is the mean of the two middle ones (NAN if there
 * is no memory for a sorted copy). */
double statistics_median(const double *samples, size_t n);
double statistics_mean(const double *samples, size_t n);
double statistics_min(const double *samples, size_t n);
double statistics_max(const double *samples, size_t n);
/* Sample standard deviation (n - 1); NAN for n < 2. */
double statistics_stddev(const double *samples, size_t n);

#endif
