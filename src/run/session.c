/* SPDX-License-Identifier: Apache-2.0 */
#include "run/session_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "run/survey.h"
#include "suite/test_rate.h"
#include "testbed/host/processors.h"
#include "testbed/host/tuning.h"
#include "testbed/testbed.h"
#include "trial/measure.h"

#define CALIBRATION_NS 50000000

static bool session_step_is_done(const struct session *session, size_t i)
{
	return session->done && session->done[i];
}

/* Written at once: the record of a run that is killed tells of it, too. */
static int runner_tune(struct runner *r, struct error *err)
{
	struct session *session = r->session;
	json_t *done = NULL;
	int result = session->tune ? tuning_apply(r->ledger, &done, err) : 0;

	if (result)
		return result;
	json_object_set_new(record_run(session->record), "tuning", done ? done : json_null());
	return record_update(session->record, err);
}

/* Each session of a run, first or resumed, has one of its own. */
static int runner_survey(struct runner *r, struct error *err)
{
	struct session *session = r->session;
	json_t *run = record_run(session->record);
	int result;

	if (!session->survey) {
		r->baseline.reason = "the machine was not measured first (--no-survey)";
		return 0;
	}
	if (!json_is_array(json_object_get(run, "noise")))
		json_object_set_new(run, "noise", json_array());
	result = survey_make(session->suite, &r->clock, session->cancel, &r->baseline,
			     json_object_get(run, "noise"), err);
	return result ? result : record_update(session->record, err);
}

/* Run one step on the testbed that is up, or bring it up. Only a cancelled run gives an error: -EINTR. */
static int runner_step(struct runner *r, size_t i)
{
	struct session *session = r->session;
	const struct schedule_step *step = &session->schedule->steps[i];
	const struct test *test = session_test(session, step);
	const struct measure_observer observer = { { progress_second, &r->progress }, runner_search_step,
						   runner_line, r };
	struct measure measure = { .references = r->references, .observer = &observer,
				   .cancel = session->cancel };
	struct error err = { 0 }, down = { 0 };
	json_t *figures = NULL;
	char what[256];
	int result = 0;

	r->step = i;
	r->step_ns = clock_monotonic_ns();
	test_tuple(test, what, sizeof(what));
	progress_trial(&r->progress, what, test_load_seconds(test));
	if (session_probe(session, test, &err)) {
		runner_conclude_without(r, "skipped", &err);
		return 0;
	}
	if (!r->up)
		result = runner_up(r, step, &err);
	measure.driver = r->driver;
	if (!result)
		result = measure_run(&measure, test, &figures, &err);
	if (figures)
		runner_conclude(r, figures);
	else if (result && !*session->cancel)
		runner_conclude_without(r, "failed", &err);
	json_decref(figures);
	testbed_keep_logs(&r->testbed);
	if (!result)
		return 0;
	/* What is left of the testbed cannot be trusted: the next test gets a new one. */
	runner_down(r, &down);
	if (*session->cancel)
		return -EINTR;
	if (down.code)
		progress_say(&r->progress, "lanebench: warning: %s", down.cause);
	return 0;
}

static int runner_steps(struct runner *r, struct error *err)
{
	const struct schedule *schedule = r->session->schedule;
	size_t setup = SIZE_MAX;

	for (size_t i = 0; i < schedule->count; i++) {
		if (session_step_is_done(r->session, i))
			continue;
		if (schedule->steps[i].setup != setup) {
			int result = runner_down(r, err);

			if (result)
				return result;
			setup = schedule->steps[i].setup;
		}
		if (*r->session->cancel || runner_step(r, i))
			return error_set(err, EINTR, NULL, "interrupted");
	}
	return runner_down(r, err);
}

static void runner_begin_progress(struct runner *r)
{
	const struct session *session = r->session;
	double planned = 0;
	size_t total = 0;

	for (size_t i = 0; i < session->schedule->count; i++) {
		if (session_step_is_done(session, i))
			continue;
		planned += test_load_seconds(session_test(session, &session->schedule->steps[i]));
		total++;
	}
	progress_begin(&r->progress, stderr, session->quiet, total, planned);
}

int session_run(struct session *session, struct error *err)
{
	struct runner *r = calloc(1, sizeof(*r));
	struct error undo = { 0 };
	const char *why;
	int result;

	if (!r)
		return error_errno(err, ENOMEM, NULL, "cannot run");
	r->session = session;
	r->references = json_object();
	clock_calibrate(&r->clock, CALIBRATION_NS, &why);
	json_object_set_new(record_run(session->record), "clock",
			    json_pack("{s:s, s:f, s:s}",
				      "kind", r->clock.kind == CLOCK_KIND_TSC ? "tsc" : "monotonic",
				      "hz", r->clock.hz, "reason", why ? why : ""));
	r->testbeds = json_object_get(record_run(session->record), "testbeds");
	runner_begin_progress(r);
	result = ledger_open(&r->ledger, err);
	if (!result)
		result = runner_tune(r, err);
	if (!result)
		result = runner_survey(r, err);
	if (!result)
		result = runner_steps(r, err);
	session->interrupted = result == -EINTR;
	if (runner_down(r, &undo) && !result)
		result = error_set(err, undo.code, undo.remedy, "%s", undo.cause);
	processors_close(r->processors);
	if (r->ledger && ledger_close(r->ledger, &undo) && (!result || session->interrupted))
		result = error_set(err, undo.code, "lanebench clean tries again", "%s", undo.cause);
	progress_end(&r->progress);
	json_decref(r->references);
	free(r);
	return result;
}
