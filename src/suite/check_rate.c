/* SPDX-License-Identifier: Apache-2.0 */
/* Rates, bursts and plans of loads that no test can have. */
#include "suite/check.h"

#include <errno.h>
#include <string.h>

#include "suite/test_rate.h"

/*
 * A paced trial lasts a whole number of intervals (control_paced_duration). That one of them is longer than
 * the duration asked for is well while it is short.
 */
#define INTERVAL_ALWAYS_FINE 1.0

static void check_interval(const struct check *check, const struct axis_value *burst, const struct axis_value *rate)
{
	const struct axis *durations = check->matrix->axis[PARAMETER_DURATION];
	double interval = burst->value.number / rate->value.number;

	for (size_t i = 0; i < durations->count && interval > INTERVAL_ALWAYS_FINE; i++) {
		if (durations->values[i].value.number * (1 + 1e-9) >= interval)
			continue;
		problems_addf(check->problems, check_blame(check, burst, rate),
			      "use a smaller burst, a higher rate or a longer duration",
			      "burst %s at rate %s leaves every %g s, and the duration is %s", burst->value.text,
			      rate->value.text, interval, durations->values[i].value.text);
		return;
	}
}

void check_intervals(const struct check *check)
{
	const struct axis *bursts = check->matrix->axis[PARAMETER_BURST];
	const struct axis *rates = check->matrix->axis[PARAMETER_RATE];

	for (size_t i = 0; i < bursts->count; i++)
		for (size_t j = 0; j < rates->count; j++)
			check_interval(check, &bursts->values[i], &rates->values[j]);
}

/* In a latency test a rate is offered, not looked for. */
static bool is_offered(const struct rate *rate)
{
	return rate->kind == RATE_SHARE || rate->kind == RATE_SWEEP || rate->kind == RATE_SWEEP_SHARE;
}

static void check_rate_dimension(const struct check *check, const struct axis_value *rate,
				 const struct axis_value *dimension)
{
	struct rate parsed;

	if (strcmp(dimension->value.text, "latency") || rate->value.number != RATE_PLAN ||
	    rate_parse(rate->value.text, &parsed, NULL) || is_offered(&parsed))
		return;
	problems_addf(check->problems, check_blame(check, rate, dimension),
		      "measure the latency at a share of it, such as pdr:50%, or its throughput",
		      "rate %s is what a throughput test looks for, and the dimension is latency",
		      rate->value.text);
}

/* Each plan is made once, with the first of all parameters that are not its own. */
static void check_plan(const struct check *check, const struct axis_value *rate, const struct axis_value *search,
		       const struct axis_value *limit, const struct axis_value *loss)
{
	struct error error = { 0 };
	struct load_plan *plan;
	struct test test;

	for (int i = 0; i < PARAMETER_COUNT; i++) {
		const struct axis *axis = check->matrix->axis[i];

		if (!axis->count)
			return; /* a problem of its own */
		test.value[i] = axis->values[0].value;
	}
	test.value[PARAMETER_RATE] = rate->value;
	test.value[PARAMETER_SEARCH] = search->value;
	test.value[PARAMETER_LIMIT] = limit->value;
	test.value[PARAMETER_LOSS] = loss->value;
	test_drop_unused(&test);
	if (test_load_plan(&plan, &test, &error) == -EINVAL)
		problems_addf(check->problems, check_blame(check, rate, search), error.remedy, "rate %s: %s",
			      rate->value.text, error.cause);
	load_plan_free(plan);
}

void check_rates(const struct check *check)
{
	const struct axis *rates = check->matrix->axis[PARAMETER_RATE];
	const struct axis *dimensions = check->matrix->axis[PARAMETER_DIMENSION];
	const struct axis *searches = check->matrix->axis[PARAMETER_SEARCH];
	const struct axis *limits = check->matrix->axis[PARAMETER_LIMIT];
	const struct axis *losses = check->matrix->axis[PARAMETER_LOSS];

	for (size_t r = 0; r < rates->count; r++) {
		for (size_t d = 0; d < dimensions->count; d++)
			check_rate_dimension(check, &rates->values[r], &dimensions->values[d]);
		if (rates->values[r].value.number != RATE_PLAN)
			continue;
		for (size_t s = 0; s < searches->count; s++)
			for (size_t l = 0; l < limits->count; l++)
				for (size_t o = 0; o < losses->count; o++)
					check_plan(check, &rates->values[r], &searches->values[s],
						   &limits->values[l], &losses->values[o]);
	}
}
