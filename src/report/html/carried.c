/* SPDX-License-Identifier: Apache-2.0 */
/* Of tests at given rates: the highest that each path carried. That is the answer, not who forwards most at one. */
#include <stdlib.h>
#include <string.h>

#include "report/html/page.h"
#include "report/markup.h"
#include "report/words.h"

#define PATHS_MAX 64
#define PATHS_SHOWN 5

/* A path, by all that varies but the rate. */
struct path {
	const struct digest_row *carried; /* at the highest rate that it carried; NULL = none */
	size_t rates;
	char name[256];
};

static bool row_is_carried(const struct digest_row *row)
{
	struct contest alone = { .merit = MERIT_THROUGHPUT };

	return contest_enter(&alone, row) && alone.carried == 1;
}

static struct path *path_of(struct path *paths, size_t *count, const struct digest_row *row,
			    const bool by[PARAMETER_COUNT])
{
	char name[256];

	words_test(row, by, name, sizeof(name));
	for (size_t i = 0; i < *count; i++)
		if (!strcmp(paths[i].name, name))
			return &paths[i];
	if (*count == PATHS_MAX)
		return NULL;
	memcpy(paths[*count].name, name, sizeof(name));
	return &paths[(*count)++];
}

static int path_compare(const void *a, const void *b)
{
	const struct path *x = a, *y = b;
	double rate_x = x->carried ? x->carried->value[PARAMETER_RATE].number : 0;
	double rate_y = y->carried ? y->carried->value[PARAMETER_RATE].number : 0;

	return rate_x != rate_y ? rate_x < rate_y ? 1 : -1 : strcmp(x->name, y->name);
}

/* Paths that were tried at several rates, the one that carried most first. */
static size_t paths_collect(struct path *paths, const struct results *part)
{
	bool by[PARAMETER_COUNT];
	size_t count = 0, tried = 0;

	memcpy(by, part->varies, sizeof(by));
	by[PARAMETER_RATE] = false;
	for (size_t r = 0; r < part->count; r++) {
		const struct digest_row *row = part->rows[r];
		struct path *path = row->value[PARAMETER_RATE].number > 0 ? path_of(paths, &count, row, by) : NULL;

		if (!path)
			continue;
		tried += ++path->rates == 2;
		if (row_is_carried(row) && (!path->carried || row->value[PARAMETER_RATE].number >
							      path->carried->value[PARAMETER_RATE].number))
			path->carried = row;
	}
	qsort(paths, count, sizeof(*paths), path_compare);
	return tried ? count : 0;
}

bool carried_write(const struct page *page, const struct results *part)
{
	struct path *paths = calloc(PATHS_MAX, sizeof(*paths));
	const size_t count = paths && part->varies[PARAMETER_RATE] ? paths_collect(paths, part) : 0;
	char rate[FORMAT_MAX];

	if (count && !paths[0].carried) {
		paragraph(page, "load", "None of the rates that were tried was carried by any path: packets were lost, or "
			  "could not be offered.");
	} else if (count) {
		paragraph(page, "load", "Highest rate carried, of those tried, each sender:");
		fputs("<ul class=\"carried\">\n", page->out);
		for (size_t i = 0; i < count && i < PATHS_SHOWN; i++) {
			const struct digest_row *row = paths[i].carried;

			if (row)
				format_packet_rate(rate, row->value[PARAMETER_RATE].number);
			fprintf(page->out, "<li><b>%s</b> ", row ? rate : "none");
			markup_text(page->out, *paths[i].name ? paths[i].name : "the one path that was measured");
			fputs("</li>\n", page->out);
		}
		if (count > PATHS_SHOWN)
			fprintf(page->out, "<li class=\"more\">and %zu more path%s</li>\n", count - PATHS_SHOWN,
				plural(count - PATHS_SHOWN));
		fputs("</ul>\n", page->out);
	}
	free(paths);
	return count > 0;
}
