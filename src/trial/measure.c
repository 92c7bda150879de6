/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/measure.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "suite/test_rate.h"
#include "trial/search_record.h"

#define WARMUP_SHARE 0.1 /* of a step's duration, at most: searches make many short trials */

static void test_set_number(struct test *test, enum parameter_id id, double number)
{
	test->value[id].number = number;
}

static void test_set_text(struct test *test, enum parameter_id id, const char *text)
{
	parameter_parse(&parameter_table[id], text, NULL, &test->value[id], NULL);
}

/* The one trial that a step asks for. What others are shares of is always a throughput. */
static struct test step_test(const struct test *test, const struct load_step *step)
{
	struct test one = *test;

	test_set_number(&one, PARAMETER_RATE, step->load == LOAD_UNLIMITED ? RATE_MAX : step->load);
	test_set_number(&one, PARAMETER_DURATION, step->duration_s);
	test_set_number(&one, PARAMETER_WARMUP,
			fmin(test_number(test, PARAMETER_WARMUP), WARMUP_SHARE * step->duration_s));
	if (step->purpose == LOAD_REFERENCE)
		test_set_text(&one, PARAMETER_DIMENSION, "throughput");
	return one;
}

static int plan_step(const struct measure *m, struct search_record *record, struct load_plan *plan,
		     const struct load_step *step, json_t **effective, struct error *err)
{
	struct test one = step_test(record->test, step);
	uint64_t begin = clock_monotonic_ns();
	struct load_result known;
	json_t *trial;
	int result;

	load_plan_result(plan, &known);
	m->observer->step(m->observer->context, step, &known);
	result = trial_run(m->driver, &one, &trial, &m->observer->trial, m->cancel, err);
	if (result)
		return result;
	result = search_record_feed(record, plan, step, (double)(clock_monotonic_ns() - begin) / 1e9, trial,
				    err);
	/* The same for all: in the conclusion, once. */
	json_decref(*effective);
	*effective = json_incref(json_object_get(trial, "effective"));
	json_object_del(trial, "effective");
	if (!result)
		m->observer->line(m->observer->context, record->test, trial);
	json_decref(trial);
	return result;
}

/* All trials of the test's plan, and the conclusion. */
static int plan_run(const struct measure *m, const struct test *test, json_t **conclusion, struct error *err)
{
	const struct topology_spec topology = test_topology(test);
	struct search_record record = { .test = test, .senders = topology_flows(&topology) };
	json_t *effective = NULL;
	struct load_plan *plan;
	struct load_step step;
	int result = test_load_plan(&plan, test, err);

	if (result)
		return result;
	record.plan = plan;
	while (!result && load_plan_next(plan, &step))
		result = plan_step(m, &record, plan, &step, &effective, err);
	*conclusion = search_record_conclude(&record, result ? err : NULL);
	if (*conclusion && effective)
		json_object_set(*conclusion, "effective", effective);
	if (!*conclusion && !result)
		result = error_errno(err, ENOMEM, NULL, "cannot conclude the search");
	json_decref(effective);
	search_record_free(&record);
	load_plan_free(plan);
	return result;
}

/* ---- shares -------------------------------------------------------------------------------------------- */

/* What the share's reference is found by: the same for all shares, dimensions and lengths of trials. */
static struct test reference_test(const struct test *test, const struct rate *rate)
{
	struct rate whole = { .kind = rate->of };
	struct test reference = *test;
	char text[RATE_TEXT_SIZE];

	rate_format(&whole, text, sizeof(text));
	test_set_text(&reference, PARAMETER_RATE, text);
	test_set_text(&reference, PARAMETER_DIMENSION, "throughput");
	test_set_text(&reference, PARAMETER_REPEATS, "1");
	if (rate->of != RATE_MRR && strcmp(test_text(test, PARAMETER_SEARCH), "binary") != 0)
		test_set_text(&reference, PARAMETER_DURATION, parameter_table[PARAMETER_DURATION].fallback);
	test_drop_unused(&reference);
	return reference;
}

