/* SPDX-License-Identifier: Apache-2.0 */
#include "report/compare/compare.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lanebench/command.h"
#include "system/terminal.h"
#include "report/report.h"
#include "suite/parameter.h"
#include "util/suggest.h"

#define ACROSS_MAX 32

static char *compare_help(void)
{
	return strdup("Two runs of the same tests, or the values of a parameter within one run: which\n"
		      "differences are real, which are noise, which cannot be told. Needs neither root\n"
		      "nor the machines that made the records. At least 4 repeats of each test; 8 are\n"
		      "better.\n\n"
		      "  -f, --format FORMAT  table (default), markdown, html, json, csv\n"
		      "  -o, --output FILE    write there instead of to standard output\n"
		      "      --figure LIST    what is compared: forwarded, loss, p50, p90, p99, p99.9,\n"
		      "                       p99.99, max, busy, switch, cost, lower, upper, or all\n"
		      "                       (default: forwarded; p50 and p99 of round trips, and one\n"
		      "                       way where the load is given)\n"
		      "      --fail-on LIMIT  exit status 1 if a figure is really worse, and its\n"
		      "                       median by more than that: 5%, or 0.05\n"
		      "      --across LIST    what of the environment is meant to differ: kernel,\n"
		      "                       version (of switches and runtimes), governor, ...\n"
		      "      --by PARAMETER   one run: compare the values of this parameter between\n"
		      "                       tests that differ in nothing else (default: switch\n"
		      "                       where it varies, else io, else what varies and is no\n"
		      "                       load)\n"
		      "      --base VALUE     the value that the others are compared with (default:\n"
		      "                       the first one)\n"
		      "      --all            list every comparison\n"
		      "      --width COLUMNS  width of the table (default: the terminal's)\n"
		      "  -h, --help           this text\n\n"
		      "Exit status: 0; with --fail-on 1 on a regression, 3 if none was seen but nothing\n"
		      "could be judged, or tests that BASE has figures of have none in NEW. 1 also if a\n"
		      "record cannot be read, 2 for wrong options.\n\n"
		      "docs/compare.md shows how to use it, docs/methodology.md defines what is real.\n");
}

static const char *const compare_formats[] = { "table", "markdown", "html", "json", "csv", NULL };

struct request {
	const char *format, *output, *figure, *fail_on, *across, *by, *base;
	bool all;
	unsigned width;
	/* made of them */
	bool figures[FIGURE_COUNT];
	char *across_text;                      /* what the list points into */
	const char *across_list[ACROSS_MAX + 1];
	struct compare_options options;
	struct compare_output how;
};

/* ---- options ------------------------------------------------------------------------------------------- */

static int request_limit(struct request *request)
{
	static const struct parameter limit = {
		.name = "--fail-on",
		.kind = PARAMETER_KIND_SHARE,
		.min = 0,
		.max = 10,
		.unit = "",
		.help = "",
		.symbol = "",
		.fallback = "",
		.placeholder = "",
	};
	struct value value;
	struct error err = { 0 };

	request->how.fail_on = NAN;
	if (!request->fail_on)
		return 0;
	if (parameter_parse(&limit, request->fail_on, NULL, &value, &err) != 0)
		return usage_error(&command_compare, "--fail-on takes a share such as 5%% or 0.05, not '%s'",
				   request->fail_on);
	/* Who writes 5 means 5 %, and would get a gate that fails at six times the latency. */
	if (!strchr(request->fail_on, '%') && value.number >= 1)
		return usage_error(&command_compare, "--fail-on %s would be %g %%: write %s%%, or %g",
				   request->fail_on, value.number * 100, request->fail_on,
				   value.number / 100);
	request->how.fail_on = value.number;
	return 0;
}

static int request_across(struct request *request)
{
	const char *const *known = compare_properties();
	char *rest, *name;
	size_t count = 0;

	if (!request->across)
		return 0;
	rest = request->across_text = strdup(request->across);
	while (rest && (name = strsep(&rest, ","))) {
		const char *near = suggest(name, known);

		if (!near || strcmp(near, name) != 0) {
			if (near)
				return usage_error(&command_compare,
						   "--across: no property '%s' (did you mean '%s'?)", name,
						   near);
			print_message("lanebench: error: --across: there is no property '%s'\n  remedy: known:",
				name);
			for (size_t i = 0; known[i]; i++)
				print_message("%s %s", i ? "," : "", known[i]);
			fputc('\n', stderr);
			return EXIT_USAGE;
		}
		if (count < ACROSS_MAX)
			request->across_list[count++] = near;
	}
	request->options.across = request->across_list;
	return 0;
}

static int request_by(struct request *request, int records)
{
	const struct parameter *by = request->by ? parameter_find(request->by) : NULL;

	request->options.by = PARAMETER_COUNT;
	request->options.base_value = request->base;
	if (request->base && records > 1)
		return usage_error(&command_compare,
				   "--base is a value of what is compared within one record");
	if (!request->by)
		return 0;
	if (!by)
		return usage_error(&command_compare, "--by: there is no parameter '%s'", request->by);
	if (records > 1)
		return usage_error(&command_compare, "--by compares within one record");
	request->options.by = by->id;
	return 0;
}

static int request_format(const struct request *request)
{
	const char *near = suggest(request->format, compare_formats);

	if (near && !strcmp(near, request->format))
		return 0;
	if (near)
		return usage_error(&command_compare, "there is no format '%s' (did you mean '%s'?)",
				   request->format, near);
	return usage_error(&command_compare, "there is no format '%s' (table, markdown, html, json, csv)",
			   request->format);
}

