/* SPDX-License-Identifier: Apache-2.0 */
#include "search_switch.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>

#define VOID_SHARE 0.01
#define OVERFLOW_MAX 64 /* packets lost to one */

struct search_switch search_switch_usual(uint64_t seed)
{
	struct search_switch sut = {
		.random = search_random(seed),
		.ramp = 0.01, .overflows = 5,
		.hiccups = 0.1, .hiccup_min_s = 20e-6, .hiccup_max_s = 1e-3,
		.offered_noise = 0.0002, .overhead_s = 0.2,
	};

	sut.capacity = 0.2e6 * exp(uniform(&sut.random) * log(75));
	sut.sender_max = sut.capacity * (1.05 + 2 * uniform(&sut.random));
	return sut;
}

struct search_switch search_switch_quiet(double capacity, double sender_max)
{
	return (struct search_switch){
		.random = search_random(1), .capacity = capacity, .ramp = 1e-9, .sender_max = sender_max,
	};
}

struct search_config search_preset_of(const char *name, double max_load)
{
	struct search_config config;

	assert_int_equal(search_preset(&config, name, NULL), 0);
	config.max_load = max_load;
	return config;
}

static double between(struct search_random *random, double from, double to)
{
	return from + (to - from) * uniform(random);
}

static double lost_to_hiccups(struct search_switch *sut, double pps, double duration_s)
{
	unsigned hiccups = poisson(&sut->random, sut->hiccups * duration_s);
	double lost = 0;

	for (unsigned i = 0; i < hiccups; i++)
		lost += ceil(pps * between(&sut->random, sut->hiccup_min_s, sut->hiccup_max_s));
	return lost;
}

static double overflow_rate(const struct search_switch *sut, double pps)
{
	double into = (pps / sut->capacity - (1 - sut->ramp)) / sut->ramp;

	return sut->overflows * fmin(1, fmax(0, into));
}

static double lost_to_overflows(struct search_switch *sut, double pps, double duration_s)
{
	unsigned overflows = poisson(&sut->random, overflow_rate(sut, pps) * duration_s);
	double lost = 0;

	for (unsigned i = 0; i < overflows; i++)
		lost += 1 + (double)below(&sut->random, OVERFLOW_MAX);
	return lost;
}

struct load_trial search_switch_trial(struct search_switch *sut, const struct load_step *step)
{
	struct load_trial trial = { .load = step->load, .duration_s = step->duration_s, .valid = true };
	double pps = sut->sender_max, lost;

	if (step->load != LOAD_UNLIMITED)
		pps = fmin(pps, step->load * (1 + sut->offered_noise * between(&sut->random, -1, 1)));
	trial.offered_pps = pps;
	trial.offered = (uint64_t)(pps * step->duration_s);
	lost = fmax(0, pps - sut->capacity) * step->duration_s + sut->loss * (double)trial.offered +
	       lost_to_overflows(sut, pps, step->duration_s) + lost_to_hiccups(sut, pps, step->duration_s);
	trial.lost = (uint64_t)fmin((double)trial.offered, lost);
	trial.spent_s = step->duration_s + sut->overhead_s * (1 + uniform(&sut->random));
	if (step->load != LOAD_UNLIMITED && fabs(pps / step->load - 1) > VOID_SHARE)
		trial.valid = false;
	if (uniform(&sut->random) < sut->void_share)
		trial.valid = false;
	sut->trials++;
	sut->traffic_s += step->duration_s;
	return trial;
}

void search_switch_run(struct search_switch *sut, struct load_plan *plan, struct load_result *result)
{
	struct load_step step;
	struct error err;

	while (load_plan_next(plan, &step)) {
		struct load_trial trial = search_switch_trial(sut, &step);

		assert_int_equal(load_plan_feed(plan, &trial, &err), 0);
	}
	load_plan_result(plan, result);
	assert_int_not_equal(result->end, LOAD_END_NOT);
	assert_int_equal(result->trials, sut->trials);
}

double search_switch_true(const struct search_switch *sut, const struct search_goal *goal)
{
	double events;

	if (goal->loss_ratio > 0)
		return (sut->capacity - sut->overflows * (1 + OVERFLOW_MAX) / 2) / (1 - goal->loss_ratio);
	/* P(no event in T) = exp(-events * T) = 1 - exceed ratio */
	events = -log1p(-goal->exceed_ratio) / goal->final_duration_s;
	return sut->capacity *
	       (1 - sut->ramp + sut->ramp * fmin(1, (events - sut->hiccups) / sut->overflows));
}
