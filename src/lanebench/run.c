/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/catalogue_fill.h"
#include "lanebench/command.h"
#include "run/endpoint_program.h"
#include "lanebench/run_options.h"
#include "lanebench/run_plan.h"
#include "run/record_setup.h"
#include "run/session.h"
#include "report/report.h"
#include "report/show.h"
#include "testbed/container/container.h"
#include "testbed/host/namespace.h"
#include "testbed/host/processors.h"
#include "testbed/kinds.h"

static volatile int run_cancel;

static void run_on_signal(int number)
{
	run_cancel = number;
}

static void run_catch_signals(void)
{
	const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = run_on_signal }, before;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		sigaction(numbers[i], &action, &before);
		if (numbers[i] == SIGHUP && before.sa_handler == SIG_IGN) /* nohup: the run outlives its terminal */
			sigaction(numbers[i], &before, NULL);
	}
	signal(SIGPIPE, SIG_IGN);
}

static void run_report_cleaned(void *context, const char *run_id, const char *what, const struct error *error)
{
	const bool *quiet = context;

	if (error->code)
		fprintf(stderr, "lanebench: warning: of run %s, which was killed: %s: %s%s%s\n", run_id, what,
			error->cause, error->remedy[0] ? "; " : "", error->remedy);
	else if (!*quiet)
		fprintf(stderr, "lanebench: undid what run %s, which was killed, had left: %s\n", run_id, what);
}

/* A suite (or a record to go on with) that cannot be read, or all that is wrong with it. */
static int run_print_problems(const struct suite *suite, const struct error *err, bool resume)
{
	if (!suite->problem_count) {
		print_error(err);
		return err->code == ENOMEM || resume ? EXIT_FAILED : EXIT_USAGE;
	}
	for (size_t i = 0; i < suite->problem_count; i++) {
		const struct suite_problem *problem = &suite->problems[i];

		fprintf(stderr, "%s: error: %s\n", problem->where, problem->error.cause);
		if (problem->error.remedy[0])
			fprintf(stderr, "  remedy: %s\n", problem->error.remedy);
	}
	fprintf(stderr, "lanebench: %zu %s; nothing was created\n", suite->problem_count,
		suite->problem_count == 1 ? "error" : "errors");
	return EXIT_USAGE;
}

/* Processors that are not there, or not ours to use, are said before anything is created. */
static int run_check_processors(const struct suite *suite, struct error *err)
{
	const char *checked = "";

	for (size_t i = 0; i < suite->count; i++) {
		const char *allowed = test_text(&suite->tests[i], PARAMETER_PROCESSORS);
		struct processors *processors;
		int result;

		if (strcmp(allowed, checked) == 0)
			continue;
		checked = allowed;
		result = processors_open(&processors, allowed, err);
		if (result)
			return result;
		processors_close(processors);
	}
	return 0;
}

/* A command that no test would start was given by mistake. */
static int run_check_command(const struct suite *suite, const struct run_options *options, struct error *err)
{
	bool used = !options->neighbour_command;

	for (size_t i = 0; i < suite->count && !used; i++)
		used = strcmp(test_text(&suite->tests[i], PARAMETER_NEIGHBOUR), "command") == 0;
	return used ? 0 : error_set(err, EINVAL, "add --neighbour command, or --neighbour none,command",
				    "--neighbour-command is given, and no test has neighbour command");
}

/* Without root, a run whose runtime can do without it moves into a user namespace of its own. */
static int run_gain_privileges(const struct suite *suite, struct error *err)
{
	if (namespace_is_root())
		return 0;
	for (size_t i = 0; i < suite->count; i++) {
		const char *runtime = test_text(&suite->tests[i], PARAMETER_RUNTIME);
		const struct container_ops *ops = container_find(runtime);

		if (ops && ops->unprivileged)
			return namespace_enter_user(err);
	}
	return error_set(err, EPERM, "use sudo; or --runtime netns, which can do without root where user namespaces are "
			 "allowed", "these tests need root");
}

static int run_exit_status(const struct session *session, int result)
{
	if (session->interrupted)
		return EXIT_INTERRUPTED;
	if (result || session->failed || json_array_size(session->unwritten))
		return EXIT_FAILED;
	return session->skipped || session->void_ ? EXIT_INCOMPLETE : EXIT_OK;
}

/* Nothing that was measured is lost: what the disk did not take goes to standard output. */
static void run_print_unwritten(const struct session *session)
{
	json_t *trial;
	size_t i;

	if (!json_array_size(session->unwritten))
		return;
	fprintf(stderr,
		"lanebench: error: %zu trial%s could not be written to the record: on standard output instead\n",
		json_array_size(session->unwritten), plural(json_array_size(session->unwritten)));
	json_array_foreach(session->unwritten, i, trial) {
		if (session->json)
			break;
		json_dumpf(trial, stdout, JSON_COMPACT | RECORD_NUMBERS);
		putchar('\n');
	}
}

