/* SPDX-License-Identifier: Apache-2.0 */
#include "report/terminal/papers.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/published.h"
#include "report/terminal/grid.h"
#include "report/words.h"

#define FOUND_MAX 16 /* of one test */
#define ROWS_MAX 40

struct pair {
	const struct digest_row *row;
	const struct published *published;
};

struct pairs {
	struct pair *pair;
	size_t count;
	bool varies[PARAMETER_COUNT]; /* among their tests of one dimension */
};

static int pairs_add(struct pairs *pairs, const struct results *part, const char *run)
{
	const struct published *found[FOUND_MAX];

	for (size_t r = 0; r < part->count; r++) {
		size_t n = published_for(part->rows[r], run, found, FOUND_MAX);
		struct pair *pair;

		if (!n)
			continue;
		pair = reallocarray(pairs->pair, pairs->count + n, sizeof(*pair));
		if (!pair)
			return -ENOMEM;
		pairs->pair = pair;
		for (size_t i = 0; i < n; i++)
			if (found[i]->figure < FIGURE_COUNT)
				pairs->pair[pairs->count++] = (struct pair){ part->rows[r], found[i] };
	}
	return 0;
}

/* What tells apart those from pair number `first` on, which are of one dimension. */
static int pairs_measure(struct pairs *pairs, size_t first)
{
	const struct digest_row **rows = calloc(pairs->count - first + 1, sizeof(*rows));
	bool varies[PARAMETER_COUNT];

	if (!rows)
		return -ENOMEM;
	for (size_t i = first; i < pairs->count; i++)
		rows[i - first] = pairs->pair[i].row;
	words_varying(rows, pairs->count - first, varies);
	for (int p = 0; p < PARAMETER_COUNT; p++)
		pairs->varies[p] |= varies[p];
	free(rows);
	return 0;
}

static void pairs_head(const struct pairs *pairs, struct grid *grid)
{
	for (int p = 0; p < PARAMETER_COUNT; p++)
		if (pairs->varies[p])
			grid_column(grid, parameter_table[p].name, words_unit((enum parameter_id)p),
				    words_is_number((enum parameter_id)p), 0);
	grid_column(grid, "figure", "", false, 0);
	grid_column(grid, "measured", "", true, 0);
	grid_column(grid, "published", "", true, 0);
	grid_column(grid, "ratio", "", true, 0);
	grid_column(grid, "source", "", false, 1);
}

static void pair_row(const struct pairs *pairs, size_t i, struct grid *grid)
{
	const struct pair *pair = &pairs->pair[i];
	const struct published *published = pair->published;
	const double measured = pair->row->figure[published->figure].median;
	char text[COLUMN_TEXT];
	unsigned column = 0;

	for (int p = 0; p < PARAMETER_COUNT; p++) {
		if (!pairs->varies[p])
			continue;
		words_value(pair->row, (enum parameter_id)p, text, sizeof(text));
		grid_cell(grid, i, column++, text);
	}
	grid_cell(grid, i, column++, figure_name(published->figure));
	published_format(published, measured, text);
	grid_cell(grid, i, column++, isfinite(measured) ? text : "-");
	published_format(published, published->value, text);
	grid_cell(grid, i, column++, text);
	format_number(text, measured / published->value, 2);
	grid_cell(grid, i, column++, text);
	grid_cell(grid, i, column, published->source);
}

/* Each source once, with the machine: few, and a row's source may have been left out for want of room. */
static void pairs_sources(const struct pairs *pairs, const struct sheet *sheet)
{
	for (size_t i = 0; i < pairs->count; i++) {
		const struct published *published = pairs->pair[i].published;
		size_t j = 0;

		while (j < i && strcmp(pairs->pair[j].published->source, published->source) != 0)
			j++;
		if (j == i)
			sheet_text(sheet, STYLE_FAINT, 2, 4, "%s: %s%s%s.", published->source,
				   published->title, *published->machine ? "; " : "", published->machine);
	}
}

static int pairs_print(const struct pairs *pairs, size_t rows, const struct sheet *sheet)
{
	struct grid grid = { 0 };
	int rc;

	pairs_head(pairs, &grid);
	rc = grid_open(&grid, rows);
	if (rc)
		goto out;
	for (size_t i = 0; i < rows; i++)
		pair_row(pairs, i, &grid);
	sheet_text(sheet, STYLE_HEADING, 0, 2, "Published beside measured.");
	grid_print(&grid, sheet);
	if (rows < pairs->count)
		sheet_text(sheet, STYLE_FAINT, 2, 4, "(%zu of %zu rows; --all has them all)", rows,
			   pairs->count);
	sheet_text(sheet, STYLE_FAINT, 2, 4, "ratio: measured to published. The papers measured on other "
		   "machines, with other programs: compare the proportions between paths, not single figures "
		   "(docs/published.md).");
	pairs_sources(pairs, sheet);
	sheet_gap(sheet);
out:
	grid_free(&grid);
	return rc;
}

int papers_print(const struct results *const parts[2], const struct record_view *view, bool all,
		 const struct sheet *sheet)
{
	struct pairs pairs = { 0 };
	int rc = 0;

	for (int i = 0; i < 2 && !rc; i++) {
		const size_t first = pairs.count;

		rc = pairs_add(&pairs, parts[i], published_run(view));
		if (!rc)
			rc = pairs_measure(&pairs, first);
	}
	if (!rc && pairs.count)
		rc = pairs_print(&pairs, all || pairs.count <= ROWS_MAX ? pairs.count : ROWS_MAX, sheet);
	free(pairs.pair);
	return rc;
}
