/* SPDX-License-Identifier: Apache-2.0 */
/* Plans without a search: the same load again, sweeps, the frame loss curve. */
#include <errno.h>
#include <math.h>

#include "search/plan_internal.h"

struct points {
	struct load_plan plan;
	double duration_s;
	unsigned count, next;  /* points; of them, the one that is next */
	double load;           /* repeat: of all; loss curve: what 100 % is, 0 not known yet */
	struct rate rate;      /* sweep */
	bool has_mrr;          /* sweep in shares: of this */
	double mrr_pps;
	double step;           /* loss curve */
	unsigned lossless;     /* loss curve: how many trials in a row */
};

static struct points *points_of(struct load_plan *plan)
{
	return (struct points *)plan;
}

static void points_give_up(struct load_plan *plan, const struct load_step *step, double reached)
{
	if (step->purpose == LOAD_REFERENCE)
		plan->end = LOAD_END_VOID;
	else
		points_of(plan)->next++;
}

static void points_accept(struct load_plan *plan, const struct load_step *step,
			  const struct load_trial *trial)
{
	points_of(plan)->next++;
}

static int points_new(struct load_plan **plan, const struct load_plan_ops *ops, double duration_s,
		      const struct load_limits *limits, struct error *err)
{
	struct points *points;
	int ret = load_limits_check(limits, err);

	*plan = NULL;
	if (!ret)
		ret = load_duration_check(duration_s, err);
	if (ret)
		return ret;
	*plan = load_plan_new(sizeof(*points), ops, limits, err);
	if (!*plan)
		return -ENOMEM;
	points_of(*plan)->duration_s = duration_s;
	return 0;
}

static bool repeat_choose(struct load_plan *plan, struct load_step *step)
{
	const struct points *points = points_of(plan);

	step->load = points->load;
	step->duration_s = points->duration_s;
	return points->next < points->count;
}

static const struct load_plan_ops repeat_ops = {
	.choose = repeat_choose,
	.accept = points_accept,
	.give_up = points_give_up,
};

int load_plan_repeat(struct load_plan **plan, double load, double duration_s, unsigned count,
		     const struct load_limits *limits, struct error *err)
{
	int ret;

	*plan = NULL;
	if (load != LOAD_UNLIMITED && !(load > 0 && isfinite(load)))
		return error_set(err, EINVAL, "give packets per second, or max", "a load of %g packets/s",
				 load);
	if (!count)
		return error_set(err, EINVAL, "make at least one trial", "no trials at all");
	ret = points_new(plan, &repeat_ops, duration_s, limits, err);
	if (ret)
		return ret;
	points_of(*plan)->load = load;
	points_of(*plan)->count = count;
	return 0;
}

static bool sweep_choose(struct load_plan *plan, struct load_step *step)
{
	const struct points *points = points_of(plan);

	step->duration_s = points->duration_s;
	if (points->rate.kind == RATE_SWEEP_SHARE && !points->has_mrr) {
		step->load = LOAD_UNLIMITED;
		step->purpose = LOAD_REFERENCE;
		return true;
	}
	if (points->next == points->count)
		return false;
	step->load = rate_point(&points->rate, points->next);
	if (points->rate.kind == RATE_SWEEP_SHARE)
		step->load *= points->mrr_pps;
	return true;
}

static void sweep_accept(struct load_plan *plan, const struct load_step *step, const struct load_trial *trial)
{
	struct points *points = points_of(plan);

	if (step->purpose != LOAD_REFERENCE) {
		points->next++;
		return;
	}
	points->has_mrr = true;
	points->mrr_pps = load_trial_forwarded(trial);
	if (!(points->mrr_pps > 0))
		points->next = points->count; /* nothing arrived: no share of it can be offered */
}

static const struct load_plan_ops sweep_ops = {
	.choose = sweep_choose,
	.accept = sweep_accept,
	.give_up = points_give_up,
};

int load_plan_sweep(struct load_plan **plan, const struct rate *rate, double duration_s,
		    const struct load_limits *limits, struct error *err)
{
	unsigned count = rate_points(rate);
	int ret;

	*plan = NULL;
	if (!count)
		return error_set(err, EINVAL, "give a sweep, as 1M..20M step 1M or 10%..100%",
				 "the rate is no sweep");
	ret = points_new(plan, &sweep_ops, duration_s, limits, err);
	if (ret)
		return ret;
	points_of(*plan)->rate = *rate;
	points_of(*plan)->count = count;
	return 0;
}

static bool curve_choose(struct load_plan *plan, struct load_step *step)
{
	const struct points *points = points_of(plan);

	step->duration_s = points->duration_s;
	step->load = points->load > 0 ? points->load * (1 - points->next * points->step) : LOAD_UNLIMITED;
	return points->next < points->count && points->lossless < 2;
}

static void curve_accept(struct load_plan *plan, const struct load_step *step, const struct load_trial *trial)
{
	struct points *points = points_of(plan);

	if (step->load == LOAD_UNLIMITED)
		points->load = trial->offered_pps;
	points->lossless = trial->lost ? 0 : points->lossless + 1;
	points->next++;
}

/* A point that the sender did not reach says nothing of loss. But what is 100 % then? */
static void curve_give_up(struct load_plan *plan, const struct load_step *step, double reached)
{
	struct points *points = points_of(plan);

	points->lossless = 0;
	points->next++;
	if (step->load == LOAD_UNLIMITED)
		plan->end = LOAD_END_VOID;
}

static void curve_report(const struct load_plan *plan, struct load_result *result)
{
	const struct points *points = (const struct points *)plan;

	if (points->load > 0)
		result->max_load = points->load;
}

static const struct load_plan_ops curve_ops = {
	.choose = curve_choose,
	.accept = curve_accept,
	.give_up = curve_give_up,
	.report = curve_report,
};

int load_plan_loss_curve(struct load_plan **plan, double max_load, double step, double duration_s,
			 const struct load_limits *limits, struct error *err)
{
	int ret;

	*plan = NULL;
	if (!(max_load >= 0 && isfinite(max_load)))
		return error_set(err, EINVAL, "give packets per second, or 0 for as fast as the sender can",
				 "highest load %g packets/s", max_load);
	if (!(step >= 0.001 && step <= 0.1))
		return error_set(err, EINVAL, "step by 0.1 (10 %) as RFC 2544 allows at most, 0.001 at least",
				 "a frame loss curve in steps of %g", step);
	ret = points_new(plan, &curve_ops, duration_s, limits, err);
	if (ret)
		return ret;
	points_of(*plan)->load = max_load;
	points_of(*plan)->step = step;
	/* All multiples of the step down to above 0; 1 / 0.1 must not come out as 9. */
	points_of(*plan)->count = (unsigned)ceil(1 / step - 1e-6);
	return 0;
}
