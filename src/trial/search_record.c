/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/search_record.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure/statistics.h"
#include "suite/test_rate.h"
#include "trial/outcome.h"

#define SHARE_PARTS 1e6 /* to which shares are told */

static const char *const end_names[] = {
	[LOAD_END_NOT] = "not", [LOAD_END_DONE] = "done", [LOAD_END_TIME] = "time",
	[LOAD_END_TRIALS] = "trials", [LOAD_END_VOID] = "void",
};
static const char *const purpose_names[] = {
	[LOAD_WARMUP] = "warmup", [LOAD_REFERENCE] = "reference", [LOAD_MEASURE] = "measure",
};
static const char *const status_names[] = {
	[GOAL_OPEN] = "open", [GOAL_FOUND] = "found", [GOAL_AT_MAX] = "at_max", [GOAL_AT_MIN] = "at_min",
};

static double number_at(const json_t *trial, const char *object, const char *field)
{
	return json_number_value(json_object_get(json_object_get(trial, object), field));
}

static json_t *real_or_null(double number)
{
	return isfinite(number) ? json_real(number) : json_null();
}

/* ---- a step -------------------------------------------------------------------------------------------- */

static double offered_pps(const struct load_step *step, const json_t *trial)
{
	const json_t *pairs = json_object_get(trial, "pairs");
	size_t count = json_array_size(pairs);
	double furthest = NAN;

	if (step->load == LOAD_UNLIMITED || !count)
		return number_at(trial, "tx", "offered_pps") / (double)(count ? count : 1);
	for (size_t i = 0; i < count; i++) {
		double offered = number_at(json_array_get(pairs, i), "tx", "offered_pps");

		if (!(fabs(offered - step->load) <= fabs(furthest - step->load)))
			furthest = offered;
	}
	return furthest;
}

/* A search asks what the switch does with a load, a sweep what it does with what was offered. */
static bool needs_load(const struct search_record *record, const struct load_step *step)
{
	enum rate_kind target;
	struct rate rate;

	test_rate(record->test, &rate);
	target = rate_target(&rate);
	return step->load != LOAD_UNLIMITED && (target == RATE_NDR || target == RATE_PDR);
}

struct load_trial search_record_trial(const struct search_record *record, const struct load_step *step,
				      const json_t *trial, double spent_s)
{
	const char *status = json_string_value(json_object_get(trial, "status"));
	double reached = offered_pps(step, trial);
	bool off = needs_load(record, step) && !(fabs(reached - step->load) <= OFFERED_OFF * step->load);
	double offered = number_at(trial, "tx", "packets");
	double lost = number_at(trial, "rx", "lost") + number_at(trial, "rx", "corrupted");

	return (struct load_trial){
		.load = step->load,
		.duration_s = step->duration_s,
		.offered_pps = reached,
		.offered = (uint64_t)offered,
		.lost = (uint64_t)fmin(lost, offered),
		.spent_s = spent_s,
		.valid = status && strcmp(status, "ok") == 0 && !off,
	};
}

/* Of what the steps of a sweep in percent and of a loss curve are shares; NAN of others. */
static double whole_of(const struct search_record *record, const struct load_result *result)
{
	struct rate rate;

	test_rate(record->test, &rate);
	if (rate.kind == RATE_SWEEP_SHARE)
		return result->mrr_pps;
	return rate.kind == RATE_LOSS_CURVE ? result->max_load : NAN;
}

static json_t *step_load(const struct search_record *record, const struct load_step *step,
			 const struct load_result *result)
{
	bool unlimited = step->load == LOAD_UNLIMITED;
	double share = unlimited ? 1 : step->load / whole_of(record, result);

	if (step->purpose != LOAD_MEASURE || isnan(whole_of(record, result)))
		share = NAN;
	return json_pack("{s:i, s:s, s:i, s:o, s:o}", "step", (int)step->number, "purpose",
			 purpose_names[step->purpose], "attempt", (int)step->attempt, "rate_pps",
			 unlimited ? json_null() : json_real(step->load), "share",
			 real_or_null(round(share * SHARE_PARTS) / SHARE_PARTS));
}

static void trial_set_void(json_t *trial, const struct load_step *step, const struct load_trial *load)
{
	char reason[160];

	snprintf(reason, sizeof(reason),
		 "a sender offered %.0f of %.0f packets per second: no trial of that load", load->offered_pps,
		 step->load);
	json_object_set_new(trial, "status", json_string("void"));
	json_object_set_new(trial, "reason", json_string(reason));
	json_object_set_new(trial, "remedy",
			    json_string("a processor to itself lets a sender keep its pace"));
}

static int note_received(struct search_record *record, const json_t *trial)
{
	double *more = realloc(record->received, (record->received_count + 1) * sizeof(*more));

	if (!more)
		return -ENOMEM;
	record->received = more;
	record->received[record->received_count++] = number_at(trial, "rx", "forwarded_pps");
	return 0;
}

