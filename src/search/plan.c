/* SPDX-License-Identifier: Apache-2.0 */
/* The iterator: limits, void trials, accounts. What to measure is the methods' affair. */
#include "search/plan_internal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define TRIALS_MAX 1000000
#define VOID_REPEATS_MAX 100
#define DURATION_MAX_S 86400.0

const struct load_limits load_limits_default = {
	.time_limit_s = 1200,
	.max_trials = 10000,
	.void_repeats = 2,
};

int load_limits_check(const struct load_limits *limits, struct error *err)
{
	if (!(limits->time_limit_s > 0 && isfinite(limits->time_limit_s)))
		return error_set(err, EINVAL, "give a time above 0; 1200 s is usual", "time limit %g s",
				 limits->time_limit_s);
	if (!limits->max_trials || limits->max_trials > TRIALS_MAX)
		return error_set(err, EINVAL, "allow 1 to 1000000 trials", "at most %u trials",
				 limits->max_trials);
	if (limits->void_repeats > VOID_REPEATS_MAX)
		return error_set(err, EINVAL, "allow 100 at most; 2 are usual", "%u repeats of a void trial",
				 limits->void_repeats);
	return 0;
}

int load_duration_check(double duration_s, struct error *err)
{
	if (duration_s > 0 && duration_s <= DURATION_MAX_S)
		return 0;
	return error_set(err, EINVAL, "give a duration above 0, at most 24 h", "trials of %g s", duration_s);
}

struct load_plan *load_plan_new(size_t size, const struct load_plan_ops *ops,
				const struct load_limits *limits, struct error *err)
{
	struct load_plan *plan = calloc(1, size);

	if (!plan) {
		error_set(err, ENOMEM, NULL, "no memory for a load plan");
		return NULL;
	}
	plan->ops = ops;
	plan->limits = *limits;
	return plan;
}

void load_plan_free(struct load_plan *plan)
{
	if (!plan)
		return;
	if (plan->ops->release)
		plan->ops->release(plan);
	free(plan);
}

double load_trial_loss(const struct load_trial *trial)
{
	return (double)trial->lost / (double)trial->offered;
}

double load_trial_forwarded(const struct load_trial *trial)
{
	return trial->offered_pps * (1 - load_trial_loss(trial));
}

double load_trial_effective(const struct load_trial *trial)
{
	return trial->effective_s > 0 ? trial->effective_s : trial->duration_s;
}

/* May the step be begun? What the last trial took beyond its duration, this one will take, too. */
static bool within_limits(struct load_plan *plan)
{
	if (plan->trials >= plan->limits.max_trials)
		plan->end = LOAD_END_TRIALS;
	else if (plan->spent_s + plan->step.duration_s + plan->overhead_s > plan->limits.time_limit_s)
		plan->end = LOAD_END_TIME;
	return plan->end == LOAD_END_NOT;
}

bool load_plan_next(struct load_plan *plan, struct load_step *step)
{
	if (plan->end != LOAD_END_NOT)
		return false;
	if (!plan->chosen) {
		plan->step = (struct load_step){ .purpose = LOAD_MEASURE };
		plan->reached = 0;
		if (!plan->ops->choose(plan, &plan->step)) {
			plan->end = LOAD_END_DONE;
			return false;
		}
		plan->chosen = true;
	}
	if (!plan->pending && !within_limits(plan))
		return false;
	plan->pending = true;
	plan->step.number = plan->trials + 1;
	*step = plan->step;
	return true;
}

static bool is_time(double seconds)
{
	return seconds >= 0 && isfinite(seconds);
}

static int check_trial(const struct load_plan *plan, const struct load_trial *trial, struct error *err)
{
	if (!plan->pending)
		return error_set(err, EINVAL, "ask for the next load first", "a trial that nobody asked for");
	if (trial->load != plan->step.load || trial->duration_s != plan->step.duration_s)
		return error_set(err, EINVAL, "feed the trial that the plan asked for",
				 "a trial of %g packets/s, %g s instead of %g packets/s, %g s", trial->load,
				 trial->duration_s, plan->step.load, plan->step.duration_s);
	if (trial->lost > trial->offered)
		return error_set(err, EINVAL, "count what was offered and lost in the same window",
				 "a trial lost %llu of %llu packets", (unsigned long long)trial->lost,
				 (unsigned long long)trial->offered);
	if (!is_time(trial->offered_pps) || !is_time(trial->effective_s) || !is_time(trial->spent_s))
		return error_set(err, EINVAL, "give finite numbers, not below 0",
				 "a trial with an offered load of %g packets/s, %g s effective, %g s spent",
				 trial->offered_pps, trial->effective_s, trial->spent_s);
	return 0;
}

static void account(struct load_plan *plan, const struct load_trial *trial, bool is_void)
{
	double spent = trial->spent_s > 0 ? trial->spent_s : load_trial_effective(trial);

	plan->trials++;
	plan->void_trials += is_void;
	plan->spent_s += spent;
	plan->traffic_s += trial->duration_s;
	plan->overhead_s = fmax(0, spent - trial->duration_s);
	if (is_void || trial->load != LOAD_UNLIMITED || plan->step.purpose == LOAD_WARMUP)
		return;
	plan->unlimited_pps += load_trial_forwarded(trial);
	plan->unlimited++;
}

int load_plan_feed(struct load_plan *plan, const struct load_trial *trial, struct error *err)
{
	bool is_void = !trial->valid || !trial->offered || !(trial->offered_pps > 0);
	int ret = check_trial(plan, trial, err);

	if (ret)
		return ret;
	if (plan->step.purpose == LOAD_WARMUP)
		is_void = false; /* its result is of no interest anyway */
	account(plan, trial, is_void);
	plan->pending = false;
	if (!is_void) {
		plan->chosen = false;
		plan->ops->accept(plan, &plan->step, trial);
		return 0;
	}
	plan->reached = fmax(plan->reached, trial->offered_pps);
	if (plan->step.attempt++ < plan->limits.void_repeats)
		return 0;
	plan->chosen = false;
	plan->ops->give_up(plan, &plan->step, plan->reached);
	return 0;
}

void load_plan_result(const struct load_plan *plan, struct load_result *result)
{
	*result = (struct load_result){
		.end = plan->end,
		.trials = plan->trials,
		.void_trials = plan->void_trials,
		.spent_s = plan->spent_s,
		.traffic_s = plan->traffic_s,
		.min_load = NAN,
		.max_load = NAN,
		.mrr_pps = plan->unlimited ? plan->unlimited_pps / plan->unlimited : NAN,
	};
	if (plan->ops->report)
		plan->ops->report(plan, result);
}

const char *load_result_text(const struct load_result *result, unsigned goal)
{
	switch (goal < result->goals ? result->goal[goal].status : GOAL_OPEN) {
	case GOAL_FOUND:
		return "found";
	case GOAL_AT_MAX:
		return result->sender_limited ? "the highest load that the sender reaches still passes" :
						"the highest load still passes";
	case GOAL_AT_MIN:
		return "no lower bound: too much loss at every rate, down to the least load";
	case GOAL_OPEN:
		break;
	}
	switch (result->end) {
	case LOAD_END_TIME:   return "ended by the time limit; bounds known so far";
	case LOAD_END_TRIALS: return "ended by the limit of trials; bounds known so far";
	case LOAD_END_VOID:
		return "ended by void trials: the sender did not offer the load; bounds known so far";
	case LOAD_END_DONE:   return "no bounds";
	case LOAD_END_NOT:    break;
	}
	return "still searching";
}
