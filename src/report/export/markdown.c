/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/export/markdown_page.h"
#include "report/export/markdown_text.h"
#include "report/figures.h"
#include "report/heading.h"
#include "report/internal.h"
#include "report/noise.h"
#include "report/published.h"
#include "report/report.h"
#include "report/results.h"
#include "report/words.h"

#define SENTENCES_MAX 8  /* of each merit */
#define PIVOT_MAX 60     /* rows */
#define CAUSES_MAX 12
#define BESIDE_MAX 8     /* published values of a test */

/* What all parts of the report are about. */
struct subject {
	const struct record_view *view;
	struct digest digest;
	struct heading heading;
	struct results results[2]; /* throughput, latency */
	struct causes causes;
};

/* ---- the answer ------------------------------------------------------------------------------------------ */

static void contest_items(struct markdown_page *page, struct contests *contests, const bool varies[PARAMETER_COUNT])
{
	size_t sentences = 0, more = 0;
	char text[1024];

	for (size_t i = 0; i < contests->count; i++) {
		struct contest *contest = &contests->contest[i];

		if (!contest->next)
			continue;
		if (sentences++ >= SENTENCES_MAX) {
			more++;
			continue;
		}
		if (!contest->paced)
			contest_tell_ratio(contest);
		contest_sentence(contest, varies, text, sizeof(text));
		page_item(page, "", "%s", text);
	}
	if (more)
		page_item(page, "", "And %zu more load%s, in the tables below.", more, more == 1 ? "" : "s");
}

/* What costs least, of the throughput tests. */
static int cost_items(struct markdown_page *page, const struct results *results)
{
	struct contests contests;
	int rc = contests_hold(&contests, results->rows, results->count, MERIT_COST, false);

	if (!rc)
		contest_items(page, &contests, results->varies);
	contests_free(&contests);
	return rc;
}

static int page_answer(struct markdown_page *page, struct subject *subject)
{
	int rc = 0;

	for (int i = 0; i < 2; i++) {
		struct results *results = &subject->results[i];
		char compared[2048], shared[512];

		if (!results->count)
			continue;
		results_compared(results, compared, sizeof(compared));
		results_shared(results, shared, sizeof(shared));
		page_paragraph(page, results->latency ? "**Latency**" : "**Throughput**",
			       "of %s. %s: %s.", compared, results->count > 1 ? "The same for all" : "The test", shared);
		contest_items(page, &results->contests, results->varies);
		if (!results->latency)
			rc = cost_items(page, results);
	}
	return rc;
}

/* ---- what to know before relying on it ------------------------------------------------------------------- */

static void remark_items(struct markdown_page *page, const struct subject *subject)
{
	size_t total = subject->results[0].count + subject->results[1].count;

	for (unsigned i = 0; i < remarks_count(); i++) {
		const struct remarks *a = &subject->results[0].remarks, *b = &subject->results[1].remarks;
		size_t rows = a->rows[i] + b->rows[i];
		char words[512];

		if (!rows)
			continue;
		snprintf(words, sizeof(words), "%s (%c, %zu of %zu tests): %s", remark_name(i), remark_letter(i),
			 rows, total, remark_text(i));
		page_item(page, words, "%s", i + 1 < remarks_count() ? "" : *a->unknown ? a->unknown : b->unknown);
	}
}

static void cause_items(struct markdown_page *page, const struct causes *causes)
{
	for (size_t i = 0; i < causes->count && i < CAUSES_MAX; i++) {
		const struct cause *cause = &causes->cause[i];

		page_item(page, "", "%s: %zu trial%s%s%s%s: %s%s%s", cause_title(cause), cause->trials,
			  cause->trials == 1 ? "" : "s",
			  *cause->which ? " (" : "", cause->which, *cause->which ? ")" : "",
			  *cause->reason ? cause->reason : "no reason was recorded", *cause->remedy ? ". Remedy: " : "",
			  cause->remedy);
	}
	if (causes->count > CAUSES_MAX)
		page_item(page, "", "And trials without figures for %zu more reasons.", causes->count - CAUSES_MAX);
}

