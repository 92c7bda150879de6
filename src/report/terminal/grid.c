/* SPDX-License-Identifier: Apache-2.0 */
#include "report/terminal/grid.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "util/display.h"

#define GAP 2       /* columns between columns */
#define CUT_LEAST 6 /* a text is not cut shorter than that */

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

unsigned grid_bar_column(struct grid *grid, const char *name, int leave_out)
{
	unsigned column = grid_column(grid, name, "", false, leave_out);

	grid->column[column].bar = true;
	return column;
}

int grid_open(struct grid *grid, size_t rows)
{
	grid->rows = rows;
	grid->highlight = calloc(rows + 1, sizeof(*grid->highlight));
	grid->cells = calloc(rows * grid->columns + 1, sizeof(*grid->cells));
	return grid->highlight && grid->cells ? 0 : -ENOMEM;
}

static struct grid_cell *cell_of(const struct grid *grid, size_t row, unsigned column)
{
	return &grid->cells[row * grid->columns + column];
}

void grid_cell(struct grid *grid, size_t row, unsigned column, const char *text)
{
	struct grid_cell *cell = cell_of(grid, row, column);

	free(cell->text);
	cell->text = strdup(text);
}

void grid_bar(struct grid *grid, size_t row, unsigned column, double share)
{
	cell_of(grid, row, column)->share = share;
}

