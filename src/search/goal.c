/* SPDX-License-Identifier: Apache-2.0 */
/* Goals of a load search: contradictions, coarser targets, classification of loads. */
#include "search/goal.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#define NS_PER_S 1e9
#define DURATION_MIN_S 1e-3   /* below that the start of a trial is all there is of it */
#define DURATION_MAX_S 86400.0
#define EXPANSION_MAX 1000.0
#define ROUNDING 1e-12 /* 29 s of 100 s are no more than 29 %, though 0.29 * 100 is below 29 */

static int check_durations(const struct search_goal *goal, struct error *err)
{
	if (!(goal->initial_duration_s >= DURATION_MIN_S && goal->duration_sum_s <= DURATION_MAX_S))
		return error_set(err, EINVAL, "give durations from 1 ms to 24 h",
				 "goal %s: initial trial duration %g s, duration sum %g s", goal->name,
				 goal->initial_duration_s, goal->duration_sum_s);
	if (!(goal->initial_duration_s <= goal->final_duration_s))
		return error_set(err, EINVAL, "make the initial trials no longer than the final ones",
				 "goal %s: initial trial duration %g s is above the final one, %g s",
				 goal->name, goal->initial_duration_s, goal->final_duration_s);
	if (!(goal->final_duration_s <= goal->duration_sum_s))
		return error_set(err, EINVAL,
				 "raise the duration sum to the final trial duration or a multiple of it",
				 "goal %s: duration sum %g s is below the final trial duration %g s",
				 goal->name, goal->duration_sum_s, goal->final_duration_s);
	if (!goal->preceding && goal->initial_duration_s < goal->final_duration_s)
		return error_set(err, EINVAL, "set both to the same duration, or allow preceding targets",
				 "goal %s: without preceding targets all trials last the final duration, "
				 "%g s, none the initial one, %g s",
				 goal->name, goal->final_duration_s, goal->initial_duration_s);
	return 0;
}

int search_goal_check(const struct search_goal *goal, struct error *err)
{
	if (!memchr(goal->name, '\0', sizeof(goal->name)) || !goal->name[0])
		return error_set(err, EINVAL, "name each goal, in less than 16 bytes",
				 "a search goal has no name");
	if (!(goal->loss_ratio >= 0 && goal->loss_ratio < 1))
		return error_set(err, EINVAL, "give a share from 0 to below 1, as 0.005 (0.5 %)",
				 "goal %s: loss ratio %g", goal->name, goal->loss_ratio);
	if (!(goal->exceed_ratio >= 0 && goal->exceed_ratio < 1))
		return error_set(err, EINVAL, "give a share from 0 to below 1, as 0.5",
				 "goal %s: exceed ratio %g", goal->name, goal->exceed_ratio);
	if (!(goal->width > 0 && goal->width < 1))
		return error_set(err, EINVAL, "give a share above 0 and below 1, as 0.005 (0.5 %)",
				 "goal %s: width %g", goal->name, goal->width);
	if (goal->preceding > SEARCH_PRECEDING_MAX)
		return error_set(err, EINVAL, "allow 8 at most; 2 are usual",
				 "goal %s: %u preceding targets", goal->name, goal->preceding);
	if (!(goal->expansion > 1 && goal->expansion <= EXPANSION_MAX))
		return error_set(err, EINVAL, "give a factor above 1 (and at most 1000); 2 is usual",
				 "goal %s: expansion %g", goal->name, goal->expansion);
	return check_durations(goal, err);
}

struct search_goal search_goal_target(const struct search_goal *goal, unsigned coarser)
{
	struct search_goal target = *goal;
	double ratio;

	if (!coarser)
		return target;
	ratio = goal->initial_duration_s / goal->duration_sum_s;
	/* The last one exactly: pow() may miss it by a bit, and a trial would then be called short. */
	target.duration_sum_s = coarser >= goal->preceding ? goal->initial_duration_s :
		goal->duration_sum_s * pow(ratio, (double)coarser / goal->preceding);
	target.final_duration_s = fmin(goal->final_duration_s, target.duration_sum_s);
	target.width = 1 - pow(1 - goal->width, ldexp(1, (int)coarser));
	return target;
}

enum load_class search_goal_classify(const struct search_goal *goal, const struct goal_sums *sums)
{
	double balance, excess, high, full, missing, quantile;
	bool pessimist, optimist;

	balance = (double)sums->short_low_ns * (goal->exceed_ratio / (1 - goal->exceed_ratio));
	excess = fmax(0, (double)sums->short_high_ns - balance);
	high = (double)sums->full_high_ns + excess;
	full = (double)sums->full_low_ns + high;
	/*
	 * The RFC's effective whole sum is full + missing, its pessimistic high-loss sum high + missing.
	 * Written so, pessimist and optimist are rounded alike: the duration sum settles the class.
	 */
	missing = fmax(0, round(goal->duration_sum_s * NS_PER_S) - full);
	quantile = (full + missing) * goal->exceed_ratio * (1 + ROUNDING);
	pessimist = high + missing <= quantile;
	optimist = high <= quantile;
	if (pessimist != optimist)
		return LOAD_UNDECIDED;
	return optimist ? LOAD_LOWER : LOAD_UPPER;
}

static bool is_full_length(const struct search_goal *goal, const struct goal_trial *trial)
{
	return (double)trial->duration_ns >= round(goal->final_duration_s * NS_PER_S);
}

struct goal_sums search_goal_sum(const struct search_goal *goal, const struct goal_trial *trials)
{
	struct goal_sums sums = { 0 };

	for (const struct goal_trial *trial = trials; trial; trial = trial->next) {
		bool high = trial->loss_ratio > goal->loss_ratio;

		if (is_full_length(goal, trial))
			*(high ? &sums.full_high_ns : &sums.full_low_ns) += trial->effective_ns;
		else
			*(high ? &sums.short_high_ns : &sums.short_low_ns) += trial->effective_ns;
	}
	return sums;
}

double search_goal_throughput(const struct search_goal *goal, double load, const struct goal_trial *trials)
{
	struct goal_sums sums = search_goal_sum(goal, trials);
	uint64_t full = sums.full_low_ns + sums.full_high_ns, used = 0;
	double whole = fmax((double)full, round(goal->duration_sum_s * NS_PER_S));
	double needed = whole * (1 - goal->exceed_ratio), loss = 1;

	if (!trials)
		return NAN;
	for (const struct goal_trial *trial = trials; trial && (double)used < needed; trial = trial->next) {
		if (!is_full_length(goal, trial))
			continue;
		loss = trial->loss_ratio;
		used += trial->effective_ns;
	}
	return (double)used < needed ? 0 : load * (1 - loss);
}
