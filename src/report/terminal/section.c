/* SPDX-License-Identifier: Apache-2.0 */
#include "report/terminal/section.h"

#include <errno.h>
#include <stdlib.h>

#include "report/terminal/grid.h"
#include "report/terminal/hops.h"
#include "report/terminal/notes.h"
#include "report/terminal/overview.h"
#include "util/text.h"

#define ROWS_MAX 60
#define BAR_LEAVE_OUT 3 /* among the columns' own: it says at a glance what takes a while to read */

/* Which rows are shown, in their order. */
struct choice {
	size_t *row;
	size_t count;
};

/* Where there are too many: those that win under their load, then the others, from the first. 0 or
 * -ENOMEM. */
static int choice_make(struct choice *choice, const struct results *results, bool all)
{
	const size_t most = all || results->count <= ROWS_MAX ? results->count : ROWS_MAX;
	bool *chosen = calloc(results->count + 1, sizeof(*chosen));

	*choice = (struct choice){ .row = calloc(results->count + 1, sizeof(*choice->row)) };
	if (!chosen || !choice->row) {
		free(chosen);
		return -ENOMEM;
	}
	for (int winners = 1; winners >= 0; winners--)
		for (size_t r = 0; r < results->count && choice->count < most; r++) {
			if (chosen[r] || (winners && !contests_won_by(&results->contests, results->rows, r)))
				continue;
			chosen[r] = true;
			choice->count++;
		}
	for (size_t r = 0, n = 0; r < results->count; r++)
		if (chosen[r])
			choice->row[n++] = r;
	free(chosen);
	return 0;
}

#define NO_BAR GRID_COLUMNS_MAX

/* The columns of the results, and before the notes a bar. Returns its number; there is none of one row
 * alone. */
static unsigned section_head(struct grid *grid, const struct results *results)
{
	unsigned bar = NO_BAR;

	for (unsigned c = 0; c < results->columns; c++) {
		const struct column *column = &results->column[c];

		if (column->kind == COLUMN_NOTES && results->count > 1)
			bar = grid_bar_column(grid, results->latency ? "p50" : "", BAR_LEAVE_OUT);
		grid_column(grid, column->name, column->unit, column->number, column->leave_out);
	}
	return bar;
}

static void section_row(const struct results *results, struct grid *grid, size_t line, size_t row,
			unsigned bar)
{
	const enum figure figure = merit_figure(results_merit(results));
	const struct digest_row *test = results->rows[row];
	char text[COLUMN_TEXT];

	for (unsigned c = 0; c < results->columns; c++) {
		column_text(results, &results->column[c], test, text);
		grid_cell(grid, line, c < bar ? c : c + 1, text);
	}
	if (bar != NO_BAR)
		grid_bar(grid, line, bar, test->figure[figure].median / results->largest[figure]);
	grid->highlight[line] = contests_won_by(&results->contests, results->rows, row);
}

/* Columns without which the others are complete in themselves. */
static void section_left_out(const struct grid *grid, const struct sheet *sheet)
{
	char list[512] = "";

	for (unsigned c = 0; c < grid->columns; c++) {
		const struct grid_column *column = &grid->column[c];

		if (column->left_out && !column->bar)
			text_append(list, sizeof(list), "%s%s%s%s", *list ? ", " : "", column->name,
				    *column->name && *column->unit ? " " : "", column->unit);
	}
	if (*list)
		sheet_text(sheet, STYLE_FAINT, 2, 4,
			   "Left out for want of room: %s (--format csv has them all).", list);
}

static int section_table(const struct results *results, bool all, const struct sheet *sheet)
{
	struct grid grid = { 0 };
	struct choice choice;
	unsigned bar = section_head(&grid, results);
	int rc = choice_make(&choice, results, all);

	if (!rc)
		rc = grid_open(&grid, choice.count);
	if (rc)
		goto out;
	for (size_t i = 0; i < choice.count; i++)
		section_row(results, &grid, i, choice.row[i], bar);
	grid_print(&grid, sheet);
	section_left_out(&grid, sheet);
	if (choice.count < results->count)
		sheet_text(sheet, STYLE_FAINT, 2, 4, "%zu of %zu tests: the best under each load, and the "
			   "first of the others (--all, the page and --format csv have them all).",
			   choice.count, results->count);
out:
	free(choice.row);
	grid_free(&grid);
	return rc;
}

static void section_intro(const struct results *results, const struct sheet *sheet)
{
	char compared[2048], shared[512];

	results_compared(results, compared, sizeof(compared));
	results_shared(results, shared, sizeof(shared));
	sheet_text(sheet, STYLE_HEADING, 0, 2, "%s of %s.", results->latency ? "Latency" : "Throughput",
		   compared);
	sheet_text(sheet, STYLE_PLAIN, 0, 2, "%s: %s.", results->count > 1 ? "The same for all" : "The test",
		   shared);
	sheet_gap(sheet);
}

int section_print(const struct results *results, int processors, bool all, const struct sheet *sheet)
{
	char text[LEGEND_TEXT];
	int rc;

	if (!results->count)
		return 0;
	section_intro(results, sheet);
	rc = overview_print(results, all, sheet);
	if (!rc)
		rc = section_table(results, all, sheet);
	if (rc)
		return rc;
	sheet_gap(sheet);
	rc = hops_print(results, all, sheet);
	if (rc)
		return rc;
	notes_contests(&results->contests, results->varies, sheet);
	for (unsigned i = 0; results_legend(results, processors, i, text); i++)
		sheet_text(sheet, STYLE_FAINT, 2, 4, "%s", text);
	notes_remarks(&results->remarks, results->count, sheet);
	sheet_gap(sheet);
	return 0;
}
