/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lanebench/catalogue_fill.h"
#include "lanebench/command.h"
#include "lanebench/endpoint_program.h"
#include "lanebench/session.h"
#include "lanebench/terminal.h"
#include "report/report.h"
#include "results/environment.h"
#include "suite/help.h"
#include "testbed/container/container.h"
#include "testbed/host/namespace.h"
#include "testbed/host/processors.h"
#include "testbed/switch/switch.h"

enum { OPTION_RESUME = 1000, OPTION_JSON, OPTION_DRY_RUN, OPTION_PARAMETER };

struct run_options {
	const char *suite_path, *output, *resume;
	struct suite_options parameters;
	bool json, quiet, dry_run, help;
};

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

/* ---- options ------------------------------------------------------------------------------------------- */

static char *run_help(void)
{
	static const char *const own =
		"Run options:\n"
		"  -o, --output DIR  where the record goes (default: results/SUITE-TIME)\n"
		"      --resume DIR  go on with the record in DIR: trials that are ok or void\n"
		"                    are kept, the rest runs\n"
		"      --dry-run     say what would run, and for how long; create nothing\n"
		"      --json        print each trial as a line of JSON on standard output,\n"
		"                    instead of the table\n"
		"  -q, --quiet       no progress on standard error\n"
		"  -h, --help        this text\n\n";
	static const char *const tail =
		"\nA parameter may be a list (-P 64,1500): each combination is a test. Options\n"
		"stand above the suite: they replace its values in every test. Without a\n"
		"suite, the options alone make the tests.\n\n"
		"Exit status:\n"
		"    0  every test gave its figures\n"
		"    1  a test failed, or the run could not begin or go on\n"
		"    2  wrong options or suite; nothing was created\n"
		"    3  none failed, but some were skipped or are void\n"
		"  130  interrupted; the record can be resumed\n\n"
		"Examples:\n"
		"  sudo lanebench run suites/quickstart.yaml\n"
		"  sudo lanebench run -V veth,linux-bridge -I udp,raw-mmsg -P 64,1500 -t 5s\n"
		"  sudo lanebench run -D latency -V veth -I udp -R 1000 -B 1\n\n"
		"Without root, where user namespaces are allowed:\n"
		"  lanebench run --runtime netns -V veth -I udp\n";
	char *parameters = help_parameters_text(), *text = NULL;

	if (!parameters || asprintf(&text, "%s%s%s", own, parameters, tail) < 0)
		text = NULL;
	free(parameters);
	return text;
}

/* getopt's tables from the one table of parameters. `letters` and `list` are large enough for all. */
static void run_option_tables(char *letters, struct option *list)
{
	static const struct option own[] = {
		{ "output", required_argument, NULL, 'o' }, { "resume", required_argument, NULL, OPTION_RESUME },
		{ "json", no_argument, NULL, OPTION_JSON }, { "dry-run", no_argument, NULL, OPTION_DRY_RUN },
		{ "quiet", no_argument, NULL, 'q' }, { "help", no_argument, NULL, 'h' },
	};
	size_t used = 0;

	letters += sprintf(letters, ":o:qh");
	for (; used < sizeof(own) / sizeof(own[0]); used++)
		list[used] = own[used];
	for (size_t i = 0; i < PARAMETER_COUNT; i++) {
		const struct parameter *parameter = &parameter_table[i];

		list[used++] = (struct option){ parameter->name, required_argument, NULL, OPTION_PARAMETER + (int)i };
		if (parameter->option)
			letters += sprintf(letters, "%c:", parameter->option);
	}
	list[used] = (struct option){ 0 };
}

static int run_take_parameter(struct run_options *options, const struct parameter *parameter, const char *text)
{
	if (options->parameters.text[parameter->id])
		return usage_error(&command_run, "parameter %s is given twice (a list has commas: --%s A,B)",
				   parameter->name, parameter->name);
	options->parameters.text[parameter->id] = text;
	return 0;
}

