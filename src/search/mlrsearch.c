/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The controller of MLRsearch (RFC 9971). What the RFC leaves to implementations is decided here:
 *
 * - Trials before the search proper: a warm-up whose result is thrown away; one trial at the highest load;
 *   one at what was forwarded there. The forwarding rates tell about where the bounds are.
 * - Each goal goes through coarser targets first (chain.c); of the loads that goals would like to have
 *   measured, the lowest goes first (an upper bound there makes higher ones needless), for the longest time.
 * - All trials count for all goals.
 */
#include "search/plan_internal.h"

#include <errno.h>
#include <math.h>

#include "search/chain.h"

enum phase { PHASE_WARMUP, PHASE_TOP, PHASE_ESTIMATE, PHASE_SEARCH };

struct mlrsearch {
	struct load_plan plan;
	struct search_config config;
	struct chain chain[SEARCH_GOALS_MAX];
	struct load_database db;
	struct load_grid grid;
	bool has_grid;         /* the highest load is known */
	enum phase phase;
	int max;               /* highest load that the sender may be asked for */
	int number;            /* of the load of the current step */
	bool sender_limited;
};

static struct mlrsearch *mlrsearch_of(struct load_plan *plan)
{
	return (struct mlrsearch *)plan;
}

static double longest_initial_trial(const struct search_config *config)
{
	double duration_s = 0;

	for (unsigned i = 0; i < config->goals; i++)
		duration_s = fmax(duration_s, config->goal[i].initial_duration_s);
	return duration_s;
}

static bool choose_top(struct mlrsearch *search, struct load_step *step)
{
	search->number = search->max;
	step->load = search->has_grid ? load_grid_at(&search->grid, search->max) : LOAD_UNLIMITED;
	step->purpose = search->has_grid ? LOAD_MEASURE : LOAD_REFERENCE;
	step->duration_s = longest_initial_trial(&search->config);
	if (search->phase == PHASE_WARMUP) {
		step->purpose = LOAD_WARMUP;
		step->duration_s = search->config.warmup_s;
	}
	return true;
}

/* The lowest load that any goal asks for, for the longest duration that any asks for there. */
static bool choose_for_goals(struct mlrsearch *search, struct load_step *step)
{
	double duration_s;

	search->number = LOAD_NONE;
	for (unsigned i = 0; i < search->config.goals; i++) {
		int number = chain_choose(&search->chain[i], &search->db, search->max, &duration_s);

		if (number == LOAD_NONE || (search->number != LOAD_NONE && number > search->number))
			continue;
		if (number != search->number)
			step->duration_s = 0;
		search->number = number;
		step->duration_s = fmax(step->duration_s, duration_s);
	}
	if (search->number == LOAD_NONE)
		return false;
	step->load = load_grid_at(&search->grid, search->number);
	return true;
}

static bool mlrsearch_choose(struct load_plan *plan, struct load_step *step)
{
	struct mlrsearch *search = mlrsearch_of(plan);

	switch (search->phase) {
	case PHASE_WARMUP:
	case PHASE_TOP:
		return choose_top(search, step);
	case PHASE_ESTIMATE:
		step->load = load_grid_at(&search->grid, search->number);
		step->duration_s = longest_initial_trial(&search->config);
		return true;
	case PHASE_SEARCH:
		break;
	}
	return choose_for_goals(search, step);
}

/*
 * About where the goal's bound is, by the forwarding rate of one trial at load `number`: were all further
 * load lost, this one would lose just the share that the goal allows.
 */
static int estimate(const struct mlrsearch *search, int number, double loss, double loss_ratio)
{
	double load = load_grid_at(&search->grid, number) * (1 - loss) / (1 - loss_ratio);
	int below = load_grid_below(&search->grid, load);

	return below < 0 ? 0 : below > search->max ? search->max : below;
}

