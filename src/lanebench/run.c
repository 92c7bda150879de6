/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "lanebench/command.h"
#include "lanebench/run_options.h"
#include "ledger/ledger.h"
#include "report/report.h"
#include "report/show.h"
#include "run/plan.h"
#include "run/run_record.h"
#include "run/session.h"
#include "suite/test_rate.h"
#include "testbed/host/namespace.h"
#include "testbed/kinds.h"

static volatile int run_cancel, run_signals;

static void run_on_signal(int number)
{
	run_cancel = number;
	run_signals++;
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
		print_message("lanebench: warning: of run %s, which was killed: %s: %s%s%s\n", run_id, what,
			error->cause, error->remedy[0] ? "; " : "", error->remedy);
	else if (!*quiet)
		print_message("lanebench: undid what run %s, which was killed, had left: %s\n", run_id, what);
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

		print_message("%s: error: %s\n", problem->where, problem->error.cause);
		if (problem->error.remedy[0])
			print_message("  remedy: %s\n", problem->error.remedy);
	}
	print_message("lanebench: %zu %s; nothing was created\n", suite->problem_count,
		suite->problem_count == 1 ? "error" : "errors");
	return EXIT_USAGE;
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
	print_message("lanebench: error: %zu trial%s could not be written to the record: on standard output instead\n",
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

static void run_print_interrupted(const struct session *session, bool undone)
{
	char *command = text_shell_quote(program_invocation_name);
	char *record = text_shell_quote(record_directory(session->record));

	if (command && record)
		print_message("lanebench: interrupted%s; go on with: %s run --resume %s\n",
			      undone ? "; everything is undone" : "", command, record);
	free(record);
	free(command);
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
		run_print_interrupted(session, result == -EINTR);
	if (result && result != -EINTR)
		print_error(&err);
	error_clear(&err);
	if (record_update(session->record, &err))
		print_error(&err);
	run_print_unwritten(session);
	run_print_result(session, options);
	return run_exit_status(session, result);
}

static void run_print_steps(const struct plan *plan)
{
	for (size_t i = 0; i < plan->schedule.count; i++) {
		const struct schedule_step *step = &plan->schedule.steps[i];
		json_t *json = json_pack("{s:I, s:I, s:I, s:I, s:o}", "trial", (json_int_t)i + 1, "testbed",
					 (json_int_t)step->testbed + 1, "setup", (json_int_t)step->setup + 1,
					 "repeat", (json_int_t)step->repeat, "test",
					 test_to_json(&plan->suite.tests[step->test]));

		json_dumpf(json, stdout, JSON_COMPACT | RECORD_NUMBERS);
		putchar('\n');
		json_decref(json);
	}
}

/* What is not measured as one might think is said before it is. */
static void run_print_loops(const struct plan *plan, FILE *out)
{
	char text[512];

	suite_tell_loops(&plan->suite, &plan->catalogue, text, sizeof(text));
	if (*text)
		fprintf(out, "%s\n", text);
}

/* --dry-run */
static void run_print_plan(const struct plan *plan)
{
	const struct schedule *schedule = &plan->schedule;
	double seconds = 0;
	char what[256];

	for (size_t i = 0; i < schedule->count; i++) {
		const struct test *test = &plan->suite.tests[schedule->steps[i].test];

		test_tuple(test, what, sizeof(what));
		printf("%zu  testbed %zu  repeat %u  %s\n", i + 1, schedule->steps[i].testbed + 1,
		       schedule->steps[i].repeat, what);
		seconds += test_load_seconds(test);
	}
	run_print_loops(plan, stdout);
	if (plan->suite.order.kind == ORDER_SHUFFLED)
		printf("order shuffled by seed %" PRIu64 "\n", plan->suite.order.seed);
	printf("%zu test%s, %zu trial%s on %zu testbed%s (%zu set-up%s), %.0f s of traffic\n", plan->suite.count,
	       plural(plan->suite.count), schedule->count, plural(schedule->count), schedule->testbeds,
	       plural(schedule->testbeds), schedule->setups, plural(schedule->setups), seconds);
}

static int run_planned(struct plan *plan, const struct run_options *options)
{
	struct session session = { .suite = &plan->suite, .catalogue = &plan->catalogue,
				   .schedule = &plan->schedule, .record = plan->record, .done = plan->done,
				   .numbers = plan->numbers, .endpoint_programs = &plan->endpoint_programs,
				   .cancel = &run_cancel, .json = options->json ? stdout : NULL,
				   .quiet = options->quiet,
				   .neighbour_command = options->request.neighbour_command,
				   .tune = !options->no_tuning && namespace_is_root(),
				   .survey = !options->no_survey };
	int status = run_session(&session, options);

	json_decref(session.unwritten);
	return status;
}

static int run_all(struct plan *plan, const struct run_options *options, int argc, char **argv)
{
	struct error err = { 0 };
	bool quiet = options->quiet;

	if (plan_open(plan, &err)) {
		print_error(&err);
		return EXIT_FAILED;
	}
	if (plan_make(plan, &options->request, &err))
		return run_print_problems(&plan->suite, &err, options->request.resume);
	if (options->request.look) {
		if (options->json)
			run_print_steps(plan);
		else
			run_print_plan(plan);
		return EXIT_OK;
	}
	if (plan_begin(plan, &options->request, argc, argv, &err)) {
		print_error(&err);
		return EXIT_FAILED;
	}
	ledger_set_waiting(&(struct ledger_waiting){ .signals = &run_signals, .say = print_waiting });
	/* What cannot be undone was reported, and is no obstacle; a state directory that somebody else holds is. */
	if (ledger_clean(testbed_kinds, run_report_cleaned, &quiet, &err) == -ETIMEDOUT) {
		print_error(&err);
		return EXIT_FAILED;
	}
	if (!quiet)
		run_print_loops(plan, stderr);
	return run_planned(plan, options);
}

static int run_main(int argc, char **argv)
{
	struct run_options options = { 0 };
	struct plan *plan;
	int status = run_options_parse(&options, argc, argv);

	if (status)
		return status;
	if (options.help) {
		print_help(&command_run);
		return EXIT_OK;
	}
	plan = calloc(1, sizeof(*plan));
	if (!plan)
		return EXIT_FAILED;
	status = run_all(plan, &options, argc, argv);
	plan_free(plan);
	free(plan);
	return status;
}

const struct command command_run = {
	"run", "Run a suite of tests, or the tests that the options make", "[SUITE] [OPTION...]", run_main, run_options_help,
};
