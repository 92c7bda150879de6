/* SPDX-License-Identifier: Apache-2.0 */
#include "report/terminal/overview.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/contest.h"
#include "report/terminal/grid.h"
#include "report/words.h"

#define ROWS_MAX 40
#define COLUMNS_OF_ONE 48 /* that compete, in one block */

/* A pivot on its way to the terminal. */
struct overview {
	const struct results *results;
	struct pivot pivot;
	double largest;        /* of the best of all rows */
	size_t rows;           /* that are shown */
	size_t begin;          /* the block's first column of the pivot */
	unsigned first, count; /* those columns in the grid, and how many */
	unsigned winner, bar;  /* columns of the grid; of the first block alone */
};

static void figure_format(const struct overview *overview, double value, char *text)
{
	if (overview->pivot.merit == MERIT_LATENCY)
		format_microseconds(text, value);
	else
		format_in_unit(text, value, &overview->results->packets);
}

/* Those that compete come last to be left out for want of room, from the right: they go to the next block. */
static void overview_head(struct overview *overview, struct grid *grid)
{
	const struct pivot *pivot = &overview->pivot;
	char name[COLUMN_TEXT];

	for (int p = 0; p < PARAMETER_COUNT; p++)
		if (pivot->by[p])
			grid_column(grid, parameter_table[p].name, words_unit((enum parameter_id)p),
				    words_is_number((enum parameter_id)p), 0);
	overview->first = grid->columns;
	overview->count = 0;
	for (size_t c = overview->begin; c < pivot->columns && overview->count < COLUMNS_OF_ONE; c++) {
		words_value(pivot->head[c], pivot->column, name, sizeof(name));
		grid_column(grid, name, words_unit(pivot->column), true, 1 + (int)overview->count++);
	}
	if (overview->begin)
		return;
	overview->bar = grid_bar_column(grid, "", COLUMNS_OF_ONE + 1);
	overview->winner = grid_column(grid, overview->pivot.merit == MERIT_LATENCY ? "shortest" : "fastest",
				       "", false, 0);
}

static void overview_row(const struct overview *overview, struct grid *grid, size_t r)
{
	const struct pivot *pivot = &overview->pivot;
	const enum figure figure = merit_figure(pivot->merit);
	char text[COLUMN_TEXT];
	unsigned column = 0;

	for (int p = 0; p < PARAMETER_COUNT; p++) {
		if (!pivot->by[p])
			continue;
		words_value(pivot->row[r], (enum parameter_id)p, text, sizeof(text));
		grid_cell(grid, r, column++, text);
	}
	for (unsigned i = 0; i < overview->count; i++) {
		size_t c = overview->begin + i;
		const struct digest_row *test = pivot->cell[r * pivot->columns + c];
		bool marked = pivot->best[r] == c && pivot->certain[r];

		snprintf(text, sizeof(text), "%s", marked ? "*" : "");
		if (test)
			figure_format(overview, test->figure[figure].median, text + strlen(text));
		grid_cell(grid, r, column++, test ? text : "-");
	}
	if (overview->begin)
		return;
	if (pivot->contest[r].best)
		grid_bar(grid, r, overview->bar,
			 pivot->contest[r].best->figure[figure].median / overview->largest);
	pivot_winner(pivot, r, text, sizeof(text));
	grid_cell(grid, r, overview->winner, *text ? text : "-");
}

static void overview_caption(const struct overview *overview, const struct sheet *sheet)
{
	const bool latency = overview->pivot.merit == MERIT_LATENCY;

	sheet_text(sheet, STYLE_PLAIN, 0, 2, "%s, %s, by %s; * = %s:",
		   latency ? "Round trip (p50)" : "Forwarded",
		   latency ? "us" : overview->results->packets.name,
		   parameter_table[overview->pivot.column].name,
		   latency ? "shortest of its row, and how many times as long the next takes" :
		   "fastest of its row, and how many times the next it is");
}

/* Print as many columns as there is room for; overview->begin goes on behind them. -ERANGE: there is none. */
static int overview_block(struct overview *overview, const struct sheet *sheet)
{
	struct grid grid = { 0 };
	unsigned shown = 0;
	int rc = -ENOMEM;

	overview_head(overview, &grid);
	if (grid_open(&grid, overview->rows) != 0)
		goto out;
	for (size_t r = 0; r < overview->rows; r++)
		overview_row(overview, &grid, r);
	grid_layout(&grid, sheet);
	for (unsigned i = 0; i < overview->count; i++)
		shown += !grid.column[overview->first + i].left_out;
	rc = shown ? 0 : -ERANGE;
	if (!rc && overview->begin)
		sheet_gap(sheet);
	else if (!rc)
		overview_caption(overview, sheet);
	if (!rc)
		grid_print(&grid, sheet);
	overview->begin += shown;
out:
	grid_free(&grid);
	return rc;
}

static int overview_blocks(struct overview *overview, const struct sheet *sheet)
{
	int rc = 0;

	while (!rc && overview->begin < overview->pivot.columns)
		rc = overview_block(overview, sheet);
	if (rc == -ERANGE && !overview->begin)
		sheet_text(sheet, STYLE_FAINT, 0, 2, "(No room for an overview by %s: --width 160 may have it, and the page "
			   "has.)", parameter_table[overview->pivot.column].name);
	else if (rc == -ERANGE)
		sheet_text(sheet, STYLE_FAINT, 2, 4, "(%zu more left out for want of room)",
			   overview->pivot.columns - overview->begin);
	if (overview->begin && overview->rows < overview->pivot.rows)
		sheet_text(sheet, STYLE_FAINT, 2, 4, "(%zu of %zu rows; --all has them all)", overview->rows,
			   overview->pivot.rows);
	sheet_gap(sheet);
	return rc == -ERANGE ? 0 : rc;
}

int overview_print(const struct results *results, bool all, const struct sheet *sheet)
{
	struct overview overview = { .results = results };
	size_t competing = 0;
	int rc = 0;

	if (!pivot_make(&overview.pivot, results->rows, results->count, results_merit(results)))
		return 0;
	for (size_t r = 0; r < overview.pivot.rows; r++) {
		const struct contest *contest = &overview.pivot.contest[r];

		competing += contest->next != NULL;
		if (contest->best)
			overview.largest = fmax(overview.largest,
						contest->best->figure[merit_figure(contest->merit)].median);
	}
	overview.rows = all || overview.pivot.rows <= ROWS_MAX ? overview.pivot.rows : ROWS_MAX;
	/* Of one row the table of tests tells the same. */
	if (competing > 1)
		rc = overview_blocks(&overview, sheet);
	pivot_free(&overview.pivot);
	return rc;
}
