/* SPDX-License-Identifier: Apache-2.0 */
/* Searches on switches that behave badly or too well, void trials, limits. */
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

static struct load_result search(const struct search_config *config, struct search_switch *sut)
{
	struct load_result result;
	struct load_plan *plan;

	assert_int_equal(load_plan_search(&plan, config, NULL), 0);
	search_switch_run(sut, plan, &result);
	load_plan_free(plan);
	return result;
}

/* All presets, many capacities: exact to the width, in about the time that is needed. */
static void known_capacity(void **state)
{
	struct search_random random = search_random(3);

	for (const char *const *name = search_preset_names; *name; name++) {
		for (unsigned i = 0; i < 100; i++) {
			double capacity = 2e4 * exp(uniform(&random) * log(1000)),
			       max = capacity * (1 + 9 * uniform(&random));
			struct search_config config = search_preset_of(*name, i % 2 ? max : 0);
			struct search_switch sut = search_switch_quiet(capacity, max);
			struct load_result result = search(&config, &sut);

			assert_int_equal(result.end, LOAD_END_DONE);
			assert_int_equal(result.void_trials, 0);
			for (unsigned g = 0; g < result.goals; g++) {
				double truth = capacity / (1 - config.goal[g].loss_ratio);

				if (result.goal[g].status == GOAL_AT_MAX) {
					assert_true(max <= truth);
					continue;
				}
				assert_int_equal(result.goal[g].status, GOAL_FOUND);
				/* A trial has whole packets: less than one of them lost is none. */
				assert_true(result.goal[g].lower <=
					    truth + 1 / config.goal[g].initial_duration_s);
				assert_true(result.goal[g].upper >= truth);
				assert_true(result.goal[g].upper - result.goal[g].lower <=
					    config.goal[g].width * result.goal[g].upper * (1 + ROUNDING));
				assert_true(result.goal[g].throughput <=
					    capacity + 1 / config.goal[g].initial_duration_s);
				assert_true(result.goal[g].throughput >=
					    capacity * (1 - 2 * config.goal[g].width));
			}
		}
	}
}

static void perfect_switch(void **state)
{
	struct search_config config = search_preset_of("csit", 10e6);
	struct search_switch sut = search_switch_quiet(INFINITY, 20e6);
	struct load_result result = search(&config, &sut);

	assert_int_equal(result.end, LOAD_END_DONE);
	for (unsigned g = 0; g < 2; g++) {
		assert_int_equal(result.goal[g].status, GOAL_AT_MAX);
		assert_true(result.goal[g].lower == 10e6 && result.goal[g].throughput == 10e6);
		assert_true(isnan(result.goal[g].upper));
		assert_non_null(strstr(load_result_text(&result, g), "highest load still passes"));
	}
	assert_true(result.traffic_s <= 14); /* warm-up, and 11 trials serve both goals */
}

/* 2 % are lost at any rate: neither goal has a lower bound, and no figure is made up. */
static void loss_at_every_rate(void **state)
{
	struct search_config config = search_preset_of("csit", 10e6);
	struct search_switch sut = search_switch_quiet(INFINITY, 20e6);
	struct load_result result;

	sut.loss = 0.02;
	result = search(&config, &sut);
	assert_int_equal(result.end, LOAD_END_DONE);
	for (unsigned g = 0; g < 2; g++) {
		assert_int_equal(result.goal[g].status, GOAL_AT_MIN);
		assert_true(isnan(result.goal[g].lower) && isnan(result.goal[g].throughput));
		assert_true(result.goal[g].upper == config.min_load);
		assert_non_null(strstr(load_result_text(&result, g), "every rate"));
	}
	assert_true(result.spent_s < 300);
}

/* 0.2 % are lost at any rate: no NDR, but a PDR. */
static void loss_below_one_goal(void **state)
{
	struct search_config config = search_preset_of("csit", 10e6);
	struct search_switch sut = search_switch_quiet(5e6, 20e6);
	struct load_result result;

	sut.loss = 0.002;
	result = search(&config, &sut);
	assert_int_equal(result.goal[0].status, GOAL_AT_MIN);
	assert_int_equal(result.goal[1].status, GOAL_FOUND);
	assert_true(fabs(result.goal[1].lower / (5e6 / 0.997) - 1) <= 0.005 + ROUNDING);
}

