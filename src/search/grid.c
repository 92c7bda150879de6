/* SPDX-License-Identifier: Apache-2.0 */
/* Discrete loads. */
#include "search/grid.h"

#include <errno.h>
#include <math.h>

#define FINER_MAX 16
#define LOST_MAX 0.1
#define LOADS_MAX 1e6
#define ROUNDING 1e-6 /* of a step: far above the error of log(), far below what matters */

static double log_width(double width)
{
	return -log1p(-width);
}

/* Steps of a goal's width. */
static double steps(double width, double step)
{
	return floor(log_width(width) / step + ROUNDING);
}

static int all_goals_fit(double step, const struct search_goal *goals, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (steps(goals[i].width, step) * step < log_width(goals[i].width) * (1 - LOST_MAX))
			return 0;
	return 1;
}

int load_grid_init(struct load_grid *grid, double min, double max, const struct search_goal *goals,
		   unsigned count, struct error *err)
{
	double narrowest = INFINITY, step, span;
	int finer = 1;

	if (!(min > 0 && min < max && isfinite(max)))
		return error_set(err, EINVAL, "lower the least load, or raise the highest",
				 "no load to search: the least load is %g packets/s, the highest %g", min,
				 max);
	for (unsigned i = 0; i < count; i++)
		narrowest = fmin(narrowest, log_width(goals[i].width));
	while (finer < FINER_MAX && !all_goals_fit(narrowest / finer, goals, count))
		finer++;
	step = narrowest / finer;
	span = log(max / min);
	if (!(span / step < LOADS_MAX))
		return error_set(err, EINVAL, "widen the goal, or raise the least load",
				 "width %g between %g and %g packets/s makes more than a million loads",
				 -expm1(-narrowest), min, max);
	grid->min = min;
	grid->max = max;
	grid->last = (int)ceil(span / step - ROUNDING);
	grid->last = grid->last < 1 ? 1 : grid->last;
	grid->step = span / grid->last;
	return 0;
}

double load_grid_at(const struct load_grid *grid, int n)
{
	if (n <= 0)
		return grid->min;
	return n >= grid->last ? grid->max : grid->min * exp(n * grid->step);
}

int load_grid_below(const struct load_grid *grid, double load)
{
	if (!(load >= grid->min))
		return -1;
	return (int)fmin(grid->last, floor(log(load / grid->min) / grid->step + ROUNDING));
}

int load_grid_width(const struct load_grid *grid, double width)
{
	return (int)fmin(grid->last, fmax(1, steps(width, grid->step)));
}
