/* SPDX-License-Identifier: Apache-2.0 */
#include "suite/test_rate.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "control/port.h"

#define CURVE_STEP 0.1         /* of the frame loss curve, as RFC 2544 has it */
#define NO_LIMIT_S 1e9         /* plans whose number of trials is known beforehand end by themselves */
#define SHORT_TRIAL_S 1.0      /* such trials are cheap: after one whose offered load was off, ... */
#define SHORT_TRIAL_REPEATS 5  /* ... so many further attempts, for machines where others work, too */
#define BINARY_WIDTH 0.005
#define BINARY_LIMIT_S 7200
#define BINARY_LEAST 1000
#define BINARY_TRIALS 9        /* halvings of 1 to the width, and one at the highest load */
#define BINARY_WARMUP_S 1.0

void test_rate(const struct test *test, struct rate *rate)
{
	/* The text is a value's, so it reads back. */
	if (rate_parse(test_text(test, PARAMETER_RATE), rate, NULL))
		memset(rate, 0, sizeof(*rate));
}

enum rate_kind rate_target(const struct rate *rate)
{
	return rate->kind == RATE_SHARE ? rate->of : rate->kind;
}

static bool is_search(enum rate_kind target)
{
	return target == RATE_NDR || target == RATE_PDR;
}

static bool is_binary(const struct test *test)
{
	return strcmp(test_text(test, PARAMETER_SEARCH), "binary") == 0;
}

static struct search_config binary_config(const struct test *test, const char *name)
{
	double duration = test_number(test, PARAMETER_DURATION);
	struct search_config config = {
		.goal = { { .initial_duration_s = duration, .final_duration_s = duration,
			    .duration_sum_s = duration, .width = BINARY_WIDTH, .expansion = 2 } },
		.goals = 1, .min_load = BINARY_LEAST, .warmup_s = fmin(duration, BINARY_WARMUP_S),
		.limits = load_limits_default,
	};

	config.limits.time_limit_s = BINARY_LIMIT_S;
	strcpy(config.goal[0].name, name);
	return config;
}

/* Leave only the goal called `name`; false if there is none. */
static bool config_select(struct search_config *config, const char *name)
{
	for (unsigned i = 0; i < config->goals; i++) {
		if (strcmp(config->goal[i].name, name) != 0)
			continue;
		config->goal[0] = config->goal[i];
		config->goals = 1;
		return true;
	}
	return false;
}

static int test_search_config(struct search_config *config, const struct test *test, enum rate_kind target,
			      struct error *err)
{
	const char *name = target == RATE_NDR ? "ndr" : "pdr", *search = test_text(test, PARAMETER_SEARCH);
	double limit = test_number(test, PARAMETER_LIMIT);
	int result;

	if (is_binary(test)) {
		*config = binary_config(test, name);
	} else {
		result = search_preset(config, search, err);
		if (result)
			return result;
		if (!config_select(config, name))
			return error_set(err, EINVAL, "use search quick, csit or binary; or rate ndr",
					 "search %s has no goal with loss, so there is no %s to find",
					 search, name);
	}
	if (target == RATE_PDR)
		config->goal[0].loss_ratio = test_number(test, PARAMETER_LOSS);
	if (limit > 0)
		config->limits.time_limit_s = limit;
	if (config->goal[0].final_duration_s <= SHORT_TRIAL_S)
		config->limits.void_repeats = SHORT_TRIAL_REPEATS;
	return 0;
}

static int test_search_plan(struct load_plan **plan, const struct test *test, enum rate_kind target,
			    struct error *err)
{
	struct search_config config;
	int result = test_search_config(&config, test, target, err);

	if (result)
		return result;
	return is_binary(test) ? load_plan_bisect(plan, &config, err) : load_plan_search(plan, &config, err);
}

int test_load_plan(struct load_plan **plan, const struct test *test, struct error *err)
{
	double duration = test_number(test, PARAMETER_DURATION);
	unsigned trials = (unsigned)test_number(test, PARAMETER_TRIALS);
	struct load_limits limits = load_limits_default;
	struct rate rate;

	*plan = NULL;
	limits.time_limit_s = NO_LIMIT_S;
	test_rate(test, &rate);
	switch (rate_target(&rate)) {
	case RATE_NDR:
	case RATE_PDR:
		return test_search_plan(plan, test, rate_target(&rate), err);
	case RATE_MRR:
		return load_plan_repeat(plan, LOAD_UNLIMITED, duration / trials, trials, &limits, err);
	case RATE_LOSS_CURVE:
		return load_plan_loss_curve(plan, 0, CURVE_STEP, duration, &limits, err);
	case RATE_SWEEP:
	case RATE_SWEEP_SHARE:
	case RATE_BEST:
		return load_plan_sweep(plan, &rate, duration, &limits, err);
	default:
		return error_set(err, EINVAL, NULL, "rate %s needs no plan", test_text(test, PARAMETER_RATE));
	}
}

