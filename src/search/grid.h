/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loads that a search may try: geometric steps from the least to the highest, numbered from 0. On a grid
 * widths are whole numbers of steps, goals meet at the same loads and share their trials, and a search ends
 * after finitely many of them.
 */
#ifndef LB_SEARCH_GRID_H
#define LB_SEARCH_GRID_H

#include "search/goal.h"

struct load_grid {
	double min, max;
	double step;   /* natural logarithm of the ratio of neighbours */
	int last;      /* number of the highest load */
};

/*
 * The coarsest grid on which the narrowest goal is one to 16 steps wide and no goal loses more than a tenth
 * of its width to rounding. 0; -EINVAL: min is not below max, or there would be more than a million loads.
 */
int load_grid_init(struct load_grid *grid, double min, double max, const struct search_goal *goals,
		   unsigned count, struct error *err);

/* Load number n, exactly min and max at the ends; n is within the grid. */
double load_grid_at(const struct load_grid *grid, int n);

/* Number of the highest load that is not above `load` (but for rounding); -1 if all are. */
int load_grid_below(const struct load_grid *grid, double load);

/* Steps that a relative width (upper - lower) / upper spans, rounded down; at least 1. */
int load_grid_width(const struct load_grid *grid, double width);

#endif