/* The guess for one goal: as wide as its coarsest target. */
static void start_chain(const struct mlrsearch *search, struct chain *chain, double loss)
{
	const struct search_goal *coarsest = &chain->target[0];
	int width = load_grid_width(&search->grid, coarsest->width), at = search->number, from, to;

	if (loss <= coarsest->loss_ratio) {
		from = at;
		to = at + width;
	} else {
		to = at;
		from = estimate(search, at, loss, coarsest->loss_ratio);
		if (from > to - width)
			from = to - width;
	}
	chain_start(chain, &search->grid, from < 0 ? 0 : from, to > search->max ? search->max : to);
}

static void start_search(struct mlrsearch *search, double loss)
{
	for (unsigned i = 0; i < search->config.goals; i++)
		start_chain(search, &search->chain[i], loss);
	search->phase = PHASE_SEARCH;
}

static double strictest_loss_ratio(const struct search_config *config)
{
	double ratio = 1;

	for (unsigned i = 0; i < config->goals; i++)
		ratio = fmin(ratio, config->goal[i].loss_ratio);
	return ratio;
}

/* After the trial at the highest load: try what it forwarded, if that is another load. */
static void accept_top(struct mlrsearch *search, double loss)
{
	double ratio = strictest_loss_ratio(&search->config);
	int at = loss > ratio ? estimate(search, search->max, loss, ratio) : search->max;

	if (at == search->max) {
		start_search(search, loss);
	} else {
		search->number = at;
		search->phase = PHASE_ESTIMATE;
	}
}

/* The highest load was not known: what the sender offered as fast as it can. */
static bool set_top(struct mlrsearch *search, double offered_pps)
{
	if (load_grid_init(&search->grid, search->config.min_load, offered_pps, search->config.goal,
			   search->config.goals, NULL))
		return false;
	search->has_grid = true;
	search->max = search->number = search->grid.last;
	return true;
}

static uint64_t nanoseconds(double seconds)
{
	return (uint64_t)llround(seconds * 1e9);
}

static void mlrsearch_accept(struct load_plan *plan, const struct load_step *step,
			     const struct load_trial *trial)
{
	struct mlrsearch *search = mlrsearch_of(plan);
	struct goal_trial result = {
		.loss_ratio = load_trial_loss(trial),
		.duration_ns = nanoseconds(trial->duration_s),
		.effective_ns = nanoseconds(load_trial_effective(trial)),
	};

	if (search->phase == PHASE_WARMUP) {
		search->phase = PHASE_TOP;
		return;
	}
	if (!search->has_grid) {
		/* No trial of a load: nobody asked for just this much. Paced, it may not be reached. */
		if (set_top(search, trial->offered_pps))
			accept_top(search, result.loss_ratio);
		else
			plan->end = LOAD_END_VOID; /* not even the least load */
		return;
	}
	/* There is room: limits.max_trials is the capacity. */
	load_database_add(&search->db, search->number, &result, trial->offered_pps / step->load);
	if (search->phase == PHASE_TOP)
		accept_top(search, result.loss_ratio);
	else if (search->phase == PHASE_ESTIMATE)
		start_search(search, result.loss_ratio);
}

/* The highest load below `number` that was measured. */
static int measured_below(const struct mlrsearch *search, int number)
{
	int below = LOAD_NONE;

	for (unsigned i = 0; i < search->db.loads && search->db.load[i].number < number; i++)
		below = search->db.load[i].number;
	return below;
}

/*
 * The sender does not offer this load. If it never offered more, then what it reached now is the highest load
 * from now on. If it did, or if the trials are void for another reason, then there is no load to rely upon.
 */
static void mlrsearch_give_up(struct load_plan *plan, const struct load_step *step, double reached)
{
	struct mlrsearch *search = mlrsearch_of(plan);
	unsigned loads = search->db.loads;
	int top;

	if (!search->has_grid || (loads && search->db.load[loads - 1].number > search->number)) {
		plan->end = LOAD_END_VOID;
		return;
	}
	top = load_grid_below(&search->grid, reached);
	if (top < measured_below(search, search->number))
		top = measured_below(search, search->number);
	if (top < 0 || top >= search->number) {
		plan->end = LOAD_END_VOID;
		return;
	}
	search->max = top;
	search->sender_limited = true;
}

static double load_or_none(const struct mlrsearch *search, int number)
{
	return number == LOAD_NONE ? NAN : load_grid_at(&search->grid, number);
}