static void page_warnings(struct markdown_page *page, const struct subject *subject)
{
	const struct heading *heading = &subject->heading;
	char noise[1024];
	bool large, told = noise_sentence(subject->view, noise, sizeof(noise), &large);
	size_t remarks = 0;

	for (unsigned i = 0; i < remarks_count(); i++)
		remarks += subject->results[0].remarks.rows[i] + subject->results[1].remarks.rows[i];
	if (!subject->digest.recorded)
		page_paragraph(page, "**No trial is recorded:**", "there is nothing to compare.");
	else if (!subject->results[0].count && !subject->results[1].count)
		page_paragraph(page, "**No test has figures:**", "every trial failed, was skipped or is void.");
	if (!told && !remarks && !subject->causes.count && !*heading->progress && !*subject->view->warning)
		return;
	page_paragraph(page, "**Before relying on it:**", "%s", "");
	if (*heading->progress)
		page_item(page, "", "%s", heading->progress);
	if (*subject->view->warning)
		page_item(page, "**Warning:**", "%s", subject->view->warning);
	cause_items(page, &subject->causes);
	remark_items(page, subject);
	if (told)
		page_item(page, "", "%s", noise);
}

/* ---- overview -------------------------------------------------------------------------------------------- */

static void pivot_row(struct markdown_page *page, const struct pivot *pivot, size_t r)
{
	char text[512];

	words_test(pivot->row[r], pivot->by, text, sizeof(text));
	page_cell(page, MARK_NONE, *text ? text : "all");
	for (size_t c = 0; c < pivot->columns; c++) {
		const struct digest_row *row = pivot->cell[r * pivot->columns + c];
		enum page_mark best = pivot->certain[r] ? MARK_BEST : MARK_DOUBTFUL;

		*text = 0;
		if (row)
			merit_format(pivot->merit, row->figure[merit_figure(pivot->merit)].median, text);
		page_cell(page, pivot->best[r] == c ? best : MARK_NONE, text);
	}
	page_row_end(page);
}

static void pivot_head(struct markdown_page *page, const struct pivot *pivot)
{
	struct page_column *columns = calloc(pivot->columns + 1, sizeof(*columns));

	page->failed |= !columns;
	for (size_t c = 0; columns && c < pivot->columns + 1; c++) {
		columns[c].unit = "";
		columns[c].right = c > 0;
		if (c)
			words_value(pivot->head[c - 1], pivot->column, columns[c].title, sizeof(columns[c].title));
	}
	if (columns)
		page_head(page, columns, pivot->columns + 1);
	free(columns);
}

static void page_pivot(struct markdown_page *page, const struct results *results, const char *title)
{
	struct pivot pivot;

	if (pivot_make(&pivot, results->rows, results->count, results_merit(results))) {
		page_paragraph(page, title, "(the best of a row is bold, with a question mark where its lead is not certain):");
		pivot_head(page, &pivot);
		for (size_t r = 0; r < pivot.rows && r < PIVOT_MAX; r++)
			pivot_row(page, &pivot, r);
		if (pivot.rows > PIVOT_MAX)
			page_paragraph(page, "", "And %zu more rows, in the tables below.", pivot.rows - PIVOT_MAX);
	}
	pivot_free(&pivot);
}

/* ---- beside what was published --------------------------------------------------------------------------- */

/* "latency mean" of latency_mean_ns: values have their unit beside them. */
static void figure_words(const char *name, char *text, size_t size)
{
	char *unit;

	snprintf(text, size, "%s", name);
	unit = strrchr(text, '_');
	if (unit && strcmp(unit, "_busy") != 0)
		*unit = 0;
	for (; *text; text++)
		*text = *text == '_' ? ' ' : *text;
}

static void published_row(struct markdown_page *page, const struct digest_row *row,
			  const struct published *published, const bool by[PARAMETER_COUNT])
{
	char text[512];

	words_test(row, by, text, sizeof(text));
	page_cell(page, MARK_NONE, *text ? text : "the test");
	figure_words(published->figure_name, text, sizeof(text));
	page_cell(page, MARK_NONE, text);
	published_format(published, row->figure[published->figure].median, text);
	page_cell(page, MARK_NONE, text);
	published_format(published, published->value, text);
	page_cell(page, MARK_NONE, text);
	page_cell(page, MARK_NONE, published->source);
	snprintf(text, sizeof(text), "%s%s%s", published->machine,
		 *published->machine && *published->note ? "; " : "", published->note);
	page_cell(page, MARK_NONE, text);
	page_row_end(page);
}