/* The best point of a sweep; of equal ones the lowest load. */
static void note_best(struct search_record *record, const struct load_trial *load, const json_t *trial)
{
	double forwarded = number_at(trial, "rx", "forwarded_pps");

	if (!(forwarded > record->best_pps))
		return;
	record->best_pps = forwarded;
	record->best_load = load->load;
	record->best_offered = load->offered_pps;
}

/* What is to be thought of when one trial is looked at is to be thought of when all of them are. */
static int note_flags(struct search_record *record, const json_t *trial)
{
	const json_t *flags = json_object_get(trial, "flags");

	if (!record->flags)
		record->flags = json_array();
	for (size_t i = 0; i < json_array_size(flags); i++) {
		json_t *flag = json_array_get(flags, i);
		size_t known = 0;

		while (known < json_array_size(record->flags) &&
		       !json_equal(json_array_get(record->flags, known), flag))
			known++;
		if (known == json_array_size(record->flags) && json_array_append(record->flags, flag))
			return -ENOMEM;
	}
	return record->flags ? 0 : -ENOMEM;
}

int search_record_feed(struct search_record *record, struct load_plan *plan, const struct load_step *step,
		       double spent_s, json_t *trial, struct error *err)
{
	struct load_trial load = search_record_trial(record, step, trial, spent_s);
	const char *status = json_string_value(json_object_get(trial, "status"));
	struct load_result before, after;
	int result;

	load_plan_result(plan, &before);
	result = load_plan_feed(plan, &load, err);
	if (result)
		return result;
	load_plan_result(plan, &after);
	if (after.void_trials > before.void_trials && !strcmp(status, "ok"))
		trial_set_void(trial, step, &load);
	else if (step->load == LOAD_UNLIMITED && step->purpose == LOAD_MEASURE && load.valid)
		result = note_received(record, trial);
	if (!result && step->purpose == LOAD_MEASURE && load.valid) {
		note_best(record, &load, trial);
		result = note_flags(record, trial);
	}
	json_object_set_new(trial, "kind", json_string("step"));
	json_object_set_new(trial, "load", step_load(record, step, &after));
	return result ? error_errno(err, ENOMEM, NULL, "cannot keep what was measured") : 0;
}

/* ---- the conclusion ------------------------------------------------------------------------------------ */

static const char *method_of(const struct test *test, const struct rate *rate)
{
	bool binary = strcmp(test_text(test, PARAMETER_SEARCH), "binary") == 0;

	switch (rate_target(rate)) {
	case RATE_MRR:        return "mrr";
	case RATE_LOSS_CURVE: return "loss-curve";
	case RATE_BEST:       return "best";
	case RATE_NDR:
	case RATE_PDR:        return binary ? "binary" : "mlrsearch";
	default:              return "sweep";
	}
}

static json_t *goal_json(const struct search_record *record, const struct load_result *result,
			 enum rate_kind target)
{
	const struct goal_result *goal = &result->goal[0];
	double loss = target == RATE_PDR ? test_number(record->test, PARAMETER_LOSS) : 0;

	return json_pack("{s:s, s:f, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
			 target == RATE_PDR ? "pdr" : "ndr", "loss_ratio", loss, "status",
			 status_names[goal->status], "text", load_result_text(result, 0), "lower_pps",
			 real_or_null(goal->lower), "upper_pps", real_or_null(goal->upper), "throughput_pps",
			 real_or_null(goal->throughput), "offered_share", real_or_null(goal->offered_share),
			 "coarse_lower_pps", real_or_null(goal->coarse_lower), "coarse_upper_pps",
			 real_or_null(goal->coarse_upper));
}

static json_t *mrr_json(const struct search_record *record)
{
	const double *received = record->received;
	size_t n = record->received_count;

	if (!n)
		return json_null();
	return json_pack("{s:f, s:f, s:f, s:o, s:I}", "mean_pps", statistics_mean(received, n), "min_pps",
			 statistics_min(received, n), "max_pps", statistics_max(received, n), "stddev_pps",
			 real_or_null(statistics_stddev(received, n)), "trials", (json_int_t)n);
}

/* What the test is about as one figure, of all pairs together; NAN where it is not one figure. */
static double figure_of(const struct search_record *record, const struct load_result *result,
			enum rate_kind target)
{
	if (target == RATE_MRR)
		return statistics_mean(record->received, record->received_count);
	if (target == RATE_BEST)
		return record->best_pps > 0 ? record->best_pps : NAN;
	if (result->goals && (result->goal[0].status == GOAL_FOUND || result->goal[0].status == GOAL_AT_MAX))
		return result->goal[0].throughput * record->senders;
	return NAN;
}

static json_t *best_json(const struct search_record *record)
{
	if (!(record->best_pps > 0))
		return json_null();
	return json_pack("{s:f, s:f, s:f}", "forwarded_pps", record->best_pps, "rate_pps", record->best_load, "offered_pps",
			 record->best_offered);
}

