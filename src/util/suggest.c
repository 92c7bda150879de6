/* SPDX-License-Identifier: Apache-2.0 */
#include "util/suggest.h"

#include <ctype.h>
#include <string.h>

#define WORD_MAX 64 /* longer words are no parameter or name of ours */

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static int lower(char c)
{
	return tolower((unsigned char)c);
}

/*
 * Optimal string alignment: how many insertions, deletions, replacements and swaps of neighbours turn a
 * into b, none of them on letters that were changed before. Both are at most WORD_MAX long.
 */
static unsigned distance(const char *a, const char *b)
{
	unsigned rows[3][WORD_MAX + 1];
	unsigned *before = rows[0], *above = rows[1], *row = rows[2];
	size_t columns = strlen(b);

	for (unsigned j = 0; j <= columns; j++)
		row[j] = j;
	for (unsigned i = 1; a[i - 1]; i++) {
		unsigned *oldest = before;

		before = above;
		above = row;
		row = oldest;
		row[0] = i;
		for (unsigned j = 1; j <= columns; j++) {
			unsigned replaced = lower(a[i - 1]) != lower(b[j - 1]);

			row[j] = least(above[j - 1] + replaced, least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
			    lower(a[i - 2]) == lower(b[j - 1]))
				row[j] = least(row[j], before[j - 2] + 1);
		}
	}
	return row[columns];
}

const char *suggest(const char *word, const char *const *candidates)
{
	size_t length = strlen(word);
	unsigned limit = length < 6 ? 1 : (unsigned)length / 3;
	const char *best = NULL;

	if (length == 0 || length > WORD_MAX)
		return NULL;
	if (length == 1)
		limit = 0; /* any letter would do */
	for (; *candidates; candidates++) {
		unsigned d;

		if (strlen(*candidates) > WORD_MAX)
			continue;
		d = distance(word, *candidates);
		if (d < limit || (d == limit && !best)) {
			best = *candidates;
			limit = d;
		}
	}
	return best;
}
