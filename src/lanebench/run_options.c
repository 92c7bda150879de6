/* SPDX-License-Identifier: Apache-2.0 */
#include "lanebench/run_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lanebench/command.h"
#include "suite/help.h"

enum { OPTION_RESUME = 1000, OPTION_ORDER, OPTION_SEED, OPTION_JSON, OPTION_CSV, OPTION_DRY_RUN, OPTION_NO_TUNING, OPTION_NO_SURVEY, OPTION_PARAMETER };

char *run_options_help(void)
{
	static const char *const own =
		"Run options:\n"
		"  -o, --output DIR  where the record goes (default: results/SUITE-TIME)\n"
		"      --resume DIR  go on with the record in DIR: trials that are ok or void\n"
		"                    are kept, the rest runs\n"
		"      --order ORDER shuffled (default where tests have repeats): each repeat has\n"
		"                    an order of its own; given: as the suite has them\n"
		"      --seed N      which shuffled order: the same seed gives the same one\n"
		"                    (default: drawn, and recorded)\n"
		"      --dry-run     say what would run, and for how long; create nothing\n"
		"      --no-tuning   leave frequency governor and turbo as they are; else they\n"
		"                    are set for steady figures, and set back at the end\n"
		"      --no-survey   do not measure first what the machine does by itself: idle\n"
		"                    load, interruptions (0.7 s); then no packet has a cost\n"
		"      --neighbour-command PROGRAM [ARGUMENT...]\n"
		"                    what runs as the noisy neighbour in tests with neighbour\n"
		"                    command, until it is told to end (SIGTERM); all that\n"
		"                    follows is its own, so this option comes last\n"
		"      --json        print each trial as a line of JSON on standard output,\n"
		"                    instead of the table\n"
		"      --csv         print CSV at the end, a row a trial, instead of the table\n"
		"  -q, --quiet       no progress on standard error\n"
		"  -h, --help        this text\n\n";
	static const char *const tail =
		"\nA parameter may be a list (-P 64,1500): each combination is a test. Options\n"
		"stand above the suite: they replace its values in every test. Without a\n"
		"suite, the options alone make the tests. The suite - is standard input.\n\n"
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
		{ "order", required_argument, NULL, OPTION_ORDER }, { "seed", required_argument, NULL, OPTION_SEED },
		{ "json", no_argument, NULL, OPTION_JSON },
		{ "csv", no_argument, NULL, OPTION_CSV }, { "dry-run", no_argument, NULL, OPTION_DRY_RUN },
		{ "no-tuning", no_argument, NULL, OPTION_NO_TUNING },
		{ "no-survey", no_argument, NULL, OPTION_NO_SURVEY },
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
	if (options->request.parameters.text[parameter->id])
		return usage_error(&command_run, "parameter %s is given twice (a list has commas: --%s A,B)",
				   parameter->name, parameter->name);
	options->request.parameters.text[parameter->id] = text;
	return 0;
}

static int run_take_order(struct suite_order *order, bool seed)
{
	struct error err = { 0 };
	int result = seed ? seed_parse(optarg, order, &err) : order_parse(optarg, &order->kind, &err);

	return result ? usage_error(&command_run, "%s; %s", err.cause, err.remedy) : 0;
}

/* Everything behind --neighbour-command is no option of ours. Returns how many words are. */
static int run_cut_command(struct run_options *options, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--neighbour-command"))
			continue;
		options->request.neighbour_command = &argv[i + 1];
		return i;
	}
	return argc;
}

/* Without a suite, which would say so itself, the command is for the tests that the options make. */
static int run_take_command(struct run_options *options)
{
	const char **neighbour = &options->request.parameters.text[PARAMETER_NEIGHBOUR];

	if (!options->request.neighbour_command)
		return 0;
	if (!options->request.neighbour_command[0])
		return usage_error(&command_run, "--neighbour-command needs a program");
	if (!options->request.suite_path && !options->request.resume && !*neighbour)
		*neighbour = "command";
	return 0;
}

int run_options_parse(struct run_options *options, int argc, char **argv)
{
	struct option list[PARAMETER_COUNT + 16];
	char letters[2 * PARAMETER_COUNT + 16];
	int c, result = 0;

	argc = run_cut_command(options, argc, argv);
	run_option_tables(letters, list);
	while (!result && (c = getopt_long(argc, argv, letters, list, NULL)) != -1) {
		if (c == 'o')
			options->request.output = optarg;
		else if (c == OPTION_RESUME)
			options->request.resume = optarg;
		else if (c == OPTION_ORDER || c == OPTION_SEED)
			result = run_take_order(&options->request.order, c == OPTION_SEED);
		else if (c == OPTION_JSON)
			options->json = true;
		else if (c == OPTION_CSV)
			options->csv = true;
		else if (c == OPTION_DRY_RUN)
			options->request.look = true;
		else if (c == OPTION_NO_TUNING)
			options->no_tuning = true;
		else if (c == OPTION_NO_SURVEY)
			options->no_survey = true;
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
	options->request.suite_path = optind < argc ? argv[optind] : NULL;
	if (run_take_command(options))
		return EXIT_USAGE;
	if (options->json && options->csv)
		return usage_error(&command_run, "one format at a time (--json, --csv)");
	if (options->request.resume) {
		for (size_t i = 0; i < PARAMETER_COUNT; i++)
			if (options->request.parameters.text[i])
				return usage_error(&command_run, "--resume runs the record's own tests: it takes no "
						   "parameters (--%s)", parameter_table[i].name);
		if (options->request.order.kind || options->request.order.seeded)
			return usage_error(&command_run, "--resume keeps the record's own order: it takes no --order and "
					   "no --seed");
		if (options->request.suite_path || options->request.output)
			return usage_error(&command_run, "--resume takes neither a suite nor -o: the record has both");
	} else if (!options->request.suite_path) {
		bool any = false;

		for (size_t i = 0; i < PARAMETER_COUNT; i++)
			any |= options->request.parameters.text[i] != NULL;
		if (!any)
			return usage_error(&command_run, "neither a suite nor a parameter is given");
	}
	return 0;
}
