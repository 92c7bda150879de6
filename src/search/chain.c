/* SPDX-License-Identifier: Apache-2.0 */
/* How one goal narrows its bounds down. */
#include "search/chain.h"

#include <math.h>
#include <stdbool.h>

/* What one decision looks at; loads are numbers on the grid. */
struct view {
	int lower, upper;  /* relevant bounds for the current target */
	int from, to;      /* where we believe that they are */
	int max;
	int width;
	double expansion;
};

void chain_init(struct chain *chain, const struct search_goal *goal)
{
	*chain = (struct chain){ .last = goal->preceding, .from = LOAD_NONE, .to = LOAD_NONE };
	for (unsigned i = 0; i <= goal->preceding; i++)
		chain->target[i] = search_goal_target(goal, goal->preceding - i);
}

void chain_start(struct chain *chain, const struct load_grid *grid, int from, int to)
{
	chain->current = 0;
	chain->from = from;
	chain->to = to;
	for (unsigned i = 0; i <= chain->last; i++)
		chain->width[i] = load_grid_width(grid, chain->target[i].width);
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

static int most(int a, int b)
{
	return a > b ? a : b;
}

/*
 * How far from the guess to step outward when the bound turned out to lie beyond it, `gone` steps so far:
 * each time further by the factor `expansion`, at least by one width.
 */
static int reach(const struct view *view, int gone)
{
	double by_factor = fmin(gone * view->expansion, view->max + 1.0);

	return most(gone + view->width, (int)by_factor);
}

/* Nothing is settled yet: the guess, or the middle of it where it is wide. */
static int choose_first(const struct view *view)
{
	if (view->from != LOAD_NONE && view->to != LOAD_NONE && view->to - view->from > view->width)
		return view->from + (view->to - view->from) / 2;
	if (view->from != LOAD_NONE)
		return view->from;
	return view->to != LOAD_NONE ? view->to : view->max;
}

static int step_up(const struct view *view)
{
	int base = view->to != LOAD_NONE && view->to < view->lower ? view->to : view->lower;
	int next = base + reach(view, view->lower - base);

	/* A remainder narrower than the goal would be of no use. */
	return view->max - next < view->width ? view->max : next;
}

static int step_down(const struct view *view)
{
	int base = view->from != LOAD_NONE && view->from > view->upper ? view->from : view->upper;
	int next = base - reach(view, base - view->upper);

	return next < view->width ? 0 : next;
}

static int choose_above(const struct view *view)
{
	if (view->lower >= view->max)
		return LOAD_NONE;
	return view->to > view->lower ? view->to : step_up(view);
}

static int choose_below(const struct view *view)
{
	if (view->upper <= 0)
		return LOAD_NONE;
	return view->from != LOAD_NONE && view->from < view->upper ? view->from : step_down(view);
}

static bool is_between(const struct view *view, int load)
{
	return load != LOAD_NONE && load > view->lower && load < view->upper;
}

/*
 * Both bounds are there, too far apart. One of them may be far off, found for another goal; then the guess,
 * or steps outward from it, are better than the middle.
 */
static int choose_between(const struct view *view)
{
	int middle = view->lower + (view->upper - view->lower) / 2;

	if (view->upper - view->lower <= view->width || view->lower >= view->max)
		return LOAD_NONE;
	if (is_between(view, view->from) && is_between(view, view->to) && view->to - view->from > view->width)
		return view->from + (view->to - view->from) / 2;
	if (is_between(view, view->from))
		return view->from;
	if (is_between(view, view->to))
		return view->to;
	if (view->to != LOAD_NONE && view->lower >= view->to)
		middle = least(middle, step_up(view));
	else if (view->from != LOAD_NONE && view->upper <= view->from)
		middle = most(middle, step_down(view));
	return least(middle, view->max);
}

static int choose(const struct view *view)
{
	if (view->lower == LOAD_NONE && view->upper == LOAD_NONE)
		return choose_first(view);
	if (view->upper == LOAD_NONE)
		return choose_above(view);
	if (view->lower == LOAD_NONE)
		return choose_below(view);
	return choose_between(view);
}

int chain_choose(struct chain *chain, const struct load_database *db, int max, double *duration_s)
{
	for (;;) {
		const struct search_goal *target = &chain->target[chain->current];
		struct load_bounds bounds = load_database_bounds(db, target);
		struct view view = {
			.lower = bounds.lower, .upper = bounds.upper,
			.from = least(chain->from, max), .to = least(chain->to, max),
			.max = max, .width = chain->width[chain->current], .expansion = target->expansion,
		};
		int load = choose(&view);

		*duration_s = target->final_duration_s;
		if (load != LOAD_NONE || chain->current == chain->last)
			return load;
		chain->from = bounds.lower;
		chain->to = bounds.upper;
		chain->current++;
	}
}