static char *reference_key(const struct test *reference)
{
	json_t *json = test_to_json(reference);
	char *key = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);

	json_decref(json);
	return key;
}

/* For the shares to come. What ended as void tells little: they may look anew. */
static void reference_keep(const struct measure *m, const struct test *reference, json_t *conclusion)
{
	const char *status = json_string_value(json_object_get(conclusion, "status"));
	char *key = reference_key(reference);

	if (key && status && strcmp(status, "ok") == 0)
		json_object_set(m->references, key, conclusion);
	free(key);
}

/* The conclusion about the reference: of this run so far, or searched for now. New reference. */
static int reference_find(const struct measure *m, const struct test *reference, json_t **conclusion,
			  struct error *err)
{
	char *key = reference_key(reference);
	int result;

	*conclusion = key ? json_incref(json_object_get(m->references, key)) : NULL;
	free(key);
	if (*conclusion)
		return 0;
	result = plan_run(m, reference, conclusion, err);
	if (!*conclusion)
		return result;
	json_object_set_new(*conclusion, "kind", json_string("reference"));
	m->observer->line(m->observer->context, reference, *conclusion);
	if (!result)
		reference_keep(m, reference, *conclusion);
	return result;
}

/* What a search of its own has found serves shares on the same testbed, too. */
static void reference_note(const struct measure *m, const struct test *test, const struct rate *rate,
			   json_t *conclusion)
{
	const struct rate share = { .kind = RATE_SHARE, .of = rate->kind };
	struct test reference;

	if (rate->kind != RATE_NDR && rate->kind != RATE_PDR && rate->kind != RATE_MRR)
		return;
	reference = reference_test(test, &share);
	reference_keep(m, &reference, conclusion);
}

/* Why a share of it cannot be offered, as the test's figures: the testbed is as good as before. */
static json_t *without_reference(const struct error *why)
{
	return json_pack("{s:s, s:s, s:s, s:[]}", "status", "failed", "reason", why->cause, "remedy",
			 why->remedy, "flags");
}

static int share_run(const struct measure *m, const struct test *test, const struct rate *rate,
		     json_t **figures, struct error *err)
{
	struct test reference = reference_test(test, rate), one = *test;
	struct error none = { 0 };
	json_t *conclusion = NULL;
	double whole;
	int result = reference_find(m, &reference, &conclusion, err);

	whole = result ? NAN : search_record_reference(conclusion, &none);
	json_decref(conclusion);
	if (result)
		return result;
	if (isnan(whole)) {
		*figures = without_reference(&none);
		return *figures ? 0 : error_errno(err, ENOMEM, NULL, "cannot conclude the test");
	}
	test_set_number(&one, PARAMETER_RATE, fmin(rate->from * whole, RATE_PPS_MAX));
	result = trial_run(m->driver, &one, figures, &m->observer->trial, m->cancel, err);
	if (!result)
		json_object_set_new(*figures, "load",
				    json_pack("{s:f, s:f, s:s, s:f}", "rate_pps",
					      test_number(&one, PARAMETER_RATE), "share", rate->from, "of",
					      test_text(&reference, PARAMETER_RATE), "reference_pps", whole));
	return result;
}

int measure_run(const struct measure *measure, const struct test *test, json_t **figures, struct error *err)
{
	struct rate rate;
	int result;

	*figures = NULL;
	if (!test_has_plan(test))
		return trial_run(measure->driver, test, figures, &measure->observer->trial, measure->cancel,
				 err);
	test_rate(test, &rate);
	if (rate.kind == RATE_SHARE)
		return share_run(measure, test, &rate, figures, err);
	result = plan_run(measure, test, figures, err);
	if (!result)
		reference_note(measure, test, &rate, *figures);
	return result;
}