static int run_parse_options(struct run_options *options, int argc, char **argv)
{
	struct option list[PARAMETER_COUNT + 16];
	char letters[2 * PARAMETER_COUNT + 16];
	int c, result = 0;

	run_option_tables(letters, list);
	while (!result && (c = getopt_long(argc, argv, letters, list, NULL)) != -1) {
		if (c == 'o')
			options->output = optarg;
		else if (c == OPTION_RESUME)
			options->resume = optarg;
		else if (c == OPTION_JSON)
			options->json = true;
		else if (c == OPTION_DRY_RUN)
			options->dry_run = true;
		else if (c == 'q')
			options->quiet = true;
		else if (c == 'h')
			options->help = true;
		else if (c == '?' || c == ':')
			return usage_option_error(&command_run, argv, list, c);
		else if (c >= OPTION_PARAMETER)
			result = run_take_parameter(options, &parameter_table[c - OPTION_PARAMETER], optarg);
		else
			result = run_take_parameter(options, parameter_by_option(c), optarg);
	}
	if (result || options->help)
		return result;
	if (argc - optind > 1)
		return usage_error(&command_run, "one suite at a time ('%s' is one too many)", argv[optind + 1]);
	options->suite_path = argv[optind];
	if (options->resume) {
		for (size_t i = 0; i < PARAMETER_COUNT; i++)
			if (options->parameters.text[i])
				return usage_error(&command_run, "--resume runs the record's own tests: it takes no "
						   "parameters (--%s)", parameter_table[i].name);
		if (options->suite_path || options->output)
			return usage_error(&command_run, "--resume takes neither a suite nor -o: the record has both");
	} else if (!options->suite_path) {
		bool any = false;

		for (size_t i = 0; i < PARAMETER_COUNT; i++)
			any |= options->parameters.text[i] != NULL;
		if (!any)
			return usage_error(&command_run, "neither a suite nor a parameter is given");
	}
	return 0;
}

/* ---- the record ---------------------------------------------------------------------------------------- */

/* Now in UTC: RFC 3339 for the record, or its short form for the name of a folder. */
static void format_now(char *text, size_t size, bool short_form)
{
	time_t now = time(NULL);
	struct tm t;

	gmtime_r(&now, &t);
	strftime(text, size, short_form ? "%Y%m%dT%H%M%SZ" : "%Y-%m-%dT%H:%M:%SZ", &t);
}

static json_t *run_versions(const struct suite *suite)
{
	json_t *versions = json_object();
	char text[128];

	for (size_t i = 0; i < suite->count; i++) {
		const char *sw = test_text(&suite->tests[i], PARAMETER_SWITCH);
		const char *runtime = test_text(&suite->tests[i], PARAMETER_RUNTIME);
		const struct container_ops *container = container_find(runtime);

		if (!json_object_get(versions, sw) && switch_find(sw)) {
			switch_find(sw)->version(text, sizeof(text));
			json_object_set_new(versions, sw, json_string(text));
		}
		if (container && container->version && !json_object_get(versions, runtime)) {
			container->version(text, sizeof(text));
			json_object_set_new(versions, runtime, json_string(text));
		}
	}
	return versions;
}

static json_t *run_describe(const struct suite *suite, int argc, char **argv)
{
	json_t *tests = json_array(), *command = json_array(), *environment = environment_read();
	char started[40];

	for (size_t i = 0; i < suite->count; i++)
		json_array_append_new(tests, test_to_json(&suite->tests[i]));
	json_array_append_new(command, json_string("lanebench"));
	for (int i = 0; i < argc; i++)
		json_array_append_new(command, json_string(argv[i]));
	json_object_set_new(environment, "processor", processors_describe());
	json_object_set_new(environment, "clock_tick_s", json_real(1.0 / (double)sysconf(_SC_CLK_TCK)));
	format_now(started, sizeof(started), false);
	return json_pack("{s:i, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:s, s:n, s:s, s:o, s:[]}", "schema", RECORD_SCHEMA,
			 "lanebench", LANEBENCH_VERSION, "name", suite->name, "description", suite->description,
			 "suite", suite->source ? json_string(suite->source) : json_null(),
			 "command", command, "tests", tests, "environment", environment, "started", started,
			 "ended", "state", "running", "catalogue", run_versions(suite), "testbeds");
}

