/* SPDX-License-Identifier: Apache-2.0 */
/* Plans without a search; what is refused, and in which words; the iterator's own rules. */
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

/* Run a plan and keep the loads that it asked for; how many. */
static unsigned loads_of(struct load_plan *plan, struct search_switch *sut, double *loads, unsigned max)
{
	struct load_step step;
	unsigned count = 0;

	while (load_plan_next(plan, &step)) {
		struct load_trial trial = search_switch_trial(sut, &step);

		assert_true(count < max);
		loads[count++] = step.load;
		assert_int_equal(load_plan_feed(plan, &trial, NULL), 0);
	}
	return count;
}

static void expect_loads(struct load_plan *plan, struct search_switch sut, const double *expected,
			 unsigned count, enum load_end end)
{
	struct load_result result;
	double loads[64];

	assert_int_equal(loads_of(plan, &sut, loads, N(loads)), count);
	for (unsigned i = 0; i < count; i++)
		assert_true(fabs(loads[i] - expected[i]) <= 1e-6 * fabs(expected[i]));
	load_plan_result(plan, &result);
	assert_int_equal(result.end, end);
	assert_int_equal(result.goals, 0);
	load_plan_free(plan);
}

static void mrr(void **state)
{
	struct search_switch sut = search_switch_quiet(4e6, 9e6);
	struct load_result result;
	struct load_plan *plan;

	assert_int_equal(load_plan_repeat(&plan, LOAD_UNLIMITED, 1, 10, &load_limits_default, NULL), 0);
	search_switch_run(&sut, plan, &result);
	assert_int_equal(result.trials, 10);
	assert_true(fabs(result.mrr_pps - 4e6) < 1 && result.spent_s == 10 && result.traffic_s == 10);
	load_plan_free(plan);
}

static void repeated_fixed_rate(void **state)
{
	const double expected[] = { 3e6, 3e6, 3e6 }, twice[] = { 3e6, 3e6, 3e6, 3e6, 3e6, 3e6 };
	struct load_limits limits = load_limits_default;
	struct load_plan *plan;

	assert_int_equal(load_plan_repeat(&plan, 3e6, 1, 3, &limits, NULL), 0);
	expect_loads(plan, search_switch_quiet(4e6, 9e6), expected, 3, LOAD_END_DONE);
	/* A sender that never reaches it: each trial is tried again, and the plan comes to its end. */
	limits.void_repeats = 1;
	assert_int_equal(load_plan_repeat(&plan, 3e6, 1, 3, &limits, NULL), 0);
	expect_loads(plan, search_switch_quiet(4e6, 1e6), twice, 6, LOAD_END_DONE);
}

static struct rate rate_of(const char *text)
{
	struct rate rate;

	assert_int_equal(rate_parse(text, &rate, NULL), 0);
	return rate;
}

static void sweeps(void **state)
{
	const double absolute[] = { 1e6, 2e6, 3e6, 4e6 }, missed[] = { 1e6, 2.5e6, 4e6, 5e6 };
	const double shares[] = { LOAD_UNLIMITED, 0.4e6, 0.8e6, 1.2e6, 1.6e6, 2e6,
				  2.4e6,	  2.8e6, 3.2e6, 3.6e6, 4e6 };
	const double nothing[] = { LOAD_UNLIMITED };
	struct rate rate = rate_of("1M..4M step 1M"), other = rate_of("1M..5M step 1.5M"),
		    percent = rate_of("10%..100%");
	struct search_switch dead = search_switch_quiet(4e6, 9e6);
	struct load_plan *plan;

	assert_int_equal(load_plan_sweep(&plan, &rate, 1, &load_limits_default, NULL), 0);
	expect_loads(plan, search_switch_quiet(4e6, 9e6), absolute, N(absolute), LOAD_END_DONE);
	assert_int_equal(load_plan_sweep(&plan, &other, 1, &load_limits_default, NULL), 0);
	expect_loads(plan, search_switch_quiet(4e6, 9e6), missed, N(missed), LOAD_END_DONE);
	assert_int_equal(load_plan_sweep(&plan, &percent, 1, &load_limits_default, NULL), 0);
	expect_loads(plan, search_switch_quiet(4e6, 9e6), shares, N(shares), LOAD_END_DONE);
	/* Nothing arrives: there is no MRR to take shares of. */
	dead.loss = 1;
	assert_int_equal(load_plan_sweep(&plan, &percent, 1, &load_limits_default, NULL), 0);
	expect_loads(plan, dead, nothing, 1, LOAD_END_DONE);
	dead.void_share = 1;
	assert_int_equal(load_plan_sweep(&plan, &percent, 1, &load_limits_default, NULL), 0);
	expect_loads(plan, dead, (const double[]){ -1, -1, -1 }, 3, LOAD_END_VOID);
}

