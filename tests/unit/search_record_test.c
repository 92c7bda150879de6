/* SPDX-License-Identifier: Apache-2.0 */
/* What trials tell their plans, and what plans tell the record. */
#include "trial/search_record.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "suite/test_rate.h"

static struct test make_test(const char *rate, const char *containers)
{
	struct test test;

	for (int i = 0; i < PARAMETER_COUNT; i++)
		assert_int_equal(parameter_parse(&parameter_table[i], parameter_table[i].fallback, NULL,
						 &test.value[i], NULL), 0);
	assert_int_equal(parameter_parse(&parameter_table[PARAMETER_RATE], rate, NULL, &test.value[PARAMETER_RATE],
					 NULL), 0);
	assert_int_equal(parameter_parse(&parameter_table[PARAMETER_CONTAINERS], containers, NULL,
					 &test.value[PARAMETER_CONTAINERS], NULL), 0);
	return test;
}

/* A trial of one or two pairs, each of which offers `offered` (the second `second`), as the record has it. */
static json_t *make_trial(double offered, double second, double seconds, double loss)
{
	double sent = (offered + second) * seconds;
	json_t *pairs = json_pack("[{s:{s:f}}]", "tx", "offered_pps", offered);

	if (second > 0)
		json_array_append_new(pairs, json_pack("{s:{s:f}}", "tx", "offered_pps", second));
	return json_pack("{s:s, s:{s:f, s:I}, s:{s:I, s:I, s:f}, s:o}", "status", "ok", "tx", "offered_pps",
			 offered + second, "packets", (json_int_t)sent, "rx", "lost", (json_int_t)(sent * loss),
			 "corrupted", (json_int_t)0, "forwarded_pps", (offered + second) * (1 - loss), "pairs", pairs);
}

static const char *text_at(const json_t *json, const char *object, const char *field)
{
	const char *text = json_string_value(json_object_get(object ? json_object_get(json, object) : json, field));

	return text ? text : "(none)";
}

static double number_at(const json_t *json, const char *object, const char *field)
{
	const json_t *number = json_object_get(json_object_get(json, object), field);

	return json_is_number(number) ? json_number_value(number) : NAN;
}

/* Loses what is above `capacity` of each sender, and `always` of all; offers up to `reach`. */
struct path {
	double capacity, always, reach;
	double falls;   /* of each packet above the capacity it carries so much less */
	unsigned late;  /* the first so many trials at a given load fall short by 5 % */
};

static json_t *run_plan(struct test *test, struct path path, const struct error *failed, unsigned most)
{
	struct search_record record = { .test = test, .senders = (unsigned)test_number(test, PARAMETER_CONTAINERS) };
	double second = record.senders == 2;
	struct load_plan *plan;
	struct load_step step;
	struct error err = { 0 };
	json_t *conclusion;

	assert_int_equal(test_load_plan(&plan, test, &err), 0);
	record.plan = plan;
	while (most-- && load_plan_next(plan, &step)) {
		double load = step.load == LOAD_UNLIMITED ? path.reach : fmin(step.load, path.reach);
		double less = path.falls * fmax(load - path.capacity, 0);
		double loss = fmax(path.always, 1 - (path.capacity - less) / load);
		json_t *trial;

		if (step.load != LOAD_UNLIMITED && path.late && path.late--)
			load *= 0.95;
		trial = make_trial(load, second * load, step.duration_s, loss);
		assert_int_equal(search_record_feed(&record, plan, &step, step.duration_s, trial, &err), 0);
		assert_string_equal(text_at(trial, NULL, "kind"), "step");
		assert_int_equal((int)number_at(trial, "load", "step"), (int)step.number);
		json_decref(trial);
	}
	conclusion = search_record_conclude(&record, failed);
	assert_non_null(conclusion);
	search_record_free(&record);
	load_plan_free(plan);
	return conclusion;
}

static void losses_are_of_all_pairs_and_offers_of_the_worst(void **state)
{
	struct test test = make_test("ndr", "2vs2");
	struct search_record record = { .test = &test, .senders = 2 };
	struct load_step step = { .load = 1000, .duration_s = 1 };
	json_t *trial = make_trial(1000, 985, 1, 0.1);
	struct load_trial load = search_record_trial(&record, &step, trial, 2);

	assert_false(load.valid); /* one of two senders was 1.5 % off */
	assert_int_equal((int)load.offered_pps, 985);
	assert_int_equal((int)load.offered, 1985);
	assert_int_equal((int)load.lost, 198);
	json_decref(trial);

	/* What came damaged did not come; never more than was sent. */
	trial = make_trial(1000, 1000, 1, 1);
	json_object_set_new(json_object_get(trial, "rx"), "corrupted", json_integer(500));
	load = search_record_trial(&record, &step, trial, 2);
	assert_true(load.valid);
	assert_int_equal((int)load.lost, 2000);

	/* Unlimited: what each offers on average. */
	step.load = LOAD_UNLIMITED;
	json_decref(trial);
	trial = make_trial(3000, 1000, 1, 0);
	load = search_record_trial(&record, &step, trial, 2);
	assert_true(load.valid);
	assert_int_equal((int)load.offered_pps, 2000);
	json_decref(trial);
}

