/* SPDX-License-Identifier: Apache-2.0 */
/* Aligned columns with a head of two lines (name, unit). Where they are too wide, some are left out. */
#ifndef LB_REPORT_GRID_H
#define LB_REPORT_GRID_H

#include <stdbool.h>
#include <stddef.h>

#include "report/terminal/sheet.h"

#define GRID_COLUMNS_MAX 32
#define GRID_CELL_MAX 36 /* columns; longer cells are cut */

struct grid {
	struct grid_column {
		char name[32], unit[16];
		bool right;        /* align right: numbers */
		int leave_out;     /* 0 = never; where space is short, the highest goes first */
		size_t width;
		bool left_out;
	} column[GRID_COLUMNS_MAX];
	unsigned columns;
	size_t rows;
	char **cells;
	bool *highlight; /* rows in colour */
};

/* Columns first, then rows. Returns the column's number. */
unsigned grid_column(struct grid *grid, const char *name, const char *unit, bool right, int leave_out);
/* 0 or -ENOMEM. */
int grid_open(struct grid *grid, size_t rows);
void grid_cell(struct grid *grid, size_t row, unsigned column, const char *text);
/* Prints; returns how many columns were left out (grid.column[].left_out). */
unsigned grid_print(struct grid *grid, const struct sheet *sheet);
void grid_free(struct grid *grid);

#endif
