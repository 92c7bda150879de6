/* SPDX-License-Identifier: Apache-2.0 */
#include "lanebench/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "lanebench/catalogue_fill.h"
#include "lanebench/test_interference.h"
#include "lanebench/survey.h"
#include "suite/load.h"
#include "testbed/host/processors.h"
#include "testbed/host/tuning.h"
#include "testbed/testbed.h"
#include "trial/measure.h"

#define CALIBRATION_NS 50000000
#define MTU_DEFAULT 1500

/* What session_run keeps beside the session itself. */
struct runner {
	struct session *session;
	struct ledger *ledger;
	struct processors *processors;
	char processors_allowed[64];
	struct clock_scale clock;
	struct baseline baseline;
	struct progress progress;
	struct testbed testbed;
	struct trial_driver *driver;
	bool up;
	unsigned generation;
	char log_directory[4096];
	size_t step;               /* the step that runs: index into the schedule */
	uint64_t step_ns;          /* when it began, ... */
	uint64_t line_ns;          /* ... and the trial of its search, where it makes one */
	json_t *references;        /* struct measure */
	json_t *testbeds;          /* run.json's list of them; borrowed */
};

static const struct test *step_test(const struct session *session, const struct schedule_step *step)
{
	return &session->suite->tests[step->test];
}

static bool session_step_is_done(const struct session *session, size_t i)
{
	return session->done && session->done[i];
}

/* ---- recording ----------------------------------------------------------------------------------------- */

static void format_time(char *text, size_t size, struct timespec t)
{
	struct tm utc;
	size_t used;

	gmtime_r(&t.tv_sec, &utc);
	used = strftime(text, size, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text + used, size - used, ".%03ldZ", t.tv_nsec / 1000000);
}

/* Trials that could not be written are kept and tried again: a disk that was full may have room later. */
static void session_write(struct session *session, json_t *trial, struct progress *progress)
{
	struct error err = { 0 };

	if (!session->unwritten)
		session->unwritten = json_array();
	json_array_append(session->unwritten, trial);
	while (json_array_size(session->unwritten)) {
		if (record_append(session->record, json_array_get(session->unwritten, 0), &err))
			break;
		json_array_remove(session->unwritten, 0);
	}
	if (err.code)
		progress_say(progress, "lanebench: warning: %s\n  remedy: %s\n  (the trial is kept and tried again)",
			     err.cause, err.remedy);
}

static void session_count(struct session *session, const char *status)
{
	if (strcmp(status, "ok") == 0)
		session->ok++;
	else if (strcmp(status, "void") == 0)
		session->void_++;
	else if (strcmp(status, "skipped") == 0)
		session->skipped++;
	else
		session->failed++;
}

/* Put number, test, repeat and time in front of the figures, so that a person reads them first. */
static json_t *trial_headed(const struct runner *r, const struct test *test, json_t *figures, uint64_t since_ns,
			    double setup_s)
{
	const struct schedule_step *step = &r->session->schedule->steps[r->step];
	struct timespec now;
	char started[40];
	json_t *trial;

	clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec -= (time_t)((clock_monotonic_ns() - since_ns) / 1000000000);
	format_time(started, sizeof(started), now);
	trial = json_pack("{s:i, s:o, s:i, s:O, s:O, s:O, s:O, s:s, s:f}", "trial", (int)r->step + 1,
			  "test", test_to_json(test), "repeat", (int)step->repeat,
			  "status", json_object_get(figures, "status"), "reason", json_object_get(figures, "reason"),
			  "remedy", json_object_get(figures, "remedy"), "flags", json_object_get(figures, "flags"),
			  "started", started, "setup_s", setup_s);
	json_object_set_new(trial, "kind", json_string("trial"));
	json_object_update(trial, figures);
	return trial;
}

/* A line for the record, and for standard output where that is asked for. */
static void runner_write(struct runner *r, json_t *line)
{
	struct session *session = r->session;

	session_write(session, line, &r->progress);
	if (!session->json)
		return;
	json_dumpf(line, session->json, JSON_COMPACT | RECORD_NUMBERS);
	fputc('\n', session->json);
	fflush(session->json);
}

