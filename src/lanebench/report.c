/* SPDX-License-Identifier: Apache-2.0 */
#include "report/report.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "lanebench/command.h"
#include "lanebench/terminal.h"
#include "util/suggest.h"

static char *report_help(void)
{
	return strdup("Shows a record (results/NAME). Needs neither root nor the machine that made\n"
		      "it.\n\n"
		      "  -f, --format FORMAT  table (default), csv (a row a trial),\n"
		      "                       summary (CSV: medians and intervals), json (all)\n"
		      "  -o, --output FILE    write there instead of to standard output\n"
		      "      --width COLUMNS  width of the table (default: the terminal's)\n"
		      "  -h, --help           this text\n\n"
		      "docs/results.md describes the columns of the CSV, the fields of the record.\n");
}

static const char *const report_formats[] = { "table", "csv", "summary", "json", NULL };

static int report_write(FILE *out, const char *format, const struct record_view *view, const char *directory,
			const struct report_options *how, struct error *err)
{
	int result;

	if (strcmp(format, "csv") == 0)
		result = report_csv(out, view, err);
	else if (strcmp(format, "summary") == 0)
		result = report_summary(out, view, err);
	else if (strcmp(format, "json") == 0)
		result = report_json(out, view, err);
	else
		result = report_table(out, view, directory, how, err);
	if (!result && (fflush(out) || ferror(out)))
		result = error_errno(err, errno, NULL, "cannot write the report");
	return result;
}

static int report_show(const char *directory, const char *format, const char *output, unsigned width)
{
	struct report_options how = { .command = program_invocation_name };
	struct record_view view = { 0 };
	struct error err = { 0 };
	FILE *out = stdout;
	int result = strcmp(format, "json") == 0 ? record_read(&view, directory, &err) :
		     record_read_figures(&view, directory, &err);

	if (!result && output && !(out = fopen(output, "we")))
		result = error_errno(&err, errno, NULL, "cannot write %s", output);
	if (!result) {
		how.colour = terminal_has_colour(out);
		how.width = width ? width : terminal_table_width(out);
		if (view.warning[0] && strcmp(format, "table") != 0) /* the table has it itself */
			fprintf(stderr, "lanebench: warning: %s\n", view.warning);
		result = report_write(out, format, &view, directory, &how, &err);
		if (out != stdout && fclose(out) && !result)
			result = error_errno(&err, errno, NULL, "cannot write %s", output);
	}
	if (result)
		print_error(&err);
	record_view_free(&view);
	return result ? EXIT_FAILED : EXIT_OK;
}

static int report_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "format", required_argument, NULL, 'f' }, { "output", required_argument, NULL, 'o' },
		{ "width", required_argument, NULL, 'w' }, { "help", no_argument, NULL, 'h' }, { 0 },
	};
	const char *format = "table", *output = NULL, *near;
	unsigned width = 0;
	char rest;
	int c;

	while ((c = getopt_long(argc, argv, ":f:o:h", options, NULL)) != -1) {
		if (c == 'h') {
			print_help(&command_report);
			return EXIT_OK;
		}
		if (c == 'f')
			format = optarg;
		else if (c == 'o')
			output = optarg;
		else if (c != 'w')
			return usage_option_error(&command_report, argv, options, c);
		else if (sscanf(optarg, "%u%c", &width, &rest) != 1 || width < 60 || width > 500)
			return usage_error(&command_report, "--width takes 60 to 500 columns, not '%s'", optarg);
	}
	near = suggest(format, report_formats);
	if (!near || strcmp(near, format) != 0)
		return near ? usage_error(&command_report, "there is no format '%s' (did you mean '%s'?)", format, near) :
		       usage_error(&command_report, "there is no format '%s' (table, csv, summary, json)", format);
	if (!argv[optind])
		return usage_error(&command_report, "which record? (a folder such as results/NAME)");
	if (argv[optind + 1])
		return usage_error(&command_report, "one record at a time ('%s' is one too many)", argv[optind + 1]);
	return report_show(argv[optind], format, output, width);
}

const struct command command_report = {
	"report", "Show a record as table, CSV or JSON", "DIR [OPTION...]", report_main, report_help,
};
