/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/heading.h"
#include "report/internal.h"
#include "report/report.h"
#include "report/results.h"
#include "report/terminal/advice.h"
#include "report/terminal/notes.h"
#include "report/terminal/papers.h"
#include "report/terminal/section.h"
#include "util/text.h"

#define WIDTH 100

/* A report on its way to the terminal. */
struct table {
	const struct record_view *view;
	const struct report_options *options;
	struct sheet sheet;
	struct digest digest;
	struct heading heading;
	struct results throughput, latency;
	struct advice advice;
};

static void title_print(const struct heading *heading, const struct sheet *sheet)
{
	sheet_text(sheet, STYLE_HEADING, 0, 2, "%s, %s, lanebench %s", heading->name, heading->when,
		   heading->version);
	if (*heading->description)
		sheet_text(sheet, STYLE_PLAIN, 0, 0, "%s", heading->description);
	sheet_text(sheet, STYLE_PLAIN, 0, 2, "Machine: %s", heading->machine);
	sheet_gap(sheet);
}

/* How far the run came, if it did not come to its end. */
static void progress_print(const struct table *table)
{
	const struct sheet *sheet = &table->sheet;

	if (*table->view->warning)
		sheet_text(sheet, STYLE_WARNING, 0, 2, "Warning: %s", table->view->warning);
	if (table->heading.resumable) {
		sheet_text(sheet, STYLE_WARNING, 0, 2, "%s Go on with:", table->heading.progress);
		sheet_line(sheet, STYLE_PLAIN, "    sudo %s run --resume %s", table->advice.command,
			   table->advice.quoted);
	}
	if (*table->view->warning || table->heading.resumable)
		sheet_gap(sheet);
}

/* What has no figures, and what else there is to know of all that stands above. */
static int notes_print(struct table *table)
{
	const struct sheet *sheet = &table->sheet;
	int without;

	if (!table->digest.recorded)
		sheet_text(sheet, STYLE_WARNING, 0, 2, "No trial is recorded: there is nothing to compare.");
	else if (table->throughput.count + table->latency.count == 0)
		sheet_text(sheet, STYLE_BAD, 0, 2,
			   "No test has figures: every trial failed, was skipped or is void.");
	without = notes_causes(&table->digest, sheet);
	if (without < 0)
		return without;
	if (without)
		sheet_gap(sheet);
	table->advice.without_figures = without > 0;
	notes_noise(table->view, sheet);
	return 0;
}

static int table_print(struct table *table)
{
	const struct results *const parts[] = { &table->throughput, &table->latency };
	const bool all = table->options->all;
	int rc;

	heading_make(&table->heading, table->view, &table->digest);
	title_print(&table->heading, &table->sheet);
	rc = results_make(&table->throughput, &table->digest, false);
	if (!rc)
		rc = results_make(&table->latency, &table->digest, true);
	if (!rc)
		rc = section_print(&table->throughput, table->heading.processors, all, &table->sheet);
	if (!rc)
		rc = section_print(&table->latency, table->heading.processors, all, &table->sheet);
	if (!rc)
		rc = papers_print(parts, table->view, all, &table->sheet);
	if (!rc)
		rc = notes_print(table);
	if (rc)
		return rc;
	progress_print(table);
	advice_print(&table->advice, &table->sheet);
	return 0;
}

int report_table(FILE *out, const struct record_view *view, const char *directory,
		 const struct report_options *options, struct error *err)
{
	char *command = text_shell_quote(options->command ? options->command : "lanebench");
	char *quoted = text_shell_quote(directory);
	struct table table = {
		.view = view, .options = options,
		.sheet = { .out = out, .width = options->width ? options->width : WIDTH,
			   .colour = options->colour, .utf8 = !options->ascii && sheet_locale_is_utf8() },
		.advice = { .view = view, .directory = directory,
			    .quoted = quoted ? quoted : directory, .page = options->page,
			    .page_remark = options->page_remark,
			    .command = command ? command : "lanebench" },
	};
	int rc = digest_make(&table.digest, view, err);

	table.advice.throughput = &table.throughput;
	table.advice.latency = &table.latency;
	if (!rc && table_print(&table) != 0)
		rc = error_set(err, ENOMEM, NULL, "out of memory");
	free(quoted);
	free(command);
	results_free(&table.throughput);
	results_free(&table.latency);
	digest_free(&table.digest);
	return rc ? rc : report_finish(out, err);
}
