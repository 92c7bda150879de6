/* SPDX-License-Identifier: Apache-2.0 */
#include "report/report.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "lanebench/command.h"
#include "system/terminal.h"
#include "report/folder.h"
#include "report/show.h"
#include "util/suggest.h"

/* What one can have of a record, besides table and page together, which is what comes without -f. */
struct format {
	const char *name;
	/* One of them; neither: the table, which knows the terminal. */
	int (*write)(FILE *out, const struct record_view *view, struct error *err);
	int (*write_folder)(const char *folder, const struct record_view *view, struct error *err);
};

/* The page to a stream: what it lacks is said on standard error. */
static int page_write(FILE *out, const struct record_view *view, struct error *err)
{
	struct report_written written;
	int rc = report_page(out, view, &written, err);

	if (!rc && *written.no_plots)
		print_message("lanebench: warning: the page has no plots: %s\n", written.no_plots);
	return rc;
}

static const struct format formats[] = {
	{ .name = "table" },
	{ .name = "html", .write = page_write },
	{ .name = "markdown", .write = report_markdown },
	{ .name = "csv", .write = report_csv },
	{ .name = "summary", .write = report_summary },
	{ .name = "json", .write = report_json },
	{ .name = "junit", .write = report_junit },
	{ .name = "hdr-log", .write = report_hdr_log },
	{ .name = "hgrm", .write_folder = report_hgrm },
};

#define FORMATS (sizeof(formats) / sizeof(*formats))

static char *report_help(void)
{
	return strdup("Shows a record (results/NAME). Needs neither root nor the machine that made it.\n\n"
		      "Without a format: the table here, and a folder that goes into the record, with\n"
		      "report.html (the page, with plots), trials.csv and plots/ (each plot as SVG,\n"
		      "PDF, data and gnuplot script).\n\n"
		      "  -f, --format FORMAT  only this, on standard output:\n"
		      "                         table     for the terminal\n"
		      "                         html      the page, in one file\n"
		      "                         markdown  for an issue or a pull request\n"
		      "                         csv       a row a trial, every figure\n"
		      "                         summary   CSV: medians and intervals of each test\n"
		      "                         json      all of the record, and the summary\n"
		      "                         junit     XML for CI: a test case a test\n"
		      "                         hdr-log   latency for the tools of HdrHistogram\n"
		      "                         hgrm      its percentiles, a file a test (-o FOLDER)\n"
		      "      --csv, --json    the same as -f csv, -f json\n"
		      "  -o, --output NAME    write to this file; without a format: folder\n"
		      "      --all            every row of the table, however many there are\n"
		      "      --width COLUMNS  width of the table (default: the terminal's)\n"
		      "  -h, --help           this text\n\n"
		      "docs/reports.md describes page and formats, docs/results.md the columns of the\n"
		      "CSV and the fields of the record.\n");
}

struct report_request {
	const struct format *format; /* NULL = table and folder */
	const char *directory, *output;
	unsigned width;
	bool all;
};

static const struct format *format_find(const char *name)
{
	for (size_t i = 0; i < FORMATS; i++)
		if (!strcmp(formats[i].name, name))
			return &formats[i];
	return NULL;
}

static int format_unknown(const char *name)
{
	const char *names[FORMATS + 1] = { NULL }, *near;

	for (size_t i = 0; i < FORMATS; i++)
		names[i] = formats[i].name;
	near = suggest(name, names);
	if (near)
		return usage_error(&command_report, "there is no format '%s' (did you mean '%s'?)", name,
				   near);
	return usage_error(&command_report, "there is no format '%s' (lanebench report --help lists them)",
			   name);
}

static int table_write(FILE *out, const struct record_view *view, const struct report_request *request,
		       struct error *err)
{
	const struct report_options how = {
		.command = program_invocation_name, .colour = terminal_has_colour(out), .all = request->all,
		.width = request->width ? request->width : terminal_table_width(out),
	};

	return report_table(out, view, request->directory, &how, err);
}

