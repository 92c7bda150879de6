/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plain binary search: what people know as the RFC 2544 throughput test (and TST 009 12.3.2 as "Binary
 * Search"). First the highest load; if that loses, the middle of the known bounds. The least load is believed
 * to pass until everything above it has failed; then it is tried.
 */
#include <errno.h>
#include <math.h>

#include "search/plan_internal.h"

struct bisect {
	struct load_plan plan;
	struct search_config config;
	double top;            /* highest load; 0: not known yet */
	double lower, upper;   /* of trials; 0: none yet */
	double lower_loss, lower_share; /* of the trial at `lower` */
	bool sender_limited;
};

static const struct search_goal *goal_of(const struct bisect *bisect)
{
	return &bisect->config.goal[0];
}

static enum goal_status status(const struct bisect *bisect)
{
	double lower = bisect->lower > 0 ? bisect->lower : bisect->config.min_load;

	if (bisect->lower > 0 && bisect->lower >= bisect->top)
		return GOAL_AT_MAX;
	if (bisect->upper > 0 && bisect->upper <= bisect->config.min_load)
		return GOAL_AT_MIN;
	if (bisect->lower > 0 && bisect->upper > 0 &&
	    bisect->upper - lower <= goal_of(bisect)->width * bisect->upper)
		return GOAL_FOUND;
	return GOAL_OPEN;
}

static bool bisect_choose(struct load_plan *plan, struct load_step *step)
{
	struct bisect *bisect = (struct bisect *)plan;
	double lower = bisect->lower > 0 ? bisect->lower : bisect->config.min_load;

	step->duration_s = goal_of(bisect)->final_duration_s;
	if (!(bisect->top > 0)) {
		step->load = LOAD_UNLIMITED;
		step->purpose = LOAD_REFERENCE;
		return true;
	}
	if (status(bisect) != GOAL_OPEN)
		return false;
	if (!(bisect->upper > 0))
		step->load = bisect->top;
	else if (bisect->upper - lower <= goal_of(bisect)->width * bisect->upper)
		step->load = lower; /* the least one: not tried yet */
	else
		step->load = lower + (bisect->upper - lower) / 2;
	return true;
}

static void bisect_accept(struct load_plan *plan, const struct load_step *step,
			  const struct load_trial *trial)
{
	struct bisect *bisect = (struct bisect *)plan;
	double loss = load_trial_loss(trial);

	if (step->purpose == LOAD_REFERENCE) {
		bisect->top = trial->offered_pps;
		if (bisect->top <= bisect->config.min_load)
			plan->end = LOAD_END_VOID;
		return;
	}
	if (loss > goal_of(bisect)->loss_ratio) {
		bisect->upper = step->load;
		return;
	}
	bisect->lower = step->load;
	bisect->lower_loss = loss;
	bisect->lower_share = trial->offered_pps / step->load;
}

/* As in mlrsearch.c: what the sender reached is the highest load, unless it reached more before. */
static void bisect_give_up(struct load_plan *plan, const struct load_step *step, double reached)
{
	struct bisect *bisect = (struct bisect *)plan;

	if (step->purpose == LOAD_REFERENCE || bisect->upper > 0 || reached >= step->load ||
	    reached <= bisect->config.min_load) {
		plan->end = LOAD_END_VOID;
		return;
	}
	bisect->top = reached;
	bisect->sender_limited = true;
}

static void bisect_report(const struct load_plan *plan, struct load_result *result)
{
	const struct bisect *bisect = (const struct bisect *)plan;
	struct goal_result *goal = &result->goal[0];

	result->min_load = bisect->config.min_load;
	result->max_load = bisect->top > 0 ? bisect->top : NAN;
	result->sender_limited = bisect->sender_limited;
	result->goals = 1;
	*goal = (struct goal_result){ status(bisect), NAN, NAN, NAN, NAN, NAN, NAN };
	if (bisect->upper > 0)
		goal->upper = bisect->upper;
	if (!(bisect->lower > 0))
		return;
	goal->lower = bisect->lower;
	goal->throughput = bisect->lower * (1 - bisect->lower_loss);
	goal->offered_share = bisect->lower_share;
}

static const struct load_plan_ops bisect_ops = {
	.choose = bisect_choose,
	.accept = bisect_accept,
	.give_up = bisect_give_up,
	.report = bisect_report,
};

int load_plan_bisect(struct load_plan **plan, const struct search_config *config, struct error *err)
{
	struct bisect *bisect;
	int ret = search_config_check(config, err);

	*plan = NULL;
	if (!ret && config->goals != 1)
		ret = error_set(err, EINVAL, "search for one goal after the other, or use MLRsearch",
				"a binary search has one goal, not %u", config->goals);
	if (ret)
		return ret;
	bisect = (struct bisect *)load_plan_new(sizeof(*bisect), &bisect_ops, &config->limits, err);
	if (!bisect)
		return -ENOMEM;
	bisect->config = *config;
	bisect->top = config->max_load;
	*plan = &bisect->plan;
	return 0;
}
