/* SPDX-License-Identifier: Apache-2.0 */
#include "run/session_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "run/catalogue_fill.h"
#include "run/test_interference.h"
#include "run/survey.h"
#include "suite/test_rate.h"
#include "testbed/host/processors.h"
#include "testbed/host/tuning.h"
#include "testbed/testbed.h"
#include "trial/measure.h"

#define CALIBRATION_NS 50000000
#define MTU_DEFAULT 1500

static bool session_step_is_done(const struct session *session, size_t i)
{
	return session->done && session->done[i];
}

/* ---- testbeds ------------------------------------------------------------------------------------------ */

/* What the tests of one testbed need of it all together. */
struct demand {
	uint32_t max_frame, max_burst;
};

static struct demand session_demand(const struct session *session, size_t testbed)
{
	struct demand demand = { 0 };

	for (size_t i = 0; i < session->schedule->count; i++) {
		const struct test *test = session_test(session, &session->schedule->steps[i]);

		if (session->schedule->steps[i].testbed != testbed)
			continue;
		if (test_number(test, PARAMETER_SIZE) > demand.max_frame)
			demand.max_frame = (uint32_t)test_number(test, PARAMETER_SIZE);
		if (test_number(test, PARAMETER_BURST) > demand.max_burst)
			demand.max_burst = (uint32_t)test_number(test, PARAMETER_BURST);
	}
	return demand;
}

static int runner_take_processors(struct runner *r, const struct test *test, struct error *err)
{
	const char *allowed = test_text(test, PARAMETER_PROCESSORS);

	if (r->processors && strcmp(allowed, r->processors_allowed) == 0)
		return 0;
	processors_close(r->processors);
	r->processors = NULL;
	snprintf(r->processors_allowed, sizeof(r->processors_allowed), "%s", allowed);
	return processors_open(&r->processors, allowed, err);
}

/* For the record: what each testbed cost, each time that it was brought up. */
static void runner_note_testbed(struct runner *r, const struct schedule_step *step)
{
	const struct test *test = session_test(r->session, step);

	json_array_append_new(r->testbeds,
			      json_pack("{s:i, s:i, s:s, s:s, s:s, s:s, s:f, s:n}",
					"testbed", (int)step->testbed + 1, "repeat", (int)step->repeat,
					"runtime", test_text(test, PARAMETER_RUNTIME),
					"switch", test_text(test, PARAMETER_SWITCH),
					"containers", test_text(test, PARAMETER_CONTAINERS),
					"io", test_text(test, PARAMETER_IO),
					"up_s", r->testbed.up_s, "down_s"));
}

static int runner_up(struct runner *r, const struct schedule_step *step, struct error *err)
{
	struct session *session = r->session;
	const struct test *test = session_test(session, step);
	const struct catalogue *known = session->catalogue;
	const struct catalogue_entry *io = catalogue_find(&known->ios, test_text(test, PARAMETER_IO));
	const struct catalogue_entry *sw = catalogue_find(&known->switches,
							  test_text(test, PARAMETER_SWITCH));
	struct demand demand = session_demand(session, step->testbed);
	const char *capabilities[5] = { NULL };
	struct testbed_spec spec = {
		.runtime = test_text(test, PARAMETER_RUNTIME),
		.switch_name = test_text(test, PARAMETER_SWITCH),
		.pairs = (unsigned)test_number(test, PARAMETER_CONTAINERS),
		.mtu = demand.max_frame - WIRE_ETHERNET_LEN > MTU_DEFAULT ?
		       demand.max_frame - WIRE_ETHERNET_LEN : MTU_DEFAULT,
		.addresses = !io->layer_frame,
		.capabilities = capabilities,
		.port_kind = (enum port_kind)catalogue_port(io, sw, test_text(test, PARAMETER_PORT)),
		.max_frame = demand.max_frame,
		.max_burst = demand.max_burst,
		.ring = (uint32_t)test_number(test, PARAMETER_RING),
		.threads = (unsigned)test_number(test, PARAMETER_THREADS),
		.hugepages = test_text(test, PARAMETER_HUGEPAGES),
		.endpoint_program = session->endpoint_programs->list[io->program].fd,
		.log_directory = r->log_directory,
		.interference = test_interference(test, session->neighbour_command),
	};
	int result;

	for (unsigned i = 0; i < 4 && io->capabilities[i][0]; i++)
		capabilities[i] = io->capabilities[i];
	result = runner_take_processors(r, test, err);
	if (result)
		return result;
	memset(&r->testbed, 0, sizeof(r->testbed));
	r->testbed.generation = r->generation++;
	result = testbed_up(&r->testbed, &spec, r->ledger, r->processors, session->cancel, err);
	if (result)
		return result;
	r->up = true;
	runner_note_testbed(r, step);
	result = trial_driver_open(&r->driver, &r->testbed, &r->clock, demand.max_frame, demand.max_burst,
				   err);
	if (!result)
		trial_driver_set_baseline(r->driver, &r->baseline);
	return result;
}

static int runner_down(struct runner *r, struct error *err)
{
	uint64_t begin = clock_monotonic_ns();
	int result;

	trial_driver_close(r->driver);
	r->driver = NULL;
	if (!r->up)
		return 0;
	r->up = false;
	result = testbed_down(&r->testbed, r->ledger, err);
	json_object_set_new(json_array_get(r->testbeds, json_array_size(r->testbeds) - 1), "down_s",
			    json_real((double)(clock_monotonic_ns() - begin) / 1e9));
	return result;
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

/* ---- steps --------------------------------------------------------------------------------------------- */

/* The first of the test's three ingredients that this machine lacks; NULL if it has them all. */
static const struct catalogue_entry *session_missing(struct session *session, const struct test *test)
{
	struct catalogue *c = session->catalogue;
	const char *runtime = test_text(test, PARAMETER_RUNTIME), *sw = test_text(test, PARAMETER_SWITCH);
	const struct catalogue_entry *entries[3];

	catalogue_probe_runtime(c, runtime);
	catalogue_probe_switch(c, sw);
	entries[0] = catalogue_find(&c->runtimes, runtime);
	entries[1] = catalogue_find(&c->switches, sw);
	entries[2] = catalogue_find(&c->ios, test_text(test, PARAMETER_IO));
	for (int i = 0; i < 3; i++)
		if (!entries[i]->available)
			return entries[i];
	return NULL;
}

/* Has this machine all that the test needs? 0, or -errno with what it lacks: the test is skipped for it. */
static int session_probe(struct session *session, const struct test *test, struct error *err)
{
	const struct catalogue_entry *missing = session_missing(session, test);
	const struct interference_spec interference = test_interference(test, session->neighbour_command);

	if (missing)
		return error_set(err, ENOTSUP, missing->remedy, "%s: %s", missing->name, missing->reason);
	return interference_probe(&interference, err);
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
	char what[160];
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

/*
 * Some ten descriptors a pair: shells start with a limit that is soft and low for the sake of old programs.
 */
static void raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int session_run(struct session *session, struct error *err)
{
	struct runner *r = calloc(1, sizeof(*r));
	struct error undo = { 0 };
	const char *why;
	int result;

	if (!r)
		return error_errno(err, ENOMEM, NULL, "cannot run");
	raise_descriptors();
	r->session = session;
	r->references = json_object();
	snprintf(r->log_directory, sizeof(r->log_directory), "%s/logs", record_directory(session->record));
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
