/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a load search looks for, and what a load is to such a goal.
 *
 * The definitions and formulas are those of MLRsearch (RFC 9971, draft-ietf-bmwg-mlrsearch): goal
 * attributes from "Goal Terms", goal_classify() from "Load Classification Code", the quantile behind the
 * conditional throughput from "Conditional Throughput Code". Times of trials are summed as whole
 * nanoseconds, so that no result depends on the order in which trials were made.
 *
 * Pure; no allocation; reentrant.
 */
#ifndef LB_SEARCH_GOAL_H
#define LB_SEARCH_GOAL_H

#include <stdint.h>

#include "util/error.h"

#define SEARCH_GOALS_MAX 8
#define SEARCH_PRECEDING_MAX 8

struct search_goal {
	char name[16];            /* for reports: "ndr", "pdr" */
	double initial_duration_s;/* trials of the coarsest target last this long; > 0 */
	double final_duration_s;  /* a trial at least this long is full-length, a shorter one short */
	double duration_sum_s;    /* trial time at one load that settles its class; >= final_duration_s */
	double loss_ratio;        /* a trial that loses more than this share is high-loss; 0 <= x < 1 */
	double exceed_ratio;      /* share of the time that may be high-loss at a lower bound; 0 <= x < 1 */
	double width;             /* stop when (upper - lower) / upper is at most this; 0 < x < 1 */
	unsigned preceding;       /* coarser targets before the goal itself; 0: none */
	double expansion;         /* steps outward grow by this factor; > 1 */
};

/* Can the goal be reached at all? 0, or -EINVAL with the contradiction and its remedy. */
int search_goal_check(const struct search_goal *goal, struct error *err);

/*
 * The target number `coarser` before the goal: 0 is the goal itself, goal->preceding the coarsest. Duration
 * sums go from the initial trial duration to the goal's in equal ratios, a trial lasts as long as the sum, at
 * most as long as the final trial duration, and each coarser target is twice as wide (as FD.io CSIT does).
 * (1 - width) is squared for that: the width is doubled on the logarithmic scale.
 */
struct search_goal search_goal_target(const struct search_goal *goal, unsigned coarser);

enum load_class { LOAD_UNDECIDED, LOAD_LOWER, LOAD_UPPER };

/* Effective time of all trials at one load, by length and loss as the goal defines them. */
struct goal_sums {
	uint64_t full_low_ns, full_high_ns, short_low_ns, short_high_ns;
};

/*
 * Lower bound: no trials that could still be made within the duration sum can take the load above the exceed
 * ratio. Upper bound: none can bring it back. All sums 0 is undecided.
 */
enum load_class search_goal_classify(const struct search_goal *goal, const struct goal_sums *sums);

/* A trial at a load; a list of them is sorted by rising loss. */
struct goal_trial {
	double loss_ratio;             /* lost / offered */
	uint64_t duration_ns;          /* as intended: decides between full-length and short */
	uint64_t effective_ns;         /* what it adds to a sum */
	struct goal_trial *next;       /* loss_ratio not less; NULL: the last */
};

/* The trials of a list, summed as the goal sees them. */
struct goal_sums search_goal_sum(const struct search_goal *goal, const struct goal_trial *trials);

/*
 * The conditional throughput of `load` in the load's own unit: load * (1 - loss), where loss is that of the
 * full-length trial at the quantile (1 - exceed ratio) of the time; time missing from the duration sum counts
 * as lost altogether. At most `load`. NAN without trials at all.
 */
double search_goal_throughput(const struct search_goal *goal, double load, const struct goal_trial *trials);

#endif
