/* SPDX-License-Identifier: Apache-2.0 */
#include "report/terminal/grid.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define GAP 2 /* columns between columns */

unsigned grid_column(struct grid *grid, const char *name, const char *unit, bool right, int leave_out)
{
	struct grid_column *column = &grid->column[grid->columns];

	if (grid->columns == GRID_COLUMNS_MAX)
		return GRID_COLUMNS_MAX - 1; /* more than any table of ours has */
	snprintf(column->name, sizeof(column->name), "%s", name);
	snprintf(column->unit, sizeof(column->unit), "%s", unit);
	column->right = right;
	column->leave_out = leave_out;
	return grid->columns++;
}

int grid_open(struct grid *grid, size_t rows)
{
	grid->rows = rows;
	grid->highlight = calloc(rows + 1, sizeof(*grid->highlight));
	grid->cells = calloc(rows * grid->columns + 1, sizeof(*grid->cells));
	return grid->highlight && grid->cells ? 0 : -ENOMEM;
}

void grid_cell(struct grid *grid, size_t row, unsigned column, const char *text)
{
	char **cell = &grid->cells[row * grid->columns + column];

	free(*cell);
	*cell = strdup(text);
}

void grid_free(struct grid *grid)
{
	for (size_t i = 0; grid->cells && i < grid->rows * grid->columns; i++)
		free(grid->cells[i]);
	free(grid->cells);
	free(grid->highlight);
	memset(grid, 0, sizeof(*grid));
}

static char *grid_text(const struct grid *grid, size_t row, unsigned column)
{
	return grid->cells[row * grid->columns + column];
}

/* Make a cell safe and short enough. */
static void cell_trim(char *text, bool utf8)
{
	size_t columns = 0;

	text_clean(text, utf8);
	for (char *end = text; *end; end++) {
		if ((*end & 0xc0) == 0x80 || columns++ < GRID_CELL_MAX)
			continue;
		*end = 0;
		return;
	}
}

static void grid_measure(struct grid *grid, bool utf8)
{
	for (unsigned c = 0; c < grid->columns; c++) {
		struct grid_column *column = &grid->column[c];

		column->width = text_columns(column->name);
		if (text_columns(column->unit) > column->width)
			column->width = text_columns(column->unit);
		for (size_t r = 0; r < grid->rows; r++) {
			char *text = grid_text(grid, r, c);

			if (!text)
				continue;
			cell_trim(text, utf8);
			if (text_columns(text) > column->width)
				column->width = text_columns(text);
		}
	}
}

/* Leave columns out until the rest fits, or only those are left that must stay. */
static unsigned grid_fit(struct grid *grid, unsigned width)
{
	unsigned left_out = 0;

	for (;;) {
		struct grid_column *worst = NULL;
		size_t total = 0;

		for (unsigned c = 0; c < grid->columns; c++) {
			struct grid_column *column = &grid->column[c];

			if (column->left_out)
				continue;
			total += column->width + (total ? GAP : 0);
			if (column->leave_out && (!worst || column->leave_out > worst->leave_out))
				worst = column;
		}
		if (total <= width || !worst)
			return left_out;
		worst->left_out = true;
		left_out++;
	}
}

#define ROW_NAMES SIZE_MAX
#define ROW_UNITS (SIZE_MAX - 1)

/* One line of the grid. No blanks at its end. */
static void grid_line(const struct grid *grid, const struct sheet *sheet, size_t row)
{
	size_t owed = 0;

	for (unsigned c = 0; c < grid->columns; c++) {
		const struct grid_column *column = &grid->column[c];
		const char *text = row == ROW_NAMES ? column->name : row == ROW_UNITS ? column->unit :
				   grid_text(grid, row, c);
		size_t pad;

		if (column->left_out)
			continue;
		pad = column->width - text_columns(text ? text : "");
		if (text && *text) {
			fprintf(sheet->out, "%*s%s", (int)(owed + (column->right ? pad : 0)), "", text);
			owed = column->right ? GAP : pad + GAP;
		} else {
			owed += column->width + GAP;
		}
	}
}

static void grid_styled_line(const struct grid *grid, const struct sheet *sheet, size_t row, enum style style)
{
	fputs(style == STYLE_PLAIN ? "" : sheet_style(sheet, style), sheet->out);
	grid_line(grid, sheet, row);
	fprintf(sheet->out, "%s\n", style == STYLE_PLAIN ? "" : sheet_style(sheet, STYLE_PLAIN));
}

unsigned grid_print(struct grid *grid, const struct sheet *sheet)
{
	unsigned left_out;

	grid_measure(grid, sheet->utf8);
	left_out = grid_fit(grid, sheet->width);
	grid_styled_line(grid, sheet, ROW_NAMES, STYLE_HEADING);
	grid_styled_line(grid, sheet, ROW_UNITS, STYLE_FAINT);
	for (size_t r = 0; r < grid->rows; r++)
		grid_styled_line(grid, sheet, r, grid->highlight[r] ? STYLE_GOOD : STYLE_PLAIN);
	return left_out;
}