static void loss_curve(void **state)
{
	const double to_two[] = { 10e6, 9e6, 8e6, 7e6 }, unlimited[] = { LOAD_UNLIMITED, 9e6, 8e6, 7e6, 6e6 };
	const double all[] = { 10e6, 9e6, 8e6, 7e6, 6e6, 5e6, 4e6, 3e6, 2e6, 1e6 }, none[] = { 10e6, 9e6 };
	struct search_switch lossy = search_switch_quiet(4e6, 20e6);
	struct load_plan *plan;

	assert_int_equal(load_plan_loss_curve(&plan, 10e6, 0.1, 1, &load_limits_default, NULL), 0);
	expect_loads(plan, search_switch_quiet(8.5e6, 20e6), to_two, N(to_two), LOAD_END_DONE);
	assert_int_equal(load_plan_loss_curve(&plan, 0, 0.1, 1, &load_limits_default, NULL), 0);
	expect_loads(plan, search_switch_quiet(7.5e6, 10e6), unlimited, N(unlimited), LOAD_END_DONE);
	assert_int_equal(load_plan_loss_curve(&plan, 10e6, 0.1, 1, &load_limits_default, NULL), 0);
	expect_loads(plan, search_switch_quiet(INFINITY, 20e6), none, N(none), LOAD_END_DONE);
	lossy.loss = 0.01;
	assert_int_equal(load_plan_loss_curve(&plan, 10e6, 0.1, 1, &load_limits_default, NULL), 0);
	expect_loads(plan, lossy, all, N(all), LOAD_END_DONE);
}

static void trials_that_cannot_be(void **state)
{
	struct load_trial good = {
		.load = 3e6, .duration_s = 1, .offered_pps = 3e6, .offered = 3000000, .valid = true
	};
	struct load_trial bad;
	struct load_result result;
	struct load_plan *plan;
	struct load_step step;
	struct error err;

	assert_int_equal(load_plan_repeat(&plan, 3e6, 1, 1, &load_limits_default, NULL), 0);
	assert_int_equal(load_plan_feed(plan, &good, &err), -EINVAL); /* not asked for */
	assert_true(load_plan_next(plan, &step));
	bad = good;
	bad.lost = bad.offered + 1;
	assert_int_equal(load_plan_feed(plan, &bad, &err), -EINVAL);
	assert_non_null(strstr(err.cause, "3000001 of 3000000"));
	bad = good;
	bad.load = 2e6;
	assert_int_equal(load_plan_feed(plan, &bad, &err), -EINVAL);
	bad = good;
	bad.duration_s = 2;
	assert_int_equal(load_plan_feed(plan, &bad, &err), -EINVAL);
	bad = good;
	bad.effective_s = NAN;
	assert_int_equal(load_plan_feed(plan, &bad, &err), -EINVAL);
	bad = good;
	bad.spent_s = -1;
	assert_int_equal(load_plan_feed(plan, &bad, &err), -EINVAL);
	bad = good;
	bad.offered_pps = INFINITY;
	assert_int_equal(load_plan_feed(plan, &bad, &err), -EINVAL);
	load_plan_result(plan, &result);
	assert_int_equal(result.trials, 0);
	assert_int_equal(load_plan_feed(plan, &good, &err), 0);
	assert_int_equal(load_plan_feed(plan, &good, &err), -EINVAL); /* twice */
	assert_false(load_plan_next(plan, &step));
	load_plan_free(plan);
	load_plan_free(NULL);
}

/* One mistake each; the cause must name it. */
static void contradictions(void **state)
{
	static const struct { size_t at; double value; const char *says; } mistakes[] = {
#define GOAL(field) (offsetof(struct search_config, goal) + offsetof(struct search_goal, field))
		{ GOAL(exceed_ratio), 1, "exceed ratio 1" },
		{ GOAL(exceed_ratio), -0.1, "exceed ratio" },
		{ GOAL(exceed_ratio), NAN, "exceed ratio" },
		{ GOAL(loss_ratio), -0.001, "loss ratio" },
		{ GOAL(loss_ratio), 1, "loss ratio 1" },
		{ GOAL(loss_ratio), NAN, "loss ratio" },
		{ GOAL(width), 0, "width 0" },
		{ GOAL(width), -1, "width" },
		{ GOAL(width), 1, "width 1" },
		{ GOAL(width), NAN, "width" },
		{ GOAL(width), 1e-12, "million" },
		{ GOAL(duration_sum_s), 0.5, "duration sum 0.5 s is below the final trial duration 1 s" },
		{ GOAL(duration_sum_s), NAN, "duration" },
		{ GOAL(duration_sum_s), 5000, "time limit" },
		{ GOAL(initial_duration_s), 2, "initial trial duration 2 s is above the final" },
		{ GOAL(initial_duration_s), 0, "initial trial duration 0 s" },
		{ GOAL(final_duration_s), INFINITY, "duration sum" },
		{ GOAL(expansion), 1, "expansion" },
		{ GOAL(expansion), NAN, "expansion" },
		{ offsetof(struct search_config, min_load), 20e6, "the least load is 2e+07" },
		{ offsetof(struct search_config, min_load), 0, "sends no packet" },
		{ offsetof(struct search_config, min_load), NAN, "sends no packet" },
		{ offsetof(struct search_config, max_load), -5, "highest load" },
		{ offsetof(struct search_config, max_load), NAN, "highest load" },
		{ offsetof(struct search_config, max_load), 9001, "no load to search" },
		{ offsetof(struct search_config, warmup_s), -1, "warm-up" },
		{ offsetof(struct search_config, warmup_s), 1200, "warm-up" },
		{ offsetof(struct search_config, limits.time_limit_s), 0, "time limit 0 s" },
		{ offsetof(struct search_config, limits.time_limit_s), INFINITY, "time limit" },
		{ offsetof(struct search_config, limits.time_limit_s), 10, "not enough for a single load" },
	};

	for (size_t i = 0; i < N(mistakes); i++) {
		struct search_config config;
		struct load_plan *plan;
		struct error err = { 0 };

		assert_int_equal(search_preset(&config, "csit", NULL), 0);
		config.max_load = 10e6;
		assert_int_equal(search_config_check(&config, &err), 0);
		memcpy((char *)&config + mistakes[i].at, &mistakes[i].value, sizeof(double));
		assert_int_equal(load_plan_search(&plan, &config, &err), -EINVAL);
		assert_null(plan);
		if (!strstr(err.cause, mistakes[i].says))
			fail_msg("'%s' does not say '%s'", err.cause, mistakes[i].says);
		assert_true(err.remedy[0]);
	}
}