static int run_create_record(struct record **record, const struct run_options *options,
			     const struct suite *suite, int argc, char **argv, struct error *err)
{
	char directory[512], time_text[32];
	json_t *run = run_describe(suite, argc, argv);
	int result = -EEXIST;

	format_now(time_text, sizeof(time_text), true);
	if (!run)
		return error_set(err, EILSEQ, "use UTF-8", "the command line or the suite is not UTF-8");
	if (options->output)
		result = record_create(record, options->output, run, err);
	/* Two runs of one suite may begin in the same second. */
	for (int i = 0; !options->output && i < 100 && (result == -EEXIST || result == -ENOTEMPTY); i++) {
		snprintf(directory, sizeof(directory), "results/%s-%s%.0d", suite->name, time_text, i ? -i : 0);
		result = record_create(record, directory, run, err);
	}
	json_decref(run);
	return result;
}

/* The suite of a record, and which steps of its schedule it has done. */
static int run_load_resumed(struct suite *suite, const struct record_view *view, struct error *err)
{
	json_t *tests = json_object_get(view->run, "tests"), *test;
	const char *name = json_string_value(json_object_get(view->run, "name"));
	size_t i;

	memset(suite, 0, sizeof(*suite));
	snprintf(suite->name, sizeof(suite->name), "%s", name ? name : "");
	suite->tests = calloc(json_array_size(tests) + 1, sizeof(*suite->tests));
	if (!suite->tests)
		return error_errno(err, ENOMEM, NULL, "cannot resume");
	json_array_foreach(tests, i, test) {
		int result = test_from_json(test, &suite->tests[suite->count++], err);

		if (result)
			return error_prefix(err, "run.json, test %zu", i + 1);
	}
	return 0;
}

static bool *run_find_done(const struct schedule *schedule, const struct record_view *view)
{
	bool *done = calloc(schedule->count + 1, sizeof(*done));

	for (size_t i = 0; done && i < view->count; i++) {
		const char *status = json_string_value(json_object_get(view->trials[i], "status"));
		json_int_t number = json_integer_value(json_object_get(view->trials[i], "trial"));

		if (number >= 1 && (size_t)number <= schedule->count)
			done[number - 1] = strcmp(status, "ok") == 0 || strcmp(status, "void") == 0;
	}
	return done;
}

/* ---- the run ------------------------------------------------------------------------------------------- */