static json_t *search_json(const struct search_record *record, const struct load_result *result,
			   const struct error *failed)
{
	const char *end = !failed ? end_names[result->end] : failed->code == EINTR ? "interrupted" : "failed";
	bool searched = result->goals > 0;
	struct rate rate;

	test_rate(record->test, &rate);
	return json_pack("{s:s, s:s?, s:s, s:i, s:o, s:i, s:i, s:f, s:f, s:o, s:o, s:b, s:o, s:o, s:o}",
			 "method", method_of(record->test, &rate),
			 "preset", searched ? test_text(record->test, PARAMETER_SEARCH) : NULL,
			 "end", end,
			 "senders", (int)record->senders, "goal",
			 searched ? goal_json(record, result, rate_target(&rate)) : json_null(), "trials",
			 (int)result->trials,
			 "void_trials", (int)result->void_trials, "spent_s", result->spent_s,
			 "traffic_s", result->traffic_s, "min_load_pps", real_or_null(result->min_load),
			 "max_load_pps", real_or_null(result->max_load),
			 "sender_limited", result->sender_limited,
			 "mrr", rate_target(&rate) == RATE_MRR ? mrr_json(record) : json_null(),
			 "best", rate_target(&rate) == RATE_BEST ? best_json(record) : json_null(),
			 "forwarded_pps", real_or_null(figure_of(record, result, rate_target(&rate))));
}

/* "between 1200000 and 1250000 packets/s", as far as known. */
static void bounds_format(const struct goal_result *goal, char *text, size_t size)
{
	double lower = goal->lower, upper = goal->upper;
	const char *how = "";

	if (isnan(lower) && isnan(upper)) {
		lower = goal->coarse_lower;
		upper = goal->coarse_upper;
		how = ", by too few trials to be sure";
	}
	if (isnan(lower) && isnan(upper))
		snprintf(text, size, "nothing is known of it yet");
	else if (isnan(upper))
		snprintf(text, size, "it is at least %.0f packets/s%s", lower, how);
	else if (isnan(lower))
		snprintf(text, size, "it is below %.0f packets/s%s", upper, how);
	else
		snprintf(text, size, "it is between %.0f and %.0f packets/s%s", lower, upper, how);
}

/* A plan that did not come to an answer: status, reason and remedy. All found: "ok". */
static const char *judge(const struct load_result *result, const struct error *failed, struct error *why)
{
	char bounds[160];

	memset(why, 0, sizeof(*why));
	if (failed) {
		*why = *failed;
		return "failed";
	}
	if (result->goals && result->goal[0].status == GOAL_OPEN) {
		bounds_format(&result->goal[0], bounds, sizeof(bounds));
		error_set(why, EAGAIN, result->end == LOAD_END_TIME ? "give it more time: --limit" :
			  "keep other work away from the machine, or look whether the switch is stable",
			  "the search %s: %s", load_result_text(result, 0), bounds);
		return "void";
	}
	if (result->end == LOAD_END_VOID) {
		error_set(why, EAGAIN, "keep other work away from the machine",
			  "the trials by which the loads are set are void: see their reasons in the record");
		return "void";
	}
	if (result->trials == result->void_trials && result->trials) {
		error_set(why, EAGAIN, "keep other work away from the machine", "all %u trials are void",
			  result->trials);
		return "void";
	}
	return "ok";
}

json_t *search_record_conclude(const struct search_record *record, const struct error *failed)
{
	struct load_result result;
	struct error why;
	const char *status;

	load_plan_result(record->plan, &result);
	status = judge(&result, failed, &why);
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "kind", "search", "status", status,
			 "reason", why.cause, "remedy", why.remedy,
			 "flags", record->flags ? json_copy(record->flags) : json_array(),
			 "search", search_json(record, &result, failed));
}

double search_record_reference(const json_t *conclusion, struct error *err)
{
	const json_t *search = json_object_get(conclusion, "search");
	const json_t *forwarded = json_object_get(search, "forwarded_pps");
	const char *reason = json_string_value(json_object_get(conclusion, "reason"));
	const json_t *goal = json_object_get(search, "goal");
	const char *text = json_string_value(json_object_get(goal, "text"));
	double senders = json_number_value(json_object_get(search, "senders"));

	if (json_number_value(forwarded) > 0 && senders > 0)
		return json_number_value(forwarded) / senders;
	error_set(err, ENODATA, "give a rate in packets per second, or look why: docs/troubleshooting.md",
		  "there is no rate to take a share of: %s",
		  reason && reason[0] ? reason : text ? text : "nothing arrived");
	return NAN;
}

void search_record_free(struct search_record *record)
{
	free(record->received);
	record->received = NULL;
	record->received_count = 0;
	json_decref(record->flags);
	record->flags = NULL;
}
