/* SPDX-License-Identifier: Apache-2.0 */
/* What holds for any search on any switch; plain binary search. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "search_switch.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define ROUNDING 1e-6

static struct search_goal random_goal(struct search_random *random, unsigned number)
{
	static const double losses[] = { 0, 0, 0.001, 0.005, 0.2 }, exceeds[] = { 0, 0.2, 0.5, 0.5, 0.7 };
	struct search_goal goal = { .expansion = 1.1 + 3 * uniform(random),
				    .loss_ratio = losses[below(random, N(losses))],
				    .exceed_ratio = exceeds[below(random, N(exceeds))],
				    .width = 0.01 + 0.2 * uniform(random),
				    .preceding = 1 + (unsigned)below(random, 3) };

	goal.name[0] = (char)('a' + number);
	goal.initial_duration_s = 0.1 + uniform(random);
	goal.final_duration_s = goal.initial_duration_s * (1 + (double)below(random, 3));
	goal.duration_sum_s = goal.final_duration_s * (1 + 9 * uniform(random));
	return goal;
}

static void check_results(const struct search_config *config, const struct load_result *result)
{
	for (unsigned g = 0; g < result->goals; g++) {
		const struct goal_result *goal = &result->goal[g];

		if (!isnan(goal->lower) && !isnan(goal->upper))
			assert_true(goal->lower < goal->upper);
		if (!isnan(goal->lower))
			assert_true(goal->throughput >=
					    goal->lower * (1 - config->goal[g].loss_ratio) * (1 - ROUNDING) &&
				    goal->throughput <= goal->lower);
		else
			assert_true(isnan(goal->throughput));
		if (goal->status == GOAL_FOUND)
			assert_true(goal->upper - goal->lower <=
				    config->goal[g].width * goal->upper * (1 + 1e-4));
		if (result->end == LOAD_END_DONE)
			assert_int_not_equal(goal->status, GOAL_OPEN);
	}
}

/* A switch that answers anything at all: mean with a tendency, or out of the blue. */
static struct load_trial any_trial(struct search_random *random, const struct load_step *step, unsigned mood)
{
	struct load_trial trial = { .load = step->load, .duration_s = step->duration_s, .valid = true };
	double load = step->load == LOAD_UNLIMITED ? 1e6 : step->load;

	trial.offered_pps = load * (mood & 1 ? 1 : 0.9 + 0.2 * uniform(random));
	trial.offered = 1 + (uint64_t)(load * step->duration_s);
	switch (mood / 2) {
	case 0: trial.lost = below(random, 2) * below(random, trial.offered); break;
	case 1: trial.lost = uniform(random) < load / 1e6 ? trial.offered / 100 : 0; break;
	case 2: trial.lost = uniform(random) > load / 1e6 ? trial.offered / 100 : 0; break; /* upside down */
	case 3: trial.lost = below(random, 3) ? 0 : trial.offered; break;
	}
	trial.valid = !(mood & 1) || below(random, 50);
	trial.effective_s = below(random, 2) ? 0 : step->duration_s * (0.5 + uniform(random));
	return trial;
}

static void any_search_ends(void **state)
{
	struct search_random random = search_random(4);

	for (unsigned round = 0; round < 600; round++) {
		struct search_config config = { .goals = 1 + (unsigned)below(&random, 4),
						.min_load = 100,
						.max_load = round % 3 ? 1e6 : 0,
						.warmup_s = (double)below(&random, 2),
						.limits = { 1e9, 200000, 2 } };
		struct load_plan *plan, *replay;
		struct load_step step, same;
		struct load_result result;

		for (unsigned g = 0; g < config.goals; g++)
			config.goal[g] = random_goal(&random, g);
		assert_int_equal(load_plan_search(&plan, &config, NULL), 0);
		assert_int_equal(load_plan_search(&replay, &config, NULL), 0);
		while (load_plan_next(plan, &step)) {
			struct load_trial trial = any_trial(&random, &step, round % 8);

			assert_true(step.load == LOAD_UNLIMITED || (step.load >= 100 && step.load <= 1.1e6));
			assert_true(step.duration_s > 0);
			/* The same trials, the same steps; asked twice, too. */
			assert_true(load_plan_next(replay, &same) && load_plan_next(replay, &same));
			assert_memory_equal(&step, &same, sizeof(step));
			assert_int_equal(load_plan_feed(plan, &trial, NULL), 0);
			assert_int_equal(load_plan_feed(replay, &trial, NULL), 0);
			if (step.number % 16 == 0) {
				load_plan_result(plan, &result);
				check_results(&config, &result);
			}
		}
		assert_false(load_plan_next(plan, &step));
		load_plan_result(plan, &result);
		assert_true(result.end == LOAD_END_DONE || result.end == LOAD_END_VOID);
		check_results(&config, &result);
		load_plan_free(plan);
		load_plan_free(replay);
	}
}

static void binary_search(void **state)
{
	struct search_random random = search_random(5);

	for (unsigned i = 0; i < 200; i++) {
		double capacity = 1100 * exp(uniform(&random) * log(10000)),
		       max = capacity * (0.8 + uniform(&random));
		struct search_config config = search_preset_of("rfc2544", i % 2 ? max : 0);
		struct search_switch sut = search_switch_quiet(capacity, max);
		struct load_result result;
		struct load_plan *plan;

		assert_int_equal(load_plan_bisect(&plan, &config, NULL), 0);
		search_switch_run(&sut, plan, &result);
		load_plan_free(plan);
		assert_int_equal(result.end, LOAD_END_DONE);
		assert_int_equal(result.goal[0].status, max <= capacity ? GOAL_AT_MAX : GOAL_FOUND);
		assert_true(result.goal[0].lower <= capacity + 1);
		if (max > capacity)
			assert_true(result.goal[0].upper - result.goal[0].lower <=
				    0.005 * result.goal[0].upper);
		assert_true(result.trials <= 22);
	}
}

static void binary_search_gone_wrong(void **state)
{
	struct search_config config = search_preset_of("rfc2544", 10e6), two = search_preset_of("csit", 10e6);
	struct search_switch sut = search_switch_quiet(500, 20e6);
	struct load_result result;
	struct load_plan *plan;
	struct error err;

	assert_int_equal(load_plan_bisect(&plan, &config, NULL), 0);
	search_switch_run(&sut, plan, &result);
	load_plan_free(plan);
	assert_int_equal(result.goal[0].status, GOAL_AT_MIN);
	assert_true(isnan(result.goal[0].lower) && result.goal[0].upper == 1000);

	sut = search_switch_quiet(5e6, 3e6);
	assert_int_equal(load_plan_bisect(&plan, &config, NULL), 0);
	search_switch_run(&sut, plan, &result);
	load_plan_free(plan);
	assert_int_equal(result.goal[0].status, GOAL_AT_MAX);
	assert_true(result.sender_limited && result.goal[0].lower == 3e6);

	assert_int_equal(load_plan_bisect(&plan, &two, &err), -EINVAL);
	assert_null(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_search_ends),
		cmocka_unit_test(binary_search),
		cmocka_unit_test(binary_search_gone_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