static void run_report_cleaned(void *context, const char *run_id, const char *what, const struct error *error)
{
	const bool *quiet = context;

	if (error->code)
		fprintf(stderr, "lanebench: warning: of run %s, which was killed: %s: %s\n", run_id, what,
			error->cause);
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

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void run_print_plan_json(const struct suite *suite, const struct schedule *schedule)
{
	for (size_t i = 0; i < schedule->count; i++) {
		const struct schedule_step *step = &schedule->steps[i];
		json_t *json = json_pack("{s:I, s:I, s:I, s:o}", "trial", (json_int_t)i + 1, "testbed",
					 (json_int_t)step->testbed + 1, "repeat", (json_int_t)step->repeat, "test",
					 test_to_json(&suite->tests[step->test]));

		json_dumpf(json, stdout, JSON_COMPACT | RECORD_NUMBERS);
		putchar('\n');
		json_decref(json);
	}
}

static void run_print_plan(const struct suite *suite, const struct schedule *schedule, bool json)
{
	double seconds = 0;
	char what[160];

	if (json) {
		run_print_plan_json(suite, schedule);
		return;
	}
	for (size_t i = 0; i < schedule->count; i++) {
		const struct test *test = &suite->tests[schedule->steps[i].test];

		test_tuple(test, what, sizeof(what));
		printf("%zu  testbed %zu  repeat %u  %s\n", i + 1, schedule->steps[i].testbed + 1,
		       schedule->steps[i].repeat, what);
		seconds += test_number(test, PARAMETER_WARMUP) + test_number(test, PARAMETER_DURATION);
	}
	printf("%zu test%s, %zu trial%s on %zu testbed%s, %.0f s of traffic\n", suite->count, plural(suite->count),
	       schedule->count, plural(schedule->count), schedule->testbeds, plural(schedule->testbeds), seconds);
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

static void run_print_result(const struct session *session, const struct run_options *options)
{
	const char *directory = record_directory(session->record);
	struct report_options how = { .colour = terminal_has_colour(stdout),
				      .width = terminal_table_width(stdout),
				      .command = program_invocation_name };
	struct record_view view = { 0 };
	struct error err = { 0 };

	if (options->json) {
		json_t *summary = json_pack("{s:s, s:I, s:I, s:I, s:I, s:b}", "record", directory,
					    "ok", (json_int_t)session->ok, "failed", (json_int_t)session->failed,
					    "void", (json_int_t)session->void_, "skipped",
					    (json_int_t)session->skipped, "interrupted", session->interrupted);

		json_dumpf(summary, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
		putchar('\n');
		json_decref(summary);
		return;
	}
	if (record_read_figures(&view, directory, &err) || report_table(stdout, &view, directory, &how, &err))
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
	format_now(ended, sizeof(ended), false);
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
	int endpoint_program;
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
			result = run_load_resumed(&p->suite, &p->resumed, err);
	} else {
		result = suite_load(&p->suite, options->suite_path, &options->parameters, &p->catalogue, err);
	}
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
		result = catalogue_fill(&p->catalogue, p->endpoint_program, err);
	if (result)
		return result;
	ledger_clean(run_report_cleaned, &quiet, NULL);
	if (!options->resume)
		return run_create_record(&p->record, options, &p->suite, argc, argv, err);
	p->done = run_find_done(&p->schedule, &p->resumed);
	if (!p->done)
		return error_errno(err, ENOMEM, NULL, "cannot resume");
	return record_resume(&p->record, options->resume, err);
}

static int run_all(struct preparation *p, const struct run_options *options, int argc, char **argv)
{
	struct session session = { .suite = &p->suite, .catalogue = &p->catalogue, .schedule = &p->schedule,
				   .cancel = &run_cancel, .json = options->json ? stdout : NULL,
				   .quiet = options->quiet };
	struct error err = { 0 };
	int result;

	p->endpoint_program = endpoint_program_open(&err);
	result = p->endpoint_program < 0 ? p->endpoint_program :
		 catalogue_fill(&p->catalogue, p->endpoint_program, &err);
	if (result) {
		print_error(&err);
		return EXIT_FAILED;
	}
	result = run_prepare_suite(p, options, &err);
	if (result)
		return run_print_problems(&p->suite, &err, options->resume);
	if (options->dry_run) {
		run_print_plan(&p->suite, &p->schedule, options->json);
		return EXIT_OK;
	}
	result = run_prepare_record(p, options, argc, argv, &err);
	if (result) {
		print_error(&err);
		return EXIT_FAILED;
	}
	session.endpoint_program = p->endpoint_program;
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
	int status = run_parse_options(&options, argc, argv);

	if (status)
		return status;
	if (options.help) {
		print_help(&command_run);
		return EXIT_OK;
	}
	p = calloc(1, sizeof(*p));
	if (!p)
		return EXIT_FAILED;
	p->endpoint_program = -1;
	status = run_all(p, &options, argc, argv);
	record_close(p->record);
	record_view_free(&p->resumed);
	schedule_free(&p->schedule);
	suite_free(&p->suite);
	free(p->done);
	if (p->endpoint_program >= 0)
		close(p->endpoint_program);
	free(p);
	return status;
}

const struct command command_run = {
	"run", "Run a suite of tests, or the tests that the options make", "[SUITE] [OPTION...]", run_main, run_help,
};
