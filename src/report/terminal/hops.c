/* SPDX-License-Identifier: Apache-2.0 */
#include "report/terminal/hops.h"

#include <stdio.h>

#include "report/hops.h"
#include "report/terminal/grid.h"
#include "report/words.h"

#define LINES_MAX 40

/* Eight hops side by side leave little room for heads. */
static void hops_head(const struct hop_table *table, struct grid *grid)
{
	char number[16];

	for (int p = 0; p < PARAMETER_COUNT; p++)
		if (table->varies[p])
			grid_column(grid, parameter_table[p].name, words_unit((enum parameter_id)p),
				    words_is_number((enum parameter_id)p), 0);
	grid_column(grid, "figure", "", false, 0);
	for (unsigned i = 0; i < table->hops; i++) {
		snprintf(number, sizeof(number), "%u", i + 1);
		grid_column(grid, i ? "" : "hop", number, true, 0);
	}
	grid_column(grid, "", "end", true, 0);
}

static void hops_line(const struct hop_table *table, size_t number, struct grid *grid)
{
	const struct hop_line *line = &table->line[number];
	char text[COLUMN_TEXT];
	unsigned column = 0;

	for (int p = 0; p < PARAMETER_COUNT; p++) {
		if (!table->varies[p])
			continue;
		words_value(line->row, (enum parameter_id)p, text, sizeof(text));
		grid_cell(grid, number, column++, text);
	}
	grid_cell(grid, number, column++, hop_figure_title(line->figure));
	for (unsigned i = 0; i <= table->hops; i++) {
		hop_text(table, line, i, text);
		grid_cell(grid, number, column++, text);
	}
}

static int hops_grid(const struct hop_table *table, bool all, const struct sheet *sheet)
{
	const size_t lines = all || table->count <= LINES_MAX ? table->count : LINES_MAX;
	struct grid grid = { 0 };
	int rc;

	hops_head(table, &grid);
	rc = grid_open(&grid, lines);
	if (rc)
		goto out;
	for (size_t i = 0; i < lines; i++)
		hops_line(table, i, &grid);
	sheet_text(sheet, STYLE_PLAIN, 0, 2, "Chains, hop by hop:");
	grid_print(&grid, sheet);
	if (lines < table->count)
		sheet_text(sheet, STYLE_FAINT, 2, 4, "(%zu of %zu lines; --all has them all)", lines, table->count);
	sheet_text(sheet, STYLE_FAINT, 2, 4, "%s", hop_legend);
	sheet_gap(sheet);
out:
	grid_free(&grid);
	return rc;
}

int hops_print(const struct results *results, bool all, const struct sheet *sheet)
{
	struct hop_table table;
	int rc = hop_table_make(&table, results);

	if (!rc && table.count)
		rc = hops_grid(&table, all, sheet);
	hop_table_free(&table);
	return rc;
}