/* The capacity is the least load, just above it, just below it. */
static void step_at_the_least_load(void **state)
{
	static const struct { double share; enum goal_status status; } cases[] = {
		{ 0.99, GOAL_AT_MIN }, { 1.0001, GOAL_FOUND }, { 1.007, GOAL_FOUND },
	};
	struct search_config config = search_preset_of("csit", 10e6);

	config.goals = 1;
	for (unsigned i = 0; i < N(cases); i++) {
		struct search_switch sut = search_switch_quiet(config.min_load * cases[i].share, 20e6);
		struct load_result result = search(&config, &sut);

		assert_int_equal(result.end, LOAD_END_DONE);
		assert_int_equal(result.goal[0].status, cases[i].status);
	}
}

/* A switch that forwards less under overload than its capacity (livelock): the first guess is far off. */
static struct load_trial livelock(const struct load_step *step, double capacity)
{
	struct load_trial trial = { .load = step->load, .duration_s = step->duration_s, .valid = true,
				    .offered_pps = step->load };
	double over = fmax(1, step->load / capacity),
	       forwarded = fmin(step->load, capacity / (over * over * over));

	trial.offered = (uint64_t)(step->load * step->duration_s);
	trial.lost = trial.offered - (uint64_t)fmin(forwarded * step->duration_s, (double)trial.offered);
	return trial;
}

static void livelock_under_overload(void **state)
{
	struct search_config config = search_preset_of("csit", 10e6);
	struct load_result result;
	struct load_plan *plan;
	struct load_step step;

	assert_int_equal(load_plan_search(&plan, &config, NULL), 0);
	while (load_plan_next(plan, &step)) {
		struct load_trial trial = livelock(&step, 3e6);

		assert_int_equal(load_plan_feed(plan, &trial, NULL), 0);
	}
	load_plan_result(plan, &result);
	assert_int_equal(result.goal[0].status, GOAL_FOUND);
	assert_true(result.goal[0].lower <= 3e6 && result.goal[0].upper >= 3e6);
	assert_true(result.traffic_s < 120);
	load_plan_free(plan);
}

/* The sender ends at 4 Mpps, the switch does not: the highest load is what the sender reaches. */
static void sender_slower_than_the_limit(void **state)
{
	struct search_config config = search_preset_of("csit", 10e6);
	struct search_switch sut = search_switch_quiet(5e6, 4e6);
	struct load_result result = search(&config, &sut);

	assert_int_equal(result.end, LOAD_END_DONE);
	assert_true(result.sender_limited);
	assert_true(result.max_load <= 4e6 && result.max_load > 4e6 * 0.99);
	assert_int_equal(result.void_trials, 3); /* at 10 Mpps */
	for (unsigned g = 0; g < 2; g++) {
		assert_int_equal(result.goal[g].status, GOAL_AT_MAX);
		assert_true(result.goal[g].lower == result.max_load);
		assert_non_null(strstr(load_result_text(&result, g), "sender"));
	}
}

/* What the sender reaches unpaced it misses when it is paced. */
static void sender_slower_when_paced(void **state)
{
	struct search_config config = search_preset_of("csit", 0);
	struct load_result result;
	struct load_plan *plan;
	struct load_step step;
	struct error err;

	assert_int_equal(load_plan_search(&plan, &config, NULL), 0);
	while (load_plan_next(plan, &step)) {
		struct search_switch sut =
			search_switch_quiet(INFINITY, step.load == LOAD_UNLIMITED ? 8e6 : 7e6);
		struct load_trial trial = search_switch_trial(&sut, &step);

		assert_int_equal(load_plan_feed(plan, &trial, &err), 0);
	}
	load_plan_result(plan, &result);
	assert_int_equal(result.end, LOAD_END_DONE);
	assert_int_equal(result.goal[0].status, GOAL_AT_MAX);
	assert_true(result.max_load <= 7e6 && result.max_load > 7e6 * 0.99);
	assert_true(result.mrr_pps == 8e6);
	load_plan_free(plan);
}

/* It offered 10 Mpps before, and now not even the half: whatever we said would be made up. */
static void unsteady_sender(void **state)
{
	struct search_config config = search_preset_of("csit", 10e6);
	struct load_result result;
	struct load_plan *plan;
	struct load_step step;
	unsigned given = 0;

	assert_int_equal(load_plan_search(&plan, &config, NULL), 0);
	while (load_plan_next(plan, &step)) {
		struct search_switch sut = search_switch_quiet(5e6, given++ < 30 ? 20e6 : 1e6);
		struct load_trial trial = search_switch_trial(&sut, &step);

		assert_int_equal(load_plan_feed(plan, &trial, NULL), 0);
	}
	load_plan_result(plan, &result);
	assert_int_equal(result.end, LOAD_END_VOID);
	assert_int_equal(result.trials, 30 + 3);
	assert_int_equal(result.goal[0].status, GOAL_FOUND);
	assert_true(result.goal[0].lower <= 5e6 && result.goal[0].upper > 5e6);
	assert_int_equal(result.goal[1].status, GOAL_OPEN);
	assert_true(result.goal[1].lower <= 5e6 / 0.995); /* known so far */
	assert_non_null(strstr(load_result_text(&result, 1), "void"));
	load_plan_free(plan);
}

