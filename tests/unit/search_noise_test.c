/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does the search find the truth through noise? 100 seeded switches for each preset; beside it what plain
 * binary search makes of the same switches, at the same width.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "measure/statistics.h"
#include "search_switch.h"

#define RUNS 100
#define RIGHT_MIN 95
#define ROUNDING 1e-6

struct tally {
	unsigned right[SEARCH_GOALS_MAX]; /* runs, by goal */
	unsigned all;                     /* runs in which all goals were right */
	double traffic_s[RUNS], spent_s[RUNS];
	double worst;                     /* furthest from the truth, relative */
};

/* Regular, no wider than stated, and the truth no further than the stated width from the lower bound. */
static bool is_right(const struct goal_result *result, const struct search_goal *goal, double truth)
{
	return result->status == GOAL_FOUND &&
	       (result->upper - result->lower) / result->upper <= goal->width * (1 + ROUNDING) &&
	       fabs(result->lower - truth) <= goal->width * truth;
}

static void count(struct tally *tally, unsigned run, const struct search_config *config,
		  const struct search_switch *sut, const struct load_result *result, unsigned first_goal)
{
	unsigned right = 0;

	for (unsigned g = 0; g < config->goals; g++) {
		double truth = search_switch_true(sut, &config->goal[g]);
		bool ok = is_right(&result->goal[g], &config->goal[g], truth);

		tally->right[first_goal + g] += ok;
		right += ok;
		if (!isnan(result->goal[g].lower))
			tally->worst = fmax(tally->worst, fabs(result->goal[g].lower / truth - 1));
	}
	tally->all += right == config->goals;
	tally->traffic_s[run] += result->traffic_s;
	tally->spent_s[run] += result->spent_s;
}

static void print(const char *name, const struct tally *tally, unsigned goals)
{
	fprintf(stderr, "# %-34s", name);
	for (unsigned g = 0; g < goals; g++)
		fprintf(stderr, " %s %3u/%u", g ? "pdr" : "ndr", tally->right[g], RUNS);
	fprintf(stderr, "  worst %7.2f %%  trial seconds: median %.1f, max %.1f (with overhead %.1f)\n",
		tally->worst * 100, statistics_median(tally->traffic_s, RUNS),
		statistics_max(tally->traffic_s, RUNS), statistics_median(tally->spent_s, RUNS));
}

static void run_search(const struct search_config *config, struct tally *tally)
{
	for (unsigned run = 0; run < RUNS; run++) {
		struct search_switch sut = search_switch_usual(run);
		struct load_result result;
		struct load_plan *plan;

		assert_int_equal(load_plan_search(&plan, config, NULL), 0);
		search_switch_run(&sut, plan, &result);
		assert_int_equal(result.end, LOAD_END_DONE);
		count(tally, run, config, &sut, &result, 0);
		load_plan_free(plan);
	}
}

/* One binary search a goal, as it has to be. */
static void run_bisect(const struct search_config *config, double duration_s, struct tally *tally)
{
	for (unsigned g = 0; g < config->goals; g++) {
		struct search_config one = *config;

		one.goal[0] = config->goal[g];
		one.goals = 1;
		one.limits.time_limit_s = 1e5;
		one.goal[0].final_duration_s = duration_s;
		one.goal[0].duration_sum_s = duration_s;
		for (unsigned run = 0; run < RUNS; run++) {
			struct search_switch sut = search_switch_usual(run);
			struct search_config truth = one;
			struct load_result result;
			struct load_plan *plan;

			/* The truth is what the search's goal asks for. */
			truth.goal[0] = config->goal[g];
			assert_int_equal(load_plan_bisect(&plan, &one, NULL), 0);
			search_switch_run(&sut, plan, &result);
			count(tally, run, &truth, &sut, &result, g);
			load_plan_free(plan);
		}
	}
}

static void check_preset(const char *name)
{
	struct tally search = { .all = 0 }, single = { .all = 0 }, as_long = { .all = 0 };
	struct search_config config;
	char text[64];

	assert_int_equal(search_preset(&config, name, NULL), 0);
	run_search(&config, &search);
	run_bisect(&config, config.goal[0].final_duration_s, &single);
	run_bisect(&config, config.goal[0].duration_sum_s, &as_long);
	fprintf(stderr, "# %s, width %.3g %%: right answers within the width, of %u noisy switches\n", name,
		config.goal[0].width * 100, RUNS);
	print("MLRsearch", &search, config.goals);
	snprintf(text, sizeof(text), "binary searches, trials of %g s", config.goal[0].final_duration_s);
	print(text, &single, config.goals);
	snprintf(text, sizeof(text), "binary searches, trials of %g s", config.goal[0].duration_sum_s);
	print(text, &as_long, config.goals);
	assert_true(search.all >= RIGHT_MIN);
}

static void csit(void **state)
{
	check_preset("csit");
}

static void quick(void **state)
{
	check_preset("quick");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csit),
		cmocka_unit_test(quick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
