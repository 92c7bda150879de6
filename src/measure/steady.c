/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/steady.h"

#include <math.h>
#include <string.h>

#include "measure/statistics.h"

/* By how much of its mean the line through a window rises or falls from its first sample to its last. */
static double window_drift(const double *samples, size_t n)
{
	double mean = statistics_mean(samples, n);

	/* Where nothing came in all of it, it is level. */
	return mean > 0 ? fabs(statistics_slope(samples, n)) * (double)(n - 1) / mean : 0;
}

bool steady_judge(const double *samples, size_t n, double step, struct steady *steady)
{
	double mean = statistics_mean(samples, n);

	memset(steady, 0, sizeof(*steady));
	if (n < STEADY_LEAST || !(mean > 0) || mean < STEADY_STEPS * step)
		return false;
	steady->window = n / 2 > STEADY_LEAST ? n / 2 : STEADY_LEAST;
	steady->deviation_ratio = statistics_stddev(samples, n) / mean;
	steady->from = 1;
	for (size_t begin = 0; begin + steady->window <= n; begin++) {
		double drift = window_drift(samples + begin, steady->window);

		steady->drift_ratio = fmax(steady->drift_ratio, drift);
		if (drift > STEADY_DRIFT) /* the next window may be the first good one; behind the last there is none */
			steady->from = begin + steady->window < n ? begin + 2 : 0;
	}
	steady->steady = steady->drift_ratio <= STEADY_DRIFT && steady->deviation_ratio <= STEADY_DEVIATION;
	return true;
}
