/* SPDX-License-Identifier: Apache-2.0 */
/* What all plans have in common, and what a method adds. Private to this folder. */
#ifndef LB_SEARCH_PLAN_INTERNAL_H
#define LB_SEARCH_PLAN_INTERNAL_H

#include "search/plan.h"

struct load_plan_ops {
	/* Fill in load, duration and purpose of the next step; false: done. */
	bool (*choose)(struct load_plan *plan, struct load_step *step);
	/* A valid trial of the step that was chosen; any trial of a warm-up. */
	void (*accept)(struct load_plan *plan, const struct load_step *step, const struct load_trial *trial);
	/* Void to the last attempt; `reached` is the highest offered load among them. May set plan->end. */
	void (*give_up)(struct load_plan *plan, const struct load_step *step, double reached);
	/* Fill in limits and goals; may be NULL. */
	void (*report)(const struct load_plan *plan, struct load_result *result);
	void (*release)(struct load_plan *plan); /* what the method allocated besides itself; may be NULL */
};

/* First member of each method's own struct, which is one allocation. */
struct load_plan {
	const struct load_plan_ops *ops;
	struct load_limits limits;
	struct load_step step;
	bool chosen;           /* step is to be tried (again) */
	bool pending;          /* step was given out, its trial is due */
	double reached;        /* highest offered load of the void trials of this step */
	double overhead_s;     /* what the last trial took beyond its duration */
	enum load_end end;
	unsigned trials, void_trials;
	double spent_s, traffic_s;
	double unlimited_pps;  /* sum of forwarded rates, over */
	unsigned unlimited;    /* so many trials */
};

/* Calloc'ed memory of `size`, begun as a plan. NULL: *err is filled in. */
struct load_plan *load_plan_new(size_t size, const struct load_plan_ops *ops,
				const struct load_limits *limits, struct error *err);

int load_limits_check(const struct load_limits *limits, struct error *err);
int load_duration_check(double duration_s, struct error *err);

double load_trial_loss(const struct load_trial *trial);
double load_trial_forwarded(const struct load_trial *trial); /* packets/s */
double load_trial_effective(const struct load_trial *trial); /* seconds */

#endif