static void contradictions_in_numbers(void **state)
{
	struct search_config good, bad;
	struct error err;

	assert_int_equal(search_preset(&good, "csit", NULL), 0);
	bad = good;
	bad.goals = 0;
	assert_int_equal(search_config_check(&bad, &err), -EINVAL);
	bad.goals = SEARCH_GOALS_MAX + 1;
	assert_int_equal(search_config_check(&bad, &err), -EINVAL);
	bad = good;
	strcpy(bad.goal[1].name, "ndr");
	assert_int_equal(search_config_check(&bad, &err), -EINVAL);
	assert_non_null(strstr(err.cause, "two search goals are named ndr"));
	bad = good;
	bad.goal[0].name[0] = '\0';
	assert_int_equal(search_config_check(&bad, &err), -EINVAL);
	bad = good;
	memset(bad.goal[0].name, 'x', sizeof(bad.goal[0].name));
	assert_int_equal(search_config_check(&bad, &err), -EINVAL);
	bad = good;
	bad.goal[0].preceding = 9;
	assert_int_equal(search_config_check(&bad, &err), -EINVAL);
	bad = good;
	bad.goal[0].preceding = 0; /* with initial = final that is fine */
	assert_int_equal(search_config_check(&bad, &err), 0);
	bad.goal[0].initial_duration_s = 0.5;
	assert_int_equal(search_config_check(&bad, &err), -EINVAL);
	bad = good;
	bad.limits.max_trials = 0;
	assert_int_equal(search_config_check(&bad, &err), -EINVAL);
	bad = good;
	bad.limits.void_repeats = 101;
	assert_int_equal(search_config_check(&bad, &err), -EINVAL);
	assert_int_equal(search_preset(&bad, "cist", &err), -EINVAL);
	assert_non_null(strstr(err.cause, "did you mean 'csit'?"));
}

static void points_that_cannot_be(void **state)
{
	struct load_limits limits = load_limits_default;
	struct rate sweep = rate_of("10%..100%"), fixed = rate_of("1M");
	struct load_plan *plan;
	struct error err;

	assert_int_equal(load_plan_repeat(&plan, 0, 1, 1, &limits, &err), -EINVAL);
	assert_int_equal(load_plan_repeat(&plan, NAN, 1, 1, &limits, &err), -EINVAL);
	assert_int_equal(load_plan_repeat(&plan, 1e6, 0, 1, &limits, &err), -EINVAL);
	assert_int_equal(load_plan_repeat(&plan, 1e6, 1, 0, &limits, &err), -EINVAL);
	assert_int_equal(load_plan_sweep(&plan, &fixed, 1, &limits, &err), -EINVAL);
	assert_int_equal(load_plan_sweep(&plan, &sweep, NAN, &limits, &err), -EINVAL);
	assert_int_equal(load_plan_loss_curve(&plan, 1e6, 0.2, 1, &limits, &err), -EINVAL);
	assert_int_equal(load_plan_loss_curve(&plan, 1e6, 0, 1, &limits, &err), -EINVAL);
	assert_int_equal(load_plan_loss_curve(&plan, -1, 0.1, 1, &limits, &err), -EINVAL);
	limits.time_limit_s = -1;
	assert_int_equal(load_plan_sweep(&plan, &sweep, 1, &limits, &err), -EINVAL);
	assert_null(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mrr),
		cmocka_unit_test(repeated_fixed_rate),
		cmocka_unit_test(sweeps),
		cmocka_unit_test(loss_curve),
		cmocka_unit_test(trials_that_cannot_be),
		cmocka_unit_test(contradictions),
		cmocka_unit_test(contradictions_in_numbers),
		cmocka_unit_test(points_that_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
