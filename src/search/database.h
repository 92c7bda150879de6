/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All trials of one search by load, and what they say about a goal. Filled to a capacity that is fixed when
 * it is made; every question is answered from the trials anew, so that nothing can be out of date.
 */
#ifndef LB_SEARCH_DATABASE_H
#define LB_SEARCH_DATABASE_H

#include "search/goal.h"

#define LOAD_NONE (-1) /* no number of a load is negative */

struct load_entry {
	int number;               /* of the load: not negative, rises with it */
	struct goal_trial *trials;/* sorted by rising loss */
	double offered_share;     /* lowest offered / intended among them */
};

struct load_database {
	struct load_entry *load; /* sorted by number */
	struct goal_trial *trial;
	unsigned loads, trials, capacity;
};

/* 0 or -ENOMEM. */
int load_database_init(struct load_database *db, unsigned capacity, struct error *err);
void load_database_free(struct load_database *db); /* also after a failed init of zeroed memory */

/* Add a trial; 0 or -ENOSPC. `trial->next` is not looked at. */
int load_database_add(struct load_database *db, int number, const struct goal_trial *trial,
		      double offered_share);

/* The entry of a load, NULL if it was never tried. */
const struct load_entry *load_database_find(const struct load_database *db, int number);

/*
 * Relevant upper bound: the lowest load that is an upper bound. Relevant lower bound: the highest lower bound
 * beneath it (RFC 9971, "Relevant Lower Bound"; where no load is an upper bound, the highest lower bound at
 * all, which the RFC calls effective). Numbers of loads, or LOAD_NONE. lower < upper where both are there.
 */
struct load_bounds {
	int lower, upper;
};

struct load_bounds load_database_bounds(const struct load_database *db, const struct search_goal *goal);

#endif