/* To the file that the user named, else to standard output. */
static int stream_write(const struct record_view *view, const struct report_request *request,
			struct error *err)
{
	const struct format *format = request->format;
	FILE *out = stdout;
	int rc;

	if (request->output && !(out = fopen(request->output, "we")))
		return error_errno(err, errno, NULL, "cannot write %s", request->output);
	rc = format->write ? format->write(out, view, err) : table_write(out, view, request, err);
	if (out != stdout && fclose(out) && !rc)
		rc = error_errno(err, errno, NULL, "cannot write %s", request->output);
	return rc;
}

static int report_format(const struct record_view *view, const struct report_request *request, struct error *err)
{
	const struct format *format = request->format;
	const struct report_show show = { .folder = request->output, .all = request->all, .width = request->width,
					  .out = stdout, .notes = stderr };

	if (!format)
		return report_show(&show, view, err);
	if (view->warning[0] && (format->write || format->write_folder)) /* the table has it itself */
		print_message("lanebench: warning: %s\n", view->warning);
	return format->write_folder ? format->write_folder(request->output, view, err) :
				      stream_write(view, request, err);
}

static int report_do(const struct report_request *request)
{
	struct record_view view = { 0 };
	struct error err = { 0 };
	int rc = record_read_figures(&view, request->directory, &err);

	if (!rc)
		rc = report_format(&view, request, &err);
	record_view_free(&view);
	if (rc)
		print_error(&err);
	return rc ? EXIT_FAILED : EXIT_OK;
}

enum { OPTION_WIDTH = 1000, OPTION_ALL, OPTION_CSV, OPTION_JSON };

static int report_take_format(struct report_request *request, const char *name)
{
	const struct format *format = format_find(name);

	if (request->format && strcmp(request->format->name, name) != 0)
		return usage_error(&command_report, "one format at a time (%s, %s)", request->format->name,
				   name);
	if (!format)
		return format_unknown(name);
	request->format = format;
	return 0;
}

/* One option; 0, or the exit status of a complaint. */
static int report_take(struct report_request *request, int option)
{
	char rest;

	if (option == 'f')
		return report_take_format(request, optarg);
	if (option == OPTION_CSV || option == OPTION_JSON)
		return report_take_format(request, option == OPTION_CSV ? "csv" : "json");
	if (option == 'o')
		request->output = optarg;
	else if (option == OPTION_ALL)
		request->all = true;
	else if (sscanf(optarg, "%u%c", &request->width, &rest) != 1 || request->width < 60 ||
		 request->width > 500)
		return usage_error(&command_report, "--width takes 60 to 500 columns, not '%s'", optarg);
	return 0;
}

static int report_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "format", required_argument, NULL, 'f' }, { "output", required_argument, NULL, 'o' },
		{ "csv", no_argument, NULL, OPTION_CSV }, { "json", no_argument, NULL, OPTION_JSON },
		{ "all", no_argument, NULL, OPTION_ALL }, { "width", required_argument, NULL, OPTION_WIDTH },
		{ "help", no_argument, NULL, 'h' }, { 0 },
	};
	struct report_request request = { 0 };
	int c, status;

	while ((c = getopt_long(argc, argv, ":f:o:h", options, NULL)) != -1) {
		if (c == 'h') {
			print_help(&command_report);
			return EXIT_OK;
		}
		status = c == '?' || c == ':' ? usage_option_error(&command_report, argv, options, c) :
			 report_take(&request, c);
		if (status)
			return status;
	}
	if (!argv[optind])
		return usage_error(&command_report, "which record? (a folder such as results/NAME)");
	if (argv[optind + 1])
		return usage_error(&command_report, "one record at a time ('%s' is one too many; lanebench "
				   "compare takes several)", argv[optind + 1]);
	if (request.format && request.format->write_folder && !request.output)
		return usage_error(&command_report, "%s is a folder of files: -o FOLDER names it",
				   request.format->name);
	request.directory = argv[optind];
	return report_do(&request);
}

const struct command command_report = {
	"report", "Show a record: page with plots, table, CSV, JSON and more", "DIR [OPTION...]",
	report_main, report_help,
};
