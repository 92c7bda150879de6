/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "lanebench/command.h"
#include "ledger/ledger.h"
#include "testbed/kinds.h"

static char *clean_help(void)
{
	return strdup("Undoes what runs that were killed have left on this machine: containers,\n"
		      "namespaces, processes, cgroups, directories, as their ledgers tell. Runs\n"
		      "that are under way are not touched. Records of results are never touched.\n"
		      "The next run does the same by itself.\n\n"
		      "  -q, --quiet   say nothing of what was undone\n"
		      "  -h, --help    this text\n\n"
		      "Exit status: 0 nothing is left; 1 something could not be undone.\n");
}

struct clean {
	bool quiet;
	unsigned undone, failed;
};

static void clean_report(void *context, const char *run_id, const char *what, const struct error *error)
{
	struct clean *clean = context;

	if (error->code) {
		clean->failed++;
		print_message("lanebench: error: run %s: %s: %s\n", run_id, what, error->cause);
		if (error->remedy[0])
			print_message("  remedy: %s\n", error->remedy);
		return;
	}
	clean->undone++;
	if (!clean->quiet)
		printf("run %s: undone: %s\n", run_id, what);
}

static int clean_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "quiet", no_argument, NULL, 'q' }, { "help", no_argument, NULL, 'h' }, { 0 },
	};
	struct clean clean = { 0 };
	struct error err = { 0 };
	int c, runs;

	while ((c = getopt_long(argc, argv, ":qh", options, NULL)) != -1) {
		if (c == 'h') {
			print_help(&command_clean);
			return EXIT_OK;
		}
		if (c != 'q')
			return usage_option_error(&command_clean, argv, options, c);
		clean.quiet = true;
	}
	if (argv[optind])
		return usage_error(&command_clean, "it takes no arguments ('%s')", argv[optind]);
	ledger_set_waiting(&(struct ledger_waiting){ .say = print_waiting });
	runs = ledger_clean(testbed_kinds, clean_report, &clean, &err);
	if (runs < 0) {
		if (!clean.failed)
			print_error(&err);
		return EXIT_FAILED;
	}
	if (!clean.quiet)
		printf(runs ? "%d killed %s cleaned up\n" : "nothing to clean\n", runs, runs == 1 ? "run" : "runs");
	return EXIT_OK;
}

const struct command command_clean = {
	"clean", "Undo what killed runs have left on this machine", "[-q]", clean_main, clean_help,
};