static void void_trials_now_and_then(void **state)
{
	struct search_config config = search_preset_of("csit", 10e6);
	unsigned done = 0;

	for (unsigned seed = 0; seed < 100; seed++) {
		struct search_switch sut = search_switch_quiet(5e6, 20e6);
		struct load_result result;

		sut.random = search_random(seed);
		sut.void_share = 0.05;
		result = search(&config, &sut);
		if (result.end != LOAD_END_DONE)
			continue;
		done++;
		assert_int_equal(result.goal[0].status, GOAL_FOUND);
		assert_true(result.goal[0].lower <= 5e6 + 1 && result.goal[0].upper > 5e6);
	}
	assert_true(done >= 95); /* 0.05 cubed, some 50 times */
}

static void nothing_but_void_trials(void **state)
{
	for (unsigned i = 0; i < 2; i++) {
		struct search_config config = search_preset_of("quick", i ? 0 : 10e6);
		struct search_switch sut = search_switch_quiet(5e6, 20e6);
		struct load_result result;

		sut.void_share = 1;
		result = search(&config, &sut);
		assert_int_equal(result.end, LOAD_END_VOID);
		assert_int_equal(result.void_trials, 3);
		assert_int_equal(result.trials, 1 + 3); /* the warm-up */
		assert_true(isnan(result.goal[0].lower) && isnan(result.goal[0].upper));
	}
}

/* 12 s are not enough for a bound of the goals themselves, but for a first idea. */
static void check_known_so_far(const struct load_result *result, const struct search_switch *sut)
{
	for (unsigned g = 0; g < result->goals; g++) {
		const struct goal_result *goal = &result->goal[g];
		bool both = !isnan(goal->lower) && !isnan(goal->upper);

		if (goal->status != GOAL_OPEN)
			continue;
		assert_non_null(strstr(load_result_text(result, g), "time limit"));
		assert_true(both || !isnan(goal->coarse_lower) || !isnan(goal->coarse_upper));
		if (!isnan(goal->coarse_upper))
			assert_true(goal->coarse_upper > 0.5 * sut->capacity);
		if (!isnan(goal->coarse_lower))
			assert_true(goal->coarse_lower < 1.01 * sut->capacity);
		if (!isnan(goal->coarse_lower) && !isnan(goal->coarse_upper))
			assert_true(goal->coarse_lower < goal->coarse_upper);
	}
}

static void limits_hold(void **state)
{
	for (unsigned seed = 0; seed < 50; seed++) {
		struct search_config config = search_preset_of("csit", 0);
		struct search_switch sut = search_switch_usual(seed);
		struct load_result result;

		config.limits.time_limit_s = 12 + seed % 30;
		sut.overhead_s = 0;
		result = search(&config, &sut);
		assert_int_equal(result.end, LOAD_END_TIME);
		assert_true(result.spent_s <= config.limits.time_limit_s);
		assert_true(result.spent_s > config.limits.time_limit_s - 1 - ROUNDING);
		check_known_so_far(&result, &sut);

		config.limits.time_limit_s = 1200;
		config.limits.max_trials = 5 + seed;
		sut = search_switch_usual(seed);
		result = search(&config, &sut);
		assert_true(result.end == LOAD_END_TRIALS || result.end == LOAD_END_DONE);
		assert_true(result.trials <= config.limits.max_trials);
		for (unsigned g = 0; g < 2 && result.end == LOAD_END_TRIALS; g++)
			if (result.goal[g].status == GOAL_OPEN)
				assert_non_null(strstr(load_result_text(&result, g), "limit of trials"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_capacity),
		cmocka_unit_test(perfect_switch),
		cmocka_unit_test(loss_at_every_rate),
		cmocka_unit_test(loss_below_one_goal),
		cmocka_unit_test(step_at_the_least_load),
		cmocka_unit_test(livelock_under_overload),
		cmocka_unit_test(sender_slower_than_the_limit),
		cmocka_unit_test(sender_slower_when_paced),
		cmocka_unit_test(unsteady_sender),
		cmocka_unit_test(void_trials_now_and_then),
		cmocka_unit_test(nothing_but_void_trials),
		cmocka_unit_test(limits_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