/* Medians of docs/search.md, "Presets". */
static double search_seconds(const struct test *test)
{
	static const struct { const char *search; double seconds; } usual[] = {
		{ "quick", 3 }, { "csit", 60 }, { "rfc2544", 140 }, { "tst009", 210 },
	};
	double limit = test_number(test, PARAMETER_LIMIT), seconds = 0;

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (!strcmp(usual[i].search, test_text(test, PARAMETER_SEARCH)))
			seconds = usual[i].seconds;
	if (is_binary(test))
		seconds = BINARY_TRIALS * test_number(test, PARAMETER_DURATION);
	return limit > 0 ? fmin(limit, seconds) : seconds;
}

double test_load_seconds(const struct test *test)
{
	double duration = test_number(test, PARAMETER_DURATION);
	double trial = test_number(test, PARAMETER_WARMUP) + duration + test_number(test, PARAMETER_COOLDOWN);
	struct rate rate;

	if (!test_has_plan(test))
		return trial;
	test_rate(test, &rate);
	switch (rate.kind) {
	case RATE_NDR:
	case RATE_PDR:
		return search_seconds(test);
	case RATE_MRR:
		return duration;
	case RATE_LOSS_CURVE:
		return duration * round(1 / CURVE_STEP);
	case RATE_SWEEP:
	case RATE_SWEEP_SHARE:
	case RATE_BEST:
		return duration * rate_points(&rate);
	default: /* a share: its reference is found once for many tests, so it is not counted */
		return trial;
	}
}

static void set_default(struct test *test, enum parameter_id id)
{
	parameter_parse(&parameter_table[id], parameter_table[id].fallback, NULL, &test->value[id], NULL);
}

bool rate_uses(enum rate_kind target, enum parameter_id id)
{
	switch (id) {
	case PARAMETER_SEARCH:
	case PARAMETER_LIMIT:  return is_search(target);
	case PARAMETER_LOSS:   return target == RATE_PDR;
	case PARAMETER_TRIALS: return target == RATE_MRR;
	default:               return true;
	}
}

void test_drop_unused(struct test *test)
{
	static const enum parameter_id of_searches[] = {
		PARAMETER_SEARCH, PARAMETER_LIMIT, PARAMETER_LOSS, PARAMETER_TRIALS,
	};
	enum rate_kind target = RATE_UNLIMITED;
	struct rate rate;

	if (test_has_plan(test)) {
		test_rate(test, &rate);
		target = rate_target(&rate);
	}
	for (size_t i = 0; i < sizeof(of_searches) / sizeof(*of_searches); i++)
		if (!rate_uses(target, of_searches[i]))
			set_default(test, of_searches[i]);
	if (!strcmp(test_text(test, PARAMETER_NEIGHBOUR), "none"))
		set_default(test, PARAMETER_NEIGHBOUR_PLACE);
	if (strcmp(test_text(test, PARAMETER_TOPOLOGY), "chain") != 0)
		set_default(test, PARAMETER_HOPS);
	if (test_number(test, PARAMETER_FLOWS) == 1)
		set_default(test, PARAMETER_FLOW_ORDER);
	if (test_number(test, PARAMETER_THREADS) == 1)
		set_default(test, PARAMETER_RXQ_AFFINITY);
	/* Suites have both dimensions in one matrix. */
	set_default(test, test_is_latency(test) ? PARAMETER_RX_RATE : PARAMETER_BACKGROUND);
}

void test_drop_of_ports(struct test *test, const struct catalogue *catalogue)
{
	const struct catalogue_entry *sw = catalogue_find(&catalogue->switches, test_text(test, PARAMETER_SWITCH));
	const struct catalogue_entry *io = catalogue_find(&catalogue->ios, test_text(test, PARAMETER_IO));
	int kind = sw && io ? catalogue_port(io, sw, test_text(test, PARAMETER_PORT)) : -1;

	/* What the switch does of itself, by its name and without: one test. */
	if (sw && !strcmp(test_text(test, PARAMETER_FORWARDING), sw->learns ? "learning" : "ports"))
		set_default(test, PARAMETER_FORWARDING);
	if (kind < 0)
		return;
	if (!port_traits[kind].memory && !sw->threads)
		set_default(test, PARAMETER_HUGEPAGES);
	if (port_traits[kind].rings)
		return;
	set_default(test, PARAMETER_RING);
	if (catalogue_port(io, sw, "auto") == kind)
		set_default(test, PARAMETER_PORT);
}