/* 0 or EXIT_USAGE, which has been explained. */
static int request_check(struct request *request, int records)
{
	struct error err = { 0 };
	int status = request_format(request);

	if (!status && request->figure &&
	    compare_figures_parse(request->figure, request->figures, &err) != 0) {
		print_error(&err);
		status = EXIT_USAGE;
	}
	request->options.figures = request->figure ? request->figures : NULL;
	status = status ? status : request_limit(request);
	status = status ? status : request_across(request);
	if (!status && !records)
		status = usage_error(&command_compare, "which records? (folders such as results/NAME)");
	return status ? status : request_by(request, records);
}

/* 0, -1 (help was printed) or EXIT_USAGE. */
static int request_read(struct request *request, int argc, char **argv)
{
	static const struct option options[] = {
		{ "format", required_argument, NULL, 'f' }, { "output", required_argument, NULL, 'o' },
		{ "figure", required_argument, NULL, 'F' }, { "fail-on", required_argument, NULL, 'l' },
		{ "across", required_argument, NULL, 'x' }, { "by", required_argument, NULL, 'b' },
		{ "base", required_argument, NULL, 'B' }, { "all", no_argument, NULL, 'a' },
		{ "width", required_argument, NULL, 'w' }, { "help", no_argument, NULL, 'h' }, { 0 },
	};
	char rest;
	int c;

	while ((c = getopt_long(argc, argv, ":f:o:h", options, NULL)) != -1) {
		switch (c) {
		case 'h': print_help(&command_compare); return -1;
		case 'f': request->format = optarg; break;
		case 'o': request->output = optarg; break;
		case 'F': request->figure = optarg; break;
		case 'l': request->fail_on = optarg; break;
		case 'x': request->across = optarg; break;
		case 'b': request->by = optarg; break;
		case 'B': request->base = optarg; break;
		case 'a': request->all = true; break;
		case 'w':
			if (sscanf(optarg, "%u%c", &request->width, &rest) != 1 || request->width < 60 ||
			    request->width > 500)
				return usage_error(&command_compare,
						   "--width takes 60 to 500 columns, not '%s'", optarg);
			break;
		default: return usage_option_error(&command_compare, argv, options, c);
		}
	}
	return request_check(request, argc - optind);
}

/* ---- the comparison ------------------------------------------------------------------------------------ */

static compare_write *writer_of(const char *format)
{
	static compare_write *const writers[] = {
		compare_table, compare_markdown, compare_html, compare_json, compare_csv,
	};
	size_t f = 0;

	while (strcmp(format, compare_formats[f]) != 0)
		f++;
	return writers[f];
}

static int compare_show(const struct compare *compare, struct request *request, struct error *err)
{
	struct report_options options = { .width = request->width, .command = program_invocation_name };
	FILE *out = request->output ? fopen(request->output, "we") : stdout;
	int result;

	if (!out)
		return error_errno(err, errno, NULL, "cannot write %s", request->output);
	options.colour = terminal_has_colour(out);
	options.width = request->width ? request->width : terminal_table_width(out);
	request->how.report = &options;
	request->how.all = request->all;
	result = writer_of(request->format)(out, compare, &request->how, err);
	if (out != stdout && fclose(out) && !result)
		result = error_errno(err, errno, NULL, "cannot write %s", request->output);
	return result;
}

static int gate_status(const struct compare *compare, double limit)
{
	struct error err = { 0 };

	if (isnan(limit))
		return EXIT_OK;
	switch (compare_gate(compare, limit, &err)) {
	case GATE_PASSED:     return EXIT_OK;
	case GATE_REGRESSION: return EXIT_FAILED;
	default:
		print_error(&err);
		return EXIT_INCOMPLETE;
	}
}

static int compare_records(struct request *request, char **directories, size_t count)
{
	struct record_view *views = calloc(count, sizeof(*views));
	const char **names = calloc(count, sizeof(*names));
	struct compare compare = { 0 };
	struct error err = { 0 };
	int result = views && names ? 0 : error_set(&err, ENOMEM, NULL, "out of memory"),
	    status = EXIT_FAILED;

	for (size_t i = 0; i < count && !result; i++) {
		names[i] = directories[i];
		result = record_read_figures(&views[i], directories[i], &err);
		if (!result && views[i].warning[0])
			print_message("lanebench: warning: %s/%s\n", directories[i], views[i].warning);
	}
	if (!result)
		result = compare_make(&compare, views, names, count, &request->options, &err);
	if (!result)
		result = compare_show(&compare, request, &err);
	if (result)
		print_error(&err);
	else
		status = gate_status(&compare, request->how.fail_on);
	compare_free(&compare);
	for (size_t i = 0; i < count && views; i++)
		record_view_free(&views[i]);
	free(names);
	free(views);
	return status;
}

static int compare_main(int argc, char **argv)
{
	struct request request = { .format = "table" };
	int status = request_read(&request, argc, argv);

	if (!status)
		status = compare_records(&request, argv + optind, (size_t)(argc - optind));
	free(request.across_text);
	return status < 0 ? EXIT_OK : status;
}

const struct command command_compare = {
	"compare",
	"Compare runs: which differences are real",
	"BASE NEW... | RUN [--by PARAMETER] [OPTION...]",
	compare_main,
	compare_help,
};