static void run_print_summary(const struct session *session)
{
	json_t *summary = json_pack("{s:s, s:I, s:I, s:I, s:I, s:b}", "record", record_directory(session->record),
				    "ok", (json_int_t)session->ok, "failed", (json_int_t)session->failed,
				    "void", (json_int_t)session->void_, "skipped",
				    (json_int_t)session->skipped, "interrupted", session->interrupted);

	json_dumpf(summary, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(summary);
}

/* Whoever interrupts a run wants to go on with something else: the page can be had later. */
static void run_print_result(const struct session *session, const struct run_options *options)
{
	const struct report_show show = { .no_page = session->interrupted, .out = stdout, .notes = stderr };
	struct record_view view = { 0 };
	struct error err = { 0 };
	int result;

	if (options->json) {
		run_print_summary(session);
		return;
	}
	result = record_read_own(&view, session->record, &err);
	if (!result)
		result = options->csv ? report_csv(stdout, &view, &err) : report_show(&show, &view, &err);
	if (result)
		print_error(&err);
	record_view_free(&view);
}

static int run_session(struct session *session, const struct run_options *options)
{
	struct error err = { 0 };
	char ended[40];
	int result;

	run_catch_signals();
	result = session_run(session, &err);
	run_record_time(ended, sizeof(ended), false);
	json_object_set_new(record_run(session->record), "ended", json_string(ended));
	json_object_set_new(record_run(session->record), "state",
			    json_string(session->interrupted ? "interrupted" : "done"));
	if (session->interrupted)
		fprintf(stderr, "lanebench: interrupted%s; go on with: %s run --resume %s\n",
			result == -EINTR ? "; everything is undone" : "", program_invocation_name,
			record_directory(session->record));
	if (result && result != -EINTR)
		print_error(&err);
	error_clear(&err);
	if (record_update(session->record, &err))
		print_error(&err);
	run_print_unwritten(session);
	run_print_result(session, options);
	return run_exit_status(session, result);
}

/* Everything between the options and the first trial. */
struct preparation {
	struct endpoint_programs endpoint_programs;
	struct catalogue catalogue;
	struct suite suite;
	struct schedule schedule;
	struct record_view resumed;
	struct record *record;
	bool *done;
};

static int run_prepare_suite(struct preparation *p, const struct run_options *options, struct error *err)
{
	int result;

	if (options->resume) {
		result = record_read_figures(&p->resumed, options->resume, err);
		if (!result)
			result = run_record_load(&p->suite, &p->resumed, err);
	} else {
		result = suite_load(&p->suite, options->suite_path, &options->parameters, &p->catalogue, err);
	}
	if (!result)
		result = run_check_command(&p->suite, options, err);
	if (!result && schedule_make(&p->schedule, &p->suite))
		result = error_errno(err, ENOMEM, NULL, "cannot plan the trials");
	return result ? result : run_check_processors(&p->suite, err);
}

static int run_prepare_record(struct preparation *p, const struct run_options *options, int argc, char **argv,
			      struct error *err)
{
	bool quiet = options->quiet;
	int result = run_gain_privileges(&p->suite, err);

	/* The endpoint was asked what it can do before: in a user namespace it can do more. */
	if (!result && !namespace_is_root())
		result = catalogue_fill(&p->catalogue, &p->endpoint_programs, err);
	if (result)
		return result;
	ledger_clean(testbed_kinds, run_report_cleaned, &quiet, NULL);
	if (!options->resume)
		return run_record_create(&p->record, options, &p->suite, argc, argv, err);
	p->done = run_record_done(&p->schedule, &p->suite, &p->resumed);
	if (!p->done)
		return error_errno(err, ENOMEM, NULL, "cannot resume");
	return record_resume(&p->record, options->resume, err);
}

static int run_all(struct preparation *p, const struct run_options *options, int argc, char **argv)
{
	struct session session = { .suite = &p->suite, .catalogue = &p->catalogue, .schedule = &p->schedule,
				   .cancel = &run_cancel, .json = options->json ? stdout : NULL,
				   .quiet = options->quiet,
				   .neighbour_command = options->neighbour_command,
				   .tune = !options->no_tuning && namespace_is_root(),
				   .survey = !options->no_survey };
	struct error err = { 0 };
	int result;

	result = endpoint_programs_open(&p->endpoint_programs, &err);
	if (!result)
		result = catalogue_fill(&p->catalogue, &p->endpoint_programs, &err);
	if (result) {
		print_error(&err);
		return EXIT_FAILED;
	}
	result = run_prepare_suite(p, options, &err);
	if (result)
		return run_print_problems(&p->suite, &err, options->resume);
	if (options->dry_run) {
		run_plan_print(&p->suite, &p->schedule, options->json);
		return EXIT_OK;
	}
	result = run_prepare_record(p, options, argc, argv, &err);
	if (result) {
		print_error(&err);
		return EXIT_FAILED;
	}
	session.endpoint_programs = &p->endpoint_programs;
	session.record = p->record;
	session.done = p->done;
	result = run_session(&session, options);
	json_decref(session.unwritten);
	return result;
}

static int run_main(int argc, char **argv)
{
	struct run_options options = { 0 };
	struct preparation *p;
	int status = run_options_parse(&options, argc, argv);

	if (status)
		return status;
	if (options.help) {
		print_help(&command_run);
		return EXIT_OK;
	}
	p = calloc(1, sizeof(*p));
	if (!p)
		return EXIT_FAILED;
	status = run_all(p, &options, argc, argv);
	record_close(p->record);
	record_view_free(&p->resumed);
	schedule_free(&p->schedule);
	suite_free(&p->suite);
	free(p->done);
	endpoint_programs_close(&p->endpoint_programs);
	free(p);
	return status;
}

const struct command command_run = {
	"run", "Run a suite of tests, or the tests that the options make", "[SUITE] [OPTION...]", run_main, run_options_help,
};
