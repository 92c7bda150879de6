/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bootstrap (Efron 1979; Davison & Hinkley, Bootstrap Methods and Their Application, 1997): a confidence
 * interval of any statistic of samples, e.g. of a ratio of medians or a percentile, without a model of how they
 * are distributed. Percentile method: the samples of each group are drawn again, with replacement, RESAMPLES
 * times; between which values lies the middle part of what the statistic makes of them. (Not BCa: its
 * acceleration comes from leaving out one sample at a time, which tells nothing about a median.)
 *
 * The random numbers are seeded by a constant: the same samples in the same order give the same bytes, on every
 * machine. Pure but for allocation; reentrant.
 */
#ifndef LB_MEASURE_BOOTSTRAP_H
#define LB_MEASURE_BOOTSTRAP_H

#include <stddef.h>

#include "measure/statistics.h"

#define BOOTSTRAP_RESAMPLES 9999 /* so that 2.5 % of (RESAMPLES + 1) is a whole number */
#define BOOTSTRAP_LEAST 6        /* samples a group: of fewer, resamples say next to nothing */
#define BOOTSTRAP_MOST 500       /* samples a group, which bounds the time: about a second */

struct bootstrap_group {
	const double *samples;
	size_t n;
};

/* Of `count` groups that are as large as those given. */
typedef double (*bootstrap_statistic)(const struct bootstrap_group *groups, size_t count, const void *context);

/*
 * 0; -ERANGE: a group has fewer than BOOTSTRAP_LEAST or more than BOOTSTRAP_MOST samples; -EDOM: the statistic of
 * some resample is no finite number (e.g. a ratio to 0); -ENOMEM. interval->coverage is the confidence asked for.
 */
int bootstrap_interval(const struct bootstrap_group *groups, size_t count, bootstrap_statistic statistic,
		       const void *context, double confidence, struct interval *interval);

/* A statistic: the median of the first of two groups over that of the second one. */
double bootstrap_median_ratio(const struct bootstrap_group *groups, size_t count, const void *unused);

#endif