static void a_sweep_tells_what_was_offered(void **state)
{
	struct test test = make_test("1k..3k step 1k", "1vs1");
	struct search_record record = { .test = &test, .senders = 1 };
	const struct load_step step = { .load = 1000, .duration_s = 1 };
	json_t *trial = make_trial(900, 0, 1, 0);

	assert_true(search_record_trial(&record, &step, trial, 1).valid);
	json_object_set_new(trial, "status", json_string("void"));
	assert_false(search_record_trial(&record, &step, trial, 1).valid);
	json_decref(trial);
}

static void flags_of_trials_that_count_are_the_searchs(void **state)
{
	struct test test = make_test("pdr", "1vs1");
	struct search_record record = { .test = &test, .senders = 1 };
	static const char *const flags[] = { "[\"o\", \"p\"]", "[\"p\", \"c\"]", "[\"x\"]" };
	struct load_plan *plan;
	struct load_step step;
	struct error err = { 0 };
	json_t *c, *expected = json_pack("[s, s, s]", "o", "p", "c");

	assert_int_equal(test_load_plan(&plan, &test, &err), 0);
	record.plan = plan;
	for (unsigned i = 0; i < 3 && load_plan_next(plan, &step); i += step.purpose == LOAD_MEASURE) {
		double load = step.load == LOAD_UNLIMITED ? 1e6 : step.load;
		json_t *trial = make_trial(load, 0, step.duration_s, 0);

		if (step.purpose != LOAD_MEASURE)
			json_object_set_new(trial, "flags", json_pack("[s]", "reference"));
		else
			json_object_set_new(trial, "flags", json_loads(flags[i], 0, NULL));
		if (i == 2)
			json_object_set_new(trial, "status", json_string("void"));
		assert_int_equal(search_record_feed(&record, plan, &step, step.duration_s, trial, &err), 0);
		json_decref(trial);
	}
	c = search_record_conclude(&record, NULL);
	assert_true(json_equal(json_object_get(c, "flags"), expected));
	json_decref(expected);
	json_decref(c);
	search_record_free(&record);
	load_plan_free(plan);
}

static void a_search_concludes_with_bounds_and_a_figure(void **state)
{
	struct test test = make_test("ndr", "2vs2");
	json_t *c = run_plan(&test, (struct path){ .capacity = 1e6, .reach = 4e6 }, NULL, 10000);
	const json_t *search = json_object_get(c, "search");
	struct error err = { 0 };

	assert_string_equal(text_at(c, NULL, "kind"), "search");
	assert_string_equal(text_at(c, NULL, "status"), "ok");
	assert_string_equal(text_at(search, "goal", "status"), "found");
	assert_string_equal(text_at(c, "search", "method"), "mlrsearch");
	assert_true(number_at(search, "goal", "lower_pps") <= 1e6 && number_at(search, "goal", "upper_pps") > 1e6);
	/* The figure is of both senders, the reference of each. */
	assert_true(fabs(number_at(c, "search", "forwarded_pps") / 2 - number_at(search, "goal", "throughput_pps")) < 1);
	assert_true(fabs(search_record_reference(c, &err) - number_at(search, "goal", "throughput_pps")) < 1);
	json_decref(c);
}

static void loss_at_every_rate_has_no_figure(void **state)
{
	struct test test = make_test("pdr", "1vs1");
	json_t *c = run_plan(&test, (struct path){ .capacity = 1e9, .always = 0.02, .reach = 1e6 }, NULL, 10000);
	struct error err = { 0 };

	assert_string_equal(text_at(c, NULL, "status"), "ok");
	assert_string_equal(text_at(json_object_get(c, "search"), "goal", "status"), "at_min");
	assert_true(isnan(number_at(c, "search", "forwarded_pps")));
	assert_true(isnan(search_record_reference(c, &err)));
	assert_non_null(strstr(err.cause, "too much loss at every rate"));
	json_decref(c);
}