static void published_head(struct markdown_page *page)
{
	static const struct page_column columns[] = {
		{ "test", "", false }, { "figure", "", false }, { "measured", "", true }, { "published", "", true },
		{ "source", "", false }, { "its machine, and what differs", "", false },
	};

	page_details_begin(page, "Beside published figures, which are of other machines: compare order and shape");
	page_head(page, columns, sizeof(columns) / sizeof(*columns));
}

static void page_published(struct markdown_page *page, const struct subject *subject)
{
	const char *run = published_run(subject->view);
	bool any = false;

	for (int i = 0; i < 2; i++)
		for (size_t r = 0; r < subject->results[i].count; r++) {
			const struct digest_row *row = subject->results[i].rows[r];
			const struct published *found[BESIDE_MAX];
			size_t count = published_for(row, run, found, BESIDE_MAX);

			for (size_t f = 0; f < count; f++) {
				if (!isfinite(row->figure[found[f]->figure].median))
					continue;
				if (!any)
					published_head(page);
				any = true;
				published_row(page, row, found[f], subject->results[i].varies);
			}
		}
	if (any)
		page_details_end(page);
}

/* ---- all tests ------------------------------------------------------------------------------------------- */

static void results_head(struct markdown_page *page, const struct results *results)
{
	struct page_column columns[COLUMNS_MAX];

	for (unsigned c = 0; c < results->columns; c++) {
		const struct column *column = &results->column[c];

		columns[c] = (struct page_column){ .unit = column->measure, .right = column->number };
		snprintf(columns[c].title, sizeof(columns[c].title), "%s", column->title);
	}
	page_head(page, columns, results->columns);
}

static void results_row(struct markdown_page *page, const struct results *results, size_t r)
{
	bool won = contests_won_by(&results->contests, results->rows, r);
	bool certain = won && results->contests.contest[results->contests.of_row[r]].certain;
	char text[COLUMN_TEXT];

	for (unsigned c = 0; c < results->columns; c++) {
		const struct column *column = &results->column[c];
		bool merit = (column->kind == COLUMN_RATE || column->kind == COLUMN_TIME) &&
			     column->figure == merit_figure(results_merit(results));

		column_text(results, column, results->rows[r], text);
		page_cell(page, !won || !merit ? MARK_NONE : certain ? MARK_BEST : MARK_DOUBTFUL, text);
	}
	page_row_end(page);
}

static void page_results(struct markdown_page *page, const struct results *results, int processors)
{
	char text[LEGEND_TEXT];

	if (!results->count)
		return;
	snprintf(text, sizeof(text), "%s: %zu test%s with all figures", results->latency ? "Latency" : "Throughput",
		 results->count, results->count == 1 ? "" : "s");
	page_details_begin(page, text);
	results_head(page, results);
	for (size_t r = 0; r < results->count; r++)
		results_row(page, results, r);
	for (unsigned i = 0; results_legend(results, processors, i, text); i++)
		page_item(page, text, "%s", ""); /* ours, but for numbers */
	page_details_end(page);
}

/* ---- where and how --------------------------------------------------------------------------------------- */

/* An argument as a shell would have it, for who types it again. */
static void argument_add(FILE *out, const char *argument)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";

	if (*argument && argument[strspn(argument, plain)] == 0) {
		fputs(argument, out);
		return;
	}
	fputc('\'', out);
	for (; *argument; argument++)
		if (*argument == '\'')
			fputs("'\\''", out);
		else
			fputc(*argument, out);
	fputc('\'', out);
}

static void page_command(struct markdown_page *page, const json_t *command)
{
	const json_t *argument;
	char *text = NULL;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return;
	json_array_foreach(command, i, argument) {
		const char *word = json_is_string(argument) ? json_string_value(argument) : "?";
		const char *slash = strrchr(word, '/');

		fputs(i ? " " : "", out);
		argument_add(out, i || !slash ? word : slash + 1); /* not where the program lay */
	}
	fclose(out);
	if (text && *text)
		page_item(page, "Command:", "%s", text);
	free(text);
}