static enum goal_status status(const struct mlrsearch *search, const struct search_goal *goal,
			       const struct load_bounds *bounds)
{
	if (bounds->upper == 0)
		return GOAL_AT_MIN;
	if (bounds->lower == LOAD_NONE)
		return GOAL_OPEN;
	if (bounds->upper != LOAD_NONE &&
	    bounds->upper - bounds->lower <= load_grid_width(&search->grid, goal->width))
		return GOAL_FOUND;
	return bounds->lower >= search->max ? GOAL_AT_MAX : GOAL_OPEN;
}

/* An early end before the goal itself has both bounds. */
static void report_coarse(const struct mlrsearch *search, const struct chain *chain,
			  struct goal_result *result)
{
	for (unsigned i = chain->last; i-- > 0;) {
		struct load_bounds bounds = load_database_bounds(&search->db, &chain->target[i]);

		if (bounds.lower == LOAD_NONE && bounds.upper == LOAD_NONE)
			continue;
		result->coarse_lower = load_or_none(search, bounds.lower);
		result->coarse_upper = load_or_none(search, bounds.upper);
		return;
	}
}

static void report_goal(const struct mlrsearch *search, unsigned i, struct goal_result *result)
{
	const struct search_goal *goal = &search->config.goal[i];
	struct load_bounds bounds = load_database_bounds(&search->db, goal);
	const struct load_entry *entry;

	*result = (struct goal_result){
		.status = status(search, goal, &bounds),
		.lower = load_or_none(search, bounds.lower), .upper = load_or_none(search, bounds.upper),
		.throughput = NAN, .offered_share = NAN, .coarse_lower = NAN, .coarse_upper = NAN,
	};
	if (result->status == GOAL_OPEN && (bounds.lower == LOAD_NONE || bounds.upper == LOAD_NONE))
		report_coarse(search, &search->chain[i], result);
	if (bounds.lower == LOAD_NONE)
		return;
	entry = load_database_find(&search->db, bounds.lower);
	result->throughput = search_goal_throughput(goal, result->lower, entry->trials);
	result->offered_share = entry->offered_share;
}

static void mlrsearch_report(const struct load_plan *plan, struct load_result *result)
{
	const struct mlrsearch *search = (const struct mlrsearch *)plan;

	result->min_load = search->config.min_load;
	if (search->has_grid)
		result->max_load = load_grid_at(&search->grid, search->max);
	result->sender_limited = search->sender_limited;
	result->goals = search->config.goals;
	for (unsigned i = 0; i < result->goals; i++)
		report_goal(search, i, &result->goal[i]);
}

static void mlrsearch_release(struct load_plan *plan)
{
	load_database_free(&mlrsearch_of(plan)->db);
}

static const struct load_plan_ops mlrsearch_ops = {
	.choose = mlrsearch_choose,
	.accept = mlrsearch_accept,
	.give_up = mlrsearch_give_up,
	.report = mlrsearch_report,
	.release = mlrsearch_release,
};

int load_plan_search(struct load_plan **plan, const struct search_config *config, struct error *err)
{
	struct mlrsearch *search;
	int ret = search_config_check(config, err);

	*plan = NULL;
	if (ret)
		return ret;
	search = (struct mlrsearch *)load_plan_new(sizeof(*search), &mlrsearch_ops, &config->limits, err);
	if (!search)
		return -ENOMEM;
	search->config = *config;
	search->phase = config->warmup_s > 0 ? PHASE_WARMUP : PHASE_TOP;
	for (unsigned i = 0; i < config->goals; i++)
		chain_init(&search->chain[i], &config->goal[i]);
	if (config->max_load > 0) {
		/* Checked with the configuration. */
		load_grid_init(&search->grid, config->min_load, config->max_load, config->goal, config->goals,
			       NULL);
		search->has_grid = true;
		search->max = search->grid.last;
	}
	ret = load_database_init(&search->db, config->limits.max_trials, err);
	if (ret) {
		load_plan_free(&search->plan);
		return ret;
	}
	*plan = &search->plan;
	return 0;
}
