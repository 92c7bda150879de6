/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Did a rate stay what it was? Judged on its samples, one a second, as fio's `steadystate` does: the slope of a
 * line fitted by least squares to a rolling window, against the mean of that window. Pure.
 */
#ifndef LB_MEASURE_STEADY_H
#define LB_MEASURE_STEADY_H

#include <stdbool.h>
#include <stddef.h>

#define STEADY_LEAST 5         /* samples: of fewer, nothing is said */
#define STEADY_STEPS 20        /* times its smallest step that a mean must be, or steps look like noise */
#define STEADY_DRIFT 0.10      /* along a window, the fitted line may rise or fall by this share of the mean */
#define STEADY_DEVIATION 0.10  /* standard deviation of all samples over their mean */

struct steady {
	size_t window;          /* samples: half of them, STEADY_LEAST at least */
	double drift_ratio;     /* the largest of any window: |slope| * (window - 1) / mean */
	double deviation_ratio; /* sample standard deviation / mean, of all */
	size_t from;            /* number of the first sample, from 1, from which on no window drifts; 0 = none */
	bool steady;            /* neither ratio is above its limit */
};

/*
 * `step`: what each sample is a multiple of (a burst, say); 0 = it is not. False where it cannot be judged: fewer
 * than STEADY_LEAST samples, or a mean of 0 or of less than STEADY_STEPS steps.
 */
bool steady_judge(const double *samples, size_t n, double step, struct steady *steady);

#endif