/* "governor performance, turbo off, ...": of the settings, those that bear on figures and are known. */
static void page_settings(struct markdown_page *page, const json_t *run)
{
	static const struct { const char *name, *path; } settings[] = {
		{ "governor", "environment.governor" }, { "turbo", "environment.turbo" },
		{ "hyper-threads", "environment.smt" }, { "isolated processors", "environment.isolated" },
		{ "tickless processors", "environment.nohz_full" }, { "idle driver", "environment.idle_driver" },
		{ "clock", "environment.clocksource" },
	};
	char text[512] = "";

	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		const json_t *value = trial_value(run, settings[i].path);
		const char *words = json_string_value(value);
		size_t used = strlen(text);

		if (json_is_boolean(value))
			words = json_is_true(value) ? "on" : "off";
		if (words)
			snprintf(text + used, sizeof(text) - used, "%s%s %.100s", used ? ", " : "", settings[i].name,
				 *words ? words : "none");
	}
	if (*text)
		page_item(page, "Settings:", "%s", text);
}

static void page_versions(struct markdown_page *page, json_t *run)
{
	json_t *versions = json_object_get(run, "catalogue"), *value;
	char text[1024] = "";
	const char *name;

	json_object_foreach(versions, name, value) {
		size_t used = strlen(text);

		if (json_is_string(value))
			snprintf(text + used, sizeof(text) - used, "; %.60s %.100s", name, json_string_value(value));
	}
	page_item(page, "Versions:", "lanebench %s%s", *trial_text(run, "lanebench") ? trial_text(run, "lanebench") :
		  "(unknown)", text);
}

static void page_environment(struct markdown_page *page, const struct subject *subject)
{
	page_paragraph(page, "**How it was made:**", "%s", "");
	page_item(page, "When:", "%s", subject->heading.when);
	page_item(page, "Machine:", "%s", subject->heading.machine);
	page_settings(page, subject->view->run);
	page_versions(page, subject->view->run);
	page_command(page, json_object_get(subject->view->run, "command"));
}

/* ---------------------------------------------------------------------------------------------------------- */

static int subject_make(struct subject *subject, const struct record_view *view, struct error *err)
{
	int rc = digest_make(&subject->digest, view, err);

	subject->view = view;
	if (rc)
		return rc;
	heading_make(&subject->heading, view, &subject->digest);
	for (int i = 0; i < 2 && !rc; i++)
		rc = results_make(&subject->results[i], &subject->digest, i == 1);
	if (!rc)
		rc = causes_collect(&subject->causes, &subject->digest);
	return rc ? error_set(err, -rc, NULL, "out of memory") : 0;
}

static void subject_free(struct subject *subject)
{
	causes_free(&subject->causes);
	for (int i = 0; i < 2; i++)
		results_free(&subject->results[i]);
	digest_free(&subject->digest);
}

static int page_body(struct markdown_page *page, struct subject *subject)
{
	int rc;

	page_title(page, "lanebench:", "%s", subject->heading.name);
	if (*subject->heading.description)
		page_paragraph(page, "**About:**", "%s", subject->heading.description);
	rc = page_answer(page, subject);
	page_warnings(page, subject);
	page_pivot(page, &subject->results[0], "**Throughput**");
	page_pivot(page, &subject->results[1], "**Round trip, p50**");
	page_environment(page, subject);
	page_published(page, subject);
	for (int i = 0; i < 2; i++)
		page_results(page, &subject->results[i], subject->heading.processors);
	return rc;
}

int report_markdown(FILE *out, const struct record_view *view, struct error *err)
{
	struct subject subject = { 0 };
	struct markdown_page page;
	int rc = subject_make(&subject, view, err);

	if (!rc) {
		page_open(&page, out);
		rc = page_body(&page, &subject);
		if (page_close(&page) != 0 || rc)
			rc = error_set(err, ENOMEM, NULL, "out of memory");
	}
	subject_free(&subject);
	return rc ? rc : report_finish(out, err);
}
