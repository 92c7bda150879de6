/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/contest.h"
#include "report/format.h"
#include "report/words.h"

#define SPARSE 8 /* cells for each test, above which a table says nothing; it bounds the memory, too */

/* What competes: the switch, else the technique, else whatever else varies and is no load. */
static enum parameter_id pivot_column(const bool varies[PARAMETER_COUNT], enum merit merit)
{
	if (varies[PARAMETER_SWITCH])
		return PARAMETER_SWITCH;
	if (varies[PARAMETER_IO])
		return PARAMETER_IO;
	for (int p = 0; p < PARAMETER_COUNT; p++)
		if (varies[p] && p != PARAMETER_DIMENSION && !merit_is_load(merit, (enum parameter_id)p))
			return (enum parameter_id)p;
	return PARAMETER_COUNT;
}

static const char *text_of(const struct digest_row *row, int id)
{
	return row->unused[id] ? "" : row->value[id].text;
}

/* Tests that are the same in some parameters, numbered in the order in which they first occur. */
struct class {
	const struct digest_row *row;
	size_t index, first;
};

static int class_compare(const struct digest_row *a, const struct digest_row *b, const bool by[PARAMETER_COUNT])
{
	int order = 0;

	for (int p = 0; p < PARAMETER_COUNT && !order; p++)
		if (by[p])
			order = strcmp(text_of(a, p), text_of(b, p));
	return order;
}

static int class_order(const void *a, const void *b, void *by)
{
	const struct class *x = a, *y = b;
	int order = class_compare(x->row, y->row, by);

	return order ? order : x->index < y->index ? -1 : 1;
}

/* number[i]: that of rows[i]'s class. Returns how many classes there are; 0 without memory. */
static size_t classes_number(const struct digest_row *const *rows, size_t count, const bool by[PARAMETER_COUNT],
			     size_t *number)
{
	struct class *class = calloc(count + 1, sizeof(*class));
	bool key[PARAMETER_COUNT];
	size_t classes = 0;

	if (!class)
		return 0;
	memcpy(key, by, sizeof(key));
	for (size_t i = 0; i < count; i++)
		class[i] = (struct class){ .row = rows[i], .index = i };
	qsort_r(class, count, sizeof(*class), class_order, key);
	for (size_t i = 0; i < count; i++) {
		bool same = i && class_compare(class[i - 1].row, class[i].row, by) == 0;

		class[i].first = same ? class[i - 1].first : class[i].index;
		number[class[i].index] = class[i].first;
	}
	/* First occurrences get the numbers, in order; the others theirs after them. */
	for (size_t i = 0; i < count; i++)
		number[i] = number[i] == i ? classes++ : number[number[i]];
	free(class);
	return classes;
}

/* Who wins each row: a contest among its cells. */
static void pivot_judge(struct pivot *pivot)
{
	for (size_t r = 0; r < pivot->rows; r++) {
		const struct digest_row **cell = &pivot->cell[r * pivot->columns];
		struct contest *contest = &pivot->contest[r];

		*contest = (struct contest){ .merit = pivot->merit };
		pivot->best[r] = SIZE_MAX;
		for (size_t c = 0; c < pivot->columns; c++)
			if (cell[c] && !contest_enter(contest, cell[c]) &&
			    !isfinite(cell[c]->figure[merit_figure(pivot->merit)].median))
				cell[c] = NULL;
		contest_judge(contest);
		for (size_t c = 0; contest->next && c < pivot->columns; c++)
			if (cell[c] == contest->best)
				pivot->best[r] = c;
		pivot->certain[r] = contest->certain;
	}
}

/* number[i] and number[count + i]: row and column of rows[i]. */
static bool pivot_fill(struct pivot *pivot, const struct digest_row *const *rows, size_t count, const size_t *number)
{
	pivot->cell = calloc(pivot->rows * pivot->columns, sizeof(*pivot->cell));
	pivot->row = calloc(pivot->rows, sizeof(*pivot->row));
	pivot->head = calloc(pivot->columns, sizeof(*pivot->head));
	pivot->best = calloc(pivot->rows, sizeof(*pivot->best));
	pivot->certain = calloc(pivot->rows, sizeof(*pivot->certain));
	pivot->contest = calloc(pivot->rows, sizeof(*pivot->contest));
	if (!pivot->cell || !pivot->row || !pivot->head || !pivot->best || !pivot->certain || !pivot->contest)
		return false;
	for (size_t i = count; i-- > 0;) { /* backwards: of several the first stays */
		const size_t r = number[i], c = number[count + i];

		pivot->cell[r * pivot->columns + c] = rows[i];
		pivot->row[r] = pivot->head[c] = rows[i];
	}
	pivot_judge(pivot);
	return true;
}

bool pivot_make(struct pivot *pivot, const struct digest_row *const *rows, size_t count, enum merit merit)
{
	bool varies[PARAMETER_COUNT], column[PARAMETER_COUNT] = { false }, made = false;
	size_t *number = calloc(2 * count + 1, sizeof(*number));

	words_varying(rows, count, varies);
	varies[PARAMETER_DIMENSION] = false;
	*pivot = (struct pivot){ .merit = merit, .column = pivot_column(varies, merit) };
	if (number && pivot->column < PARAMETER_COUNT) {
		memcpy(pivot->by, varies, sizeof(pivot->by));
		pivot->by[pivot->column] = false;
		column[pivot->column] = true;
		pivot->rows = classes_number(rows, count, pivot->by, number);
		pivot->columns = classes_number(rows, count, column, number + count);
		made = pivot->rows && pivot->columns > 1 && pivot->rows <= SPARSE * count / pivot->columns &&
		       pivot_fill(pivot, rows, count, number);
	}
	free(number);
	if (!made)
		pivot_free(pivot);
	return made;
}

void pivot_free(struct pivot *pivot)
{
	free(pivot->cell);
	free(pivot->row);
	free(pivot->head);
	free(pivot->best);
	free(pivot->certain);
	free(pivot->contest);
	*pivot = (struct pivot){ 0 };
}

void pivot_winner(const struct pivot *pivot, size_t row, char *text, size_t size)
{
	const struct contest *contest = &pivot->contest[row];
	char name[64], lead[FORMAT_MAX];

	*text = 0;
	if (!contest->next)
		return;
	words_value(contest->best, pivot->column, name, sizeof(name));
	format_number(lead, contest_lead(contest), contest_lead(contest) < 10 ? 2 : 0);
	if (contest->carried > 1)
		snprintf(text, size, "%zu of %zu carry it", contest->carried, contest->rows);
	else if (contest->carried)
		snprintf(text, size, "%s alone carries it%s", name, contest->few ? ", few trials" : "");
	else if (contest->close)
		snprintf(text, size, "%s (%s %sx)", contest_lead(contest) < CONTEST_CLOSE ? "too close" : "overlap", name,
			 lead);
	else
		snprintf(text, size, "%s %sx%s", name, lead, contest->certain ? "" : ", few trials");
}