/* Since a time, what was beside the traffic of a trial (a conclusion: beside its search). */
static double setup_seconds(uint64_t since_ns, const struct test *test, const json_t *figures)
{
	double setup = (double)(clock_monotonic_ns() - since_ns) / 1e9;
	double measured = json_number_value(json_object_get(figures, "duration_s"));
	const json_t *search = json_object_get(figures, "search");

	if (search)
		setup -= json_number_value(json_object_get(search, "spent_s"));
	else if (measured > 0)
		setup -= measured + test_number(test, PARAMETER_WARMUP);
	return setup > 0 ? setup : 0;
}

static void runner_conclude(struct runner *r, json_t *figures)
{
	const struct test *test = step_test(r->session, &r->session->schedule->steps[r->step]);
	double setup = setup_seconds(r->step_ns, test, figures);
	json_t *trial = trial_headed(r, test, figures, r->step_ns, setup);

	runner_write(r, trial);
	session_count(r->session, json_string_value(json_object_get(trial, "status")));
	progress_trial_done(&r->progress, trial, setup);
	json_decref(trial);
}

/* One trial of a search, or what a share refers to. */
static void runner_line(void *context, const struct test *test, json_t *figures)
{
	struct runner *r = context;
	uint64_t since = json_object_get(figures, "search") ? r->step_ns : r->line_ns;
	json_t *line = trial_headed(r, test, figures, since, setup_seconds(since, test, figures));

	runner_write(r, line);
	json_decref(line);
}

static void runner_search_step(void *context, const struct load_step *step, const struct load_result *known)
{
	struct runner *r = context;

	r->line_ns = clock_monotonic_ns();
	progress_search(&r->progress, step, known);
}

static void runner_conclude_without(struct runner *r, const char *status, const struct error *why)
{
	json_t *figures = json_pack("{s:s, s:s, s:s, s:[]}", "status", status, "reason", why->cause, "remedy",
				    why->remedy, "flags");

	if (!figures) { /* a reason that is not UTF-8 */
		figures = json_pack("{s:s, s:s, s:s, s:[]}", "status", status, "reason", "see logs/", "remedy", "",
				    "flags");
	}
	runner_conclude(r, figures);
	json_decref(figures);
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
		const struct test *test = step_test(session, &session->schedule->steps[i]);

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
	const struct test *test = step_test(r->session, step);

	json_array_append_new(r->testbeds, json_pack("{s:i, s:i, s:s, s:s, s:s, s:s, s:f, s:n}", "testbed",
						     (int)step->testbed + 1, "repeat", (int)step->repeat, "runtime",
						     test_text(test, PARAMETER_RUNTIME), "switch",
						     test_text(test, PARAMETER_SWITCH), "containers",
						     test_text(test, PARAMETER_CONTAINERS), "io",
						     test_text(test, PARAMETER_IO), "up_s", r->testbed.up_s, "down_s"));
}

static int runner_up(struct runner *r, const struct schedule_step *step, struct error *err)
{
	struct session *session = r->session;
	const struct test *test = step_test(session, step);
	const struct catalogue_entry *io = catalogue_find(&session->catalogue->ios, test_text(test, PARAMETER_IO));
	const struct catalogue_entry *sw = catalogue_find(&session->catalogue->switches,
							  test_text(test, PARAMETER_SWITCH));
	struct demand demand = session_demand(session, step->testbed);
	const char *capabilities[5] = { NULL };
	struct testbed_spec spec = {
		.runtime = test_text(test, PARAMETER_RUNTIME),
		.switch_name = test_text(test, PARAMETER_SWITCH),
		.pairs = (unsigned)test_number(test, PARAMETER_CONTAINERS),
		.mtu = demand.max_frame - WIRE_ETHERNET_LEN > MTU_DEFAULT ? demand.max_frame - WIRE_ETHERNET_LEN :
		       MTU_DEFAULT,
		.addresses = !io->layer_frame,
		.capabilities = capabilities,
		.port_kind = (enum port_kind)catalogue_port(io, sw),
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
	result = trial_driver_open(&r->driver, &r->testbed, &r->clock, demand.max_frame, demand.max_burst, err);
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
	result = survey_make(session->suite, &r->clock, session->cancel, &r->baseline, json_object_get(run, "noise"), err);
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

/* Has this machine all that the test needs? 0, or -errno with what it lacks, which the test is skipped for. */
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
	const struct test *test = step_test(session, step);
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
		planned += test_load_seconds(step_test(session, &session->schedule->steps[i]));
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
			    json_pack("{s:s, s:f, s:s}", "kind",
				      r->clock.kind == CLOCK_KIND_TSC ? "tsc" : "monotonic", "hz", r->clock.hz,
				      "reason", why ? why : ""));
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
