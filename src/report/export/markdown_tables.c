/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of a record in Markdown: overview, published beside measured, all tests. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/export/markdown_parts.h"
#include "report/hops.h"
#include "report/published.h"
#include "report/words.h"
#include "util/text.h"

#define PIVOT_MAX 60     /* rows */
#define BESIDE_MAX 8     /* published values of a test */

/* ---- overview ------------------------------------------------------------------------------------------ */

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
			words_value(pivot->head[c - 1], pivot->column, columns[c].title,
				    sizeof(columns[c].title));
	}
	if (columns)
		page_head(page, columns, pivot->columns + 1);
	free(columns);
}

void markdown_pivot(struct markdown_page *page, const struct results *results, const char *title)
{
	struct pivot pivot;

	if (pivot_make(&pivot, results->rows, results->count, results_merit(results))) {
		page_paragraph(page, title, "(the best of a row is bold, with a question mark where its lead "
			       "is not certain):");
		pivot_head(page, &pivot);
		for (size_t r = 0; r < pivot.rows && r < PIVOT_MAX; r++)
			pivot_row(page, &pivot, r);
		if (pivot.rows > PIVOT_MAX)
			page_paragraph(page, "", "And %zu more rows, in the tables below.",
				       pivot.rows - PIVOT_MAX);
	}
	pivot_free(&pivot);
}

/* ---- beside what was published ------------------------------------------------------------------------- */

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
		{ "test", "", false }, { "figure", "", false }, { "measured", "", true },
		{ "published", "", true },
		{ "source", "", false }, { "its machine, and what differs", "", false },
	};

	page_details_begin(page, "Beside published figures, which are of other machines: compare order and "
			   "shape");
	page_head(page, columns, sizeof(columns) / sizeof(*columns));
}

void markdown_published(struct markdown_page *page, const struct subject *subject)
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

/* ---- all tests ----------------------------------------------------------------------------------------- */

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

void markdown_results(struct markdown_page *page, const struct results *results, int processors)
{
	char text[LEGEND_TEXT];

	if (!results->count)
		return;
	snprintf(text, sizeof(text), "%s: %zu test%s with all figures",
		 results->latency ? "Latency" : "Throughput", results->count, plural(results->count));
	page_details_begin(page, text);
	results_head(page, results);
	for (size_t r = 0; r < results->count; r++)
		results_row(page, results, r);
	for (unsigned i = 0; results_legend(results, processors, i, text); i++)
		page_item(page, text, "%s", ""); /* ours, but for numbers */
	page_details_end(page);
}

/* ---- chains, hop by hop -------------------------------------------------------------------------------- */

static void hops_head(struct markdown_page *page, const struct hop_table *table)
{
	struct page_column columns[TOPOLOGY_HOPS_MAX + 3] = { { "test", "", false }, { "figure", "", false } };

	for (unsigned i = 0; i <= table->hops; i++) {
		struct page_column *column = &columns[2 + i];

		*column = (struct page_column){ .unit = "", .right = true };
		if (i < table->hops)
			snprintf(column->title, sizeof(column->title), "hop %u", i + 1);
		else
			snprintf(column->title, sizeof(column->title), "end");
	}
	page_head(page, columns, table->hops + 3);
}

static void hops_line(struct markdown_page *page, const struct hop_table *table, const struct hop_line *line)
{
	char text[512];

	words_test(line->row, table->varies, text, sizeof(text));
	page_cell(page, MARK_NONE, *text ? text : "the test");
	page_cell(page, MARK_NONE, hop_figure_title(line->figure));
	for (unsigned i = 0; i <= table->hops; i++) {
		hop_text(table, line, i, text);
		page_cell(page, MARK_NONE, text);
	}
	page_row_end(page);
}

void markdown_hops(struct markdown_page *page, const struct results *results)
{
	struct hop_table table;

	page->failed |= hop_table_make(&table, results) != 0;
	if (table.line && table.count) {
		page_details_begin(page, results->latency ? "Latency of chains, hop by hop" :
				   "Throughput of chains, hop by hop");
		hops_head(page, &table);
		for (size_t i = 0; i < table.count; i++)
			hops_line(page, &table, &table.line[i]);
		page_item(page, hop_legend, "%s", "");
		page_details_end(page);
	}
	hop_table_free(&table);
}