static void void_trials_are_told_and_not_counted(void **state)
{
	struct test test = make_test("ndr", "1vs1");
	json_t *c = run_plan(&test, (struct path){ .capacity = 1e6, .reach = 4e6, .late = 3 }, NULL, 10000);

	assert_int_equal((int)number_at(c, "search", "void_trials"), 3);
	assert_string_equal(text_at(json_object_get(c, "search"), "goal", "status"), "found");
	json_decref(c);

	/* A sender that never keeps a pace: an end, not a number. */
	c = run_plan(&test, (struct path){ .capacity = 1e6, .reach = 4e6, .late = 100000 }, NULL, 10000);
	assert_string_equal(text_at(c, NULL, "status"), "void");
	assert_true(isnan(number_at(c, "search", "forwarded_pps")));
	assert_true(*text_at(c, NULL, "reason"));
	json_decref(c);
}

static void an_interrupted_search_tells_what_is_known(void **state)
{
	struct test test = make_test("ndr", "1vs1");
	struct error failed = { .code = EINTR, .cause = "interrupted" };
	json_t *c = run_plan(&test, (struct path){ .capacity = 1e6, .reach = 4e6 }, &failed, 5);

	assert_string_equal(text_at(c, NULL, "status"), "failed");
	assert_string_equal(text_at(c, NULL, "reason"), "interrupted");
	assert_string_equal(text_at(c, "search", "end"), "interrupted");
	assert_int_equal((int)number_at(c, "search", "trials"), 5);
	json_decref(c);
}

static void an_mrr_has_its_spread(void **state)
{
	struct test test = make_test("mrr", "1vs1");
	json_t *c = run_plan(&test, (struct path){ .capacity = 1e6, .reach = 4e6 }, NULL, 10000);
	const json_t *search = json_object_get(c, "search");
	struct error err = { 0 };

	assert_int_equal((int)number_at(search, "mrr", "trials"), 10);
	assert_true(fabs(number_at(search, "mrr", "mean_pps") - 1e6) < 1);
	assert_true(number_at(search, "mrr", "min_pps") <= number_at(search, "mrr", "max_pps"));
	assert_true(fabs(search_record_reference(c, &err) - 1e6) < 1);
	json_decref(c);
}

/* More load makes the path carry less: the best is the peak, wherever the sweep ends. */
static void the_best_of_a_sweep_is_its_peak(void **state)
{
	struct test test = make_test("best:500k..2M step 250k", "2vs2");
	json_t *c = run_plan(&test, (struct path){ .capacity = 1e6, .reach = 4e6, .falls = 0.2 }, NULL, 10000);
	const json_t *search = json_object_get(c, "search");

	assert_string_equal(text_at(c, NULL, "status"), "ok");
	assert_string_equal(text_at(c, "search", "method"), "best");
	assert_int_equal((int)number_at(c, "search", "trials"), 7);
	assert_true(fabs(number_at(c, "search", "forwarded_pps") - 2e6) < 1);
	assert_true(fabs(number_at(search, "best", "forwarded_pps") - 2e6) < 1);
	assert_true(number_at(search, "best", "rate_pps") == 1e6 && number_at(search, "best", "offered_pps") == 1e6);
	json_decref(c);
	/* Nothing arrives: there is no best. */
	c = run_plan(&test, (struct path){ .always = 1, .reach = 4e6 }, NULL, 10000);
	assert_true(json_is_null(json_object_get(json_object_get(c, "search"), "best")));
	assert_true(json_is_null(json_object_get(json_object_get(c, "search"), "forwarded_pps")));
	json_decref(c);
}

/* Only plain searches, of all kinds of rates: that each makes a plan, and how long to wait for it. */
static void each_rate_has_its_plan(void **state)
{
	static const char *const rates[] = { "ndr", "pdr", "mrr", "loss-curve", "pdr:10%", "mrr:90%",
					     "1k..5k step 1k", "10%..100%", "best:1k..5k step 1k" };
	struct error err = { 0 };

	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		struct test test = make_test(rates[i], "1vs1");
		struct load_plan *plan;

		assert_true(test_has_plan(&test));
		assert_int_equal(test_load_plan(&plan, &test, &err), 0);
		load_plan_free(plan);
		assert_true(test_load_seconds(&test) > 0 && test_load_seconds(&test) < 200);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(losses_are_of_all_pairs_and_offers_of_the_worst),
		cmocka_unit_test(a_sweep_tells_what_was_offered),
		cmocka_unit_test(flags_of_trials_that_count_are_the_searchs),
		cmocka_unit_test(a_search_concludes_with_bounds_and_a_figure),
		cmocka_unit_test(loss_at_every_rate_has_no_figure),
		cmocka_unit_test(void_trials_are_told_and_not_counted),
		cmocka_unit_test(an_interrupted_search_tells_what_is_known),
		cmocka_unit_test(an_mrr_has_its_spread),
		cmocka_unit_test(the_best_of_a_sweep_is_its_peak),
		cmocka_unit_test(each_rate_has_its_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
