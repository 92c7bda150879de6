/* SPDX-License-Identifier: Apache-2.0 */
/* Aligned columns with a head of two lines (name, unit). Where they are too wide, bars shrink and some are
 * left out. */
#ifndef LB_REPORT_GRID_H
#define LB_REPORT_GRID_H

#include <stdbool.h>
#include <stddef.h>

#include "report/terminal/sheet.h"

#define GRID_COLUMNS_MAX 72
#define GRID_CELL_MAX 36 /* columns; longer cells are cut */
#define GRID_BAR_MAX 10
#define GRID_BAR_MIN 5

struct grid {
	struct grid_column {
		char name[GRID_CELL_MAX * 4 + 1], unit[16];
		bool right;        /* align right: numbers */
		bool bar;          /* of numbers from 0 to 1; it takes what room there is */
		int leave_out;     /* 0 = never; where space is short, the highest goes first */
		size_t width;
		bool left_out;
	} column[GRID_COLUMNS_MAX];
	unsigned columns;
	size_t rows;
	struct grid_cell {
		char *text;
		double share;      /* of a bar */
	} *cells;
	bool *highlight; /* rows in colour */
	bool laid_out;
	unsigned left_out; /* columns */
};

/* Columns first, then rows. Returns the column's number. */
unsigned grid_column(struct grid *grid, const char *name, const char *unit, bool right, int leave_out);
unsigned grid_bar_column(struct grid *grid, const char *name, int leave_out);
/* 0 or -ENOMEM. */
int grid_open(struct grid *grid, size_t rows);
void grid_cell(struct grid *grid, size_t row, unsigned column, const char *text);
void grid_bar(struct grid *grid, size_t row, unsigned column, double share);
/* Decide what there is room for; returns how many columns are left out (grid.column[].left_out). */
unsigned grid_layout(struct grid *grid, const struct sheet *sheet);
/* Prints, after grid_layout if that was not yet; the same. */
unsigned grid_print(struct grid *grid, const struct sheet *sheet);
void grid_free(struct grid *grid);

#endif