void grid_free(struct grid *grid)
{
	for (size_t i = 0; grid->cells && i < grid->rows * grid->columns; i++)
		free(grid->cells[i].text);
	free(grid->cells);
	free(grid->highlight);
	memset(grid, 0, sizeof(*grid));
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static void grid_measure(struct grid *grid, bool utf8)
{
	for (unsigned c = 0; c < grid->columns; c++) {
		struct grid_column *column = &grid->column[c];

		text_clean(column->name, utf8);
		column->width = larger(text_columns(column->name), text_columns(column->unit));
		if (column->bar)
			column->width = larger(column->width, GRID_BAR_MIN);
		for (size_t r = 0; r < grid->rows; r++) {
			char *text = cell_of(grid, r, c)->text;

			if (!text)
				continue;
			text_clean(text, utf8);
			column->width = larger(column->width, text_columns(text));
		}
		if (column->width > GRID_CELL_MAX)
			column->width = GRID_CELL_MAX;
	}
}

/* Width of all that is not left out. */
static size_t grid_width(const struct grid *grid)
{
	size_t total = 0;

	for (unsigned c = 0; c < grid->columns; c++)
		if (!grid->column[c].left_out)
			total += grid->column[c].width + (total ? GAP : 0);
	return total;
}

/* The column to be left out next; NULL: all that are left must stay. */
static struct grid_column *grid_worst(struct grid *grid)
{
	struct grid_column *worst = NULL;

	for (unsigned c = 0; c < grid->columns; c++) {
		struct grid_column *column = &grid->column[c];

		if (!column->left_out && column->leave_out &&
		    (!worst || column->leave_out > worst->leave_out))
			worst = column;
	}
	return worst;
}

/* Leave columns out until the rest fits, or only those are left that must stay. */
static void grid_leave_out(struct grid *grid, size_t width)
{
	struct grid_column *worst;

	while (grid_width(grid) > width && (worst = grid_worst(grid)))
		worst->left_out = true;
}

/* Bars are measured at their shortest. Is there room beside the others after all? Then they get what there is
 * of it. */
static void grid_stretch_bars(struct grid *grid, size_t width)
{
	for (unsigned c = 0; c < grid->columns; c++) {
		struct grid_column *column = &grid->column[c];

		if (!column->bar)
			continue;
		column->left_out &= grid_width(grid) + GAP + column->width > width;
		while (!column->left_out && column->width < GRID_BAR_MAX && grid_width(grid) < width)
			column->width++;
	}
}

/* What must stay is still too wide: texts are cut, the longest ones first. */
static void grid_cut(struct grid *grid, size_t width)
{
	for (size_t total = grid_width(grid); total > width; total--) {
		struct grid_column *widest = NULL;

		for (unsigned c = 0; c < grid->columns; c++) {
			struct grid_column *column = &grid->column[c];

			if (!column->left_out && !column->right && column->width > CUT_LEAST &&
			    (!widest || column->width > widest->width))
				widest = column;
		}
		if (!widest)
			return;
		widest->width--;
	}
}

unsigned grid_layout(struct grid *grid, const struct sheet *sheet)
{
	grid_measure(grid, sheet->utf8);
	grid_leave_out(grid, sheet->width);
	grid_stretch_bars(grid, sheet->width);
	grid_cut(grid, sheet->width);
	for (unsigned c = 0; c < grid->columns; c++)
		grid->left_out += grid->column[c].left_out;
	grid->laid_out = true;
	return grid->left_out;
}

#define ROW_NAMES SIZE_MAX
#define ROW_UNITS (SIZE_MAX - 1)

/* Eighths of blocks where the terminal has them. What is more than nothing is never drawn as nothing. */
static void bar_format(char *text, size_t size, double share, size_t width, bool utf8)
{
	static const char *const eighths[] = { "",       "\u258f", "\u258e", "\u258d",
					       "\u258c", "\u258b", "\u258a", "\u2589" };
	const int steps = utf8 ? 8 : 1;
	int parts = 0, used = 0;

	if (isfinite(share) && share > 0)
		parts = (int)lround(fmin(share, 1) * (double)width * steps);
	if (!parts && share > 0)
		parts = 1;
	*text = 0;
	for (; parts >= steps; parts -= steps)
		used += snprintf(text + used, size - (size_t)used, "%s", utf8 ? "\u2588" : "#");
	snprintf(text + used, size - (size_t)used, "%s", eighths[parts]);
}

static const char *cell_text(const struct grid *grid, size_t row, unsigned c, bool utf8, char *bar,
			     size_t size)
{
	const struct grid_column *column = &grid->column[c];

	if (row == ROW_NAMES || row == ROW_UNITS)
		return row == ROW_NAMES ? column->name : column->unit;
	if (!column->bar)
		return cell_of(grid, row, c)->text ? cell_of(grid, row, c)->text : "";
	bar_format(bar, size, cell_of(grid, row, c)->share, column->width, utf8);
	return bar;
}

/* A text in its column, cut where it is too long for that. Returns how many columns it takes. */
static size_t cell_print(const char *text, size_t width, const struct sheet *sheet)
{
	size_t columns = text_columns(text), fits;

	if (columns <= width) {
		fputs(text, sheet->out);
		return columns;
	}
	fits = text_fit(text, width - 1);
	fprintf(sheet->out, "%.*s%s", (int)fits, text, sheet->utf8 ? "\u2026" : "~");
	return columns - text_columns(text + fits) + 1;
}

/* One line of the grid. No blanks at its end. */
static void grid_line(const struct grid *grid, const struct sheet *sheet, size_t row)
{
	char bar[GRID_CELL_MAX * 4 + 1];
	size_t owed = 0;

	for (unsigned c = 0; c < grid->columns; c++) {
		const struct grid_column *column = &grid->column[c];
		const char *text = cell_text(grid, row, c, sheet->utf8, bar, sizeof(bar));
		size_t pad;

		if (column->left_out)
			continue;
		if (*text) {
			pad = column->right && text_columns(text) < column->width ?
			      column->width - text_columns(text) : 0;
			fprintf(sheet->out, "%*s", (int)(owed + pad), "");
			owed = GAP + column->width - pad - cell_print(text, column->width, sheet);
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
	bool units = false;

	if (!grid->laid_out)
		grid_layout(grid, sheet);
	for (unsigned c = 0; c < grid->columns; c++)
		units |= !grid->column[c].left_out && *grid->column[c].unit;
	grid_styled_line(grid, sheet, ROW_NAMES, STYLE_HEADING);
	if (units)
		grid_styled_line(grid, sheet, ROW_UNITS, STYLE_FAINT);
	for (size_t r = 0; r < grid->rows; r++)
		grid_styled_line(grid, sheet, r, grid->highlight[r] ? STYLE_GOOD : STYLE_PLAIN);
	return grid->left_out;
}
