/* SPDX-License-Identifier: Apache-2.0 */
/* Presets of searches, and what contradicts itself in a configuration. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "search/grid.h"
#include "search/plan_internal.h"
#include "util/suggest.h"

#define MIN_LOAD 1000.0

/*
 * csit: FD.io CSIT's two goals and limits (docs, "MLR Search"; defaults of its library). Its least load is
 * 9001 packets/s.
 * rfc2544 and tst009: RFC 9971, "MLRsearch Compliant with RFC 2544" and "... with TST009". Neither of the
 * two standards gives a width or a limit of time: these are ours.
 * quick: ours, a look that takes some seconds.
 */
static const struct {
	const char *name;
	struct search_config config;
} presets[] = {
	{ "csit", {
		.goal = {
			{ "ndr", 1, 1, 21, 0,     0.5, 0.005, 2, 2 },
			{ "pdr", 1, 1, 21, 0.005, 0.5, 0.005, 2, 2 },
		},
		.goals = 2, .min_load = 9001, .warmup_s = 1,
		.limits = { .time_limit_s = 1200, .max_trials = 10000, .void_repeats = 2 },
	} },
	{ "rfc2544", {
		.goal = { { "ndr", 1, 60, 60, 0, 0, 0.005, 2, 2 } },
		.goals = 1, .min_load = MIN_LOAD, .warmup_s = 1,
		.limits = { .time_limit_s = 7200, .max_trials = 10000, .void_repeats = 2 },
	} },
	{ "tst009", {
		.goal = { { "ndr", 1, 60, 120, 0, 0.5, 0.005, 2, 2 } },
		.goals = 1, .min_load = MIN_LOAD, .warmup_s = 1,
		.limits = { .time_limit_s = 7200, .max_trials = 10000, .void_repeats = 2 },
	} },
	{ "quick", {
		.goal = {
			{ "ndr", 0.2, 0.2, 1.4, 0,     0.5, 0.03, 1, 2 },
			{ "pdr", 0.2, 0.2, 1.4, 0.005, 0.5, 0.03, 1, 2 },
		},
		.goals = 2, .min_load = MIN_LOAD, .warmup_s = 0.2,
		.limits = { .time_limit_s = 60, .max_trials = 1000, .void_repeats = 2 },
	} },
};

#define PRESETS (sizeof(presets) / sizeof(presets[0]))

const char *const search_preset_names[] = { "csit", "rfc2544", "tst009", "quick", NULL };
_Static_assert(sizeof(search_preset_names) / sizeof(search_preset_names[0]) == PRESETS + 1, "one name each");

int search_preset(struct search_config *config, const char *name, struct error *err)
{
	const char *near;

	for (size_t i = 0; i < PRESETS; i++) {
		if (strcmp(presets[i].name, name))
			continue;
		*config = presets[i].config;
		return 0;
	}
	near = suggest(name, search_preset_names);
	return error_set(err, EINVAL, "known: csit, rfc2544, tst009, quick",
			 near ? "unknown search preset (did you mean '%s'?)" : "unknown search preset", near);
}

static int check_goals(const struct search_config *config, struct error *err)
{
	int ret;

	if (!config->goals || config->goals > SEARCH_GOALS_MAX)
		return error_set(err, EINVAL, "give 1 to 8 goals", "a search with %u goals", config->goals);
	for (unsigned i = 0; i < config->goals; i++) {
		ret = search_goal_check(&config->goal[i], err);
		if (ret)
			return ret;
		for (unsigned j = 0; j < i; j++)
			if (!strcmp(config->goal[i].name, config->goal[j].name))
				return error_set(err, EINVAL, "give each goal a name of its own",
						 "two search goals are named %s", config->goal[i].name);
	}
	return 0;
}

static int check_loads(const struct search_config *config, struct error *err)
{
	double shortest = INFINITY;
	struct load_grid grid;

	for (unsigned i = 0; i < config->goals; i++)
		shortest = fmin(shortest, config->goal[i].initial_duration_s);
	if (!(config->min_load * shortest >= 1 && isfinite(config->min_load)))
		return error_set(err, EINVAL, "raise the least load or the initial trial duration",
				 "at the least load, %g packets/s, a trial of %g s sends no packet",
				 config->min_load, shortest);
	if (!(config->max_load >= 0))
		return error_set(err, EINVAL, "give packets per second, or 0 to have it measured",
				 "highest load %g packets/s", config->max_load);
	if (config->max_load == 0)
		return 0;
	return load_grid_init(&grid, config->min_load, config->max_load, config->goal, config->goals, err);
}

static int check_times(const struct search_config *config, struct error *err)
{
	const struct search_goal *goal;

	if (!(config->warmup_s >= 0 && config->warmup_s < config->limits.time_limit_s))
		return error_set(err, EINVAL, "give a warm-up of 0 or more, below the time limit",
				 "warm-up %g s, time limit %g s", config->warmup_s,
				 config->limits.time_limit_s);
	for (unsigned i = 0; i < config->goals; i++) {
		goal = &config->goal[i];
		/* One load takes this much at least: full-length trials within the exceed ratio. */
		if (goal->duration_sum_s * (1 - goal->exceed_ratio) > config->limits.time_limit_s)
			return error_set(err, EINVAL, "raise the time limit, or choose a quicker search",
					 "goal %s: the time limit %g s is not enough for a single load",
					 goal->name, config->limits.time_limit_s);
	}
	return 0;
}

int search_config_check(const struct search_config *config, struct error *err)
{
	int ret = check_goals(config, err);

	if (!ret)
		ret = load_limits_check(&config->limits, err);
	if (!ret)
		ret = check_times(config, err);
	return ret ? ret : check_loads(config, err);
}
