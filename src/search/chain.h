/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One goal's way through its targets, the coarsest first: which load it would like to be measured next. It
 * decides by the trials of the database alone, so that it follows what other goals have found meanwhile.
 */
#ifndef LB_SEARCH_CHAIN_H
#define LB_SEARCH_CHAIN_H

#include "search/database.h"
#include "search/grid.h"

struct chain {
	struct search_goal target[SEARCH_PRECEDING_MAX + 1]; /* the goal itself is last */
	int width[SEARCH_PRECEDING_MAX + 1];                 /* of each, in steps of the grid */
	unsigned last, current;
	/* Where the target before this one (or a guess) has the bounds; LOAD_NONE: not known. */
	int from, to;
};

void chain_init(struct chain *chain, const struct search_goal *goal);

/* Begin, with a guess where the bounds are: both within 0..max or LOAD_NONE. */
void chain_start(struct chain *chain, const struct load_grid *grid, int from, int to);

/*
 * The load to measure next, `max` at most, for the duration of the current target's trials; LOAD_NONE: the
 * goal has its answer (and may lose it again, when trials for other goals are added). Moves on to finer
 * targets as they are reached. The load is never one whose class for the current target is settled.
 */
int chain_choose(struct chain *chain, const struct load_database *db, int max, double *duration_s);

#endif
