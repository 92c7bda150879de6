/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of few columns: what competes side by side, each row a load or whatever else varies, its winner marked. */
#include <math.h>

#include "report/html/page.h"
#include "report/markup.h"
#include "report/words.h"

#define ROWS_SHOWN 60

static const struct {
	enum merit merit;
	const char *name, *side;
} overviews[] = {
	{ MERIT_THROUGHPUT, "Forwarded", "rx" },
	{ MERIT_LATENCY, "Round trip, p50", "rx, at the client" },
	{ MERIT_COST, "Processor time a packet", "whole machine" },
};

#define OVERVIEWS (sizeof(overviews) / sizeof(*overviews))

/* The unit of a whole table, so that its figures compare at a glance. */
static struct unit overview_unit(const struct pivot *pivot)
{
	double largest = 0;

	if (pivot->merit == MERIT_LATENCY)
		return (struct unit){ "\u00b5s", 1e3, 0 };
	if (pivot->merit == MERIT_COST)
		return (struct unit){ "ns", 1, 0 };
	for (size_t i = 0; i < pivot->rows * pivot->columns; i++)
		if (pivot->cell[i])
			largest = fmax(largest, pivot->cell[i]->figure[FIGURE_FORWARDED].median);
	return unit_packet_rate(largest);
}

static double pivot_value(const struct pivot *pivot, size_t cell)
{
	return pivot->cell[cell] ? pivot->cell[cell]->figure[merit_figure(pivot->merit)].median : NAN;
}

static void cell_write(const struct page *page, const struct pivot *pivot, size_t r, size_t c, const struct unit *unit,
		       double largest)
{
	const double value = pivot_value(pivot, r * pivot->columns + c);
	const bool best = pivot->best[r] == c && pivot->contest[r].carried < 2; /* else nobody is in front */
	char text[FORMAT_MAX];

	fprintf(page->out, "<td class=\"num%s\"", best ? " best" : "");
	value_attribute(page, value);
	fputs(">", page->out);
	if (!isfinite(value)) {
		fputs("\u2013</td>", page->out);
		return;
	}
	if (pivot->merit == MERIT_LATENCY)
		format_microseconds(text, value);
	else
		format_in_unit(text, value, unit);
	if (best)
		winner_mark(page, pivot->certain[r]);
	fprintf(page->out, " %s", text);
	bar(page, value / largest);
	fputs("</td>", page->out);
}

static void head_write(const struct page *page, const struct pivot *pivot)
{
	char text[64];

	fputs("<thead><tr><th scope=\"col\">", page->out);
	for (int p = 0, first = 1; p < PARAMETER_COUNT; p++)
		if (pivot->by[p]) {
			markup_format(page->out, "%s%s", first ? "" : ", ", parameter_table[p].name);
			first = 0;
		}
	fputs("</th>", page->out);
	for (size_t c = 0; c < pivot->columns; c++) {
		words_value(pivot->head[c], pivot->column, text, sizeof(text));
		fputs("<th scope=\"col\" class=\"num\">", page->out);
		markup_text(page->out, text);
		fputs("</th>", page->out);
	}
	fputs("</tr></thead>\n", page->out);
}

static void pivot_write(const struct page *page, const struct pivot *pivot, size_t o)
{
	const size_t shown = pivot->rows < ROWS_SHOWN ? pivot->rows : ROWS_SHOWN;
	const struct unit unit = overview_unit(pivot);
	double largest = 0;
	char text[256];

	for (size_t i = 0; i < shown * pivot->columns; i++)
		largest = fmax(largest, pivot_value(pivot, i));
	scroller_open(page, overviews[o].name);
	fprintf(page->out, "<table class=\"pivot\">\n<caption>%s, %s <span class=\"side\">(%s)</span>, by ",
		overviews[o].name, unit.name, overviews[o].side);
	markup_text(page->out, parameter_table[pivot->column].name);
	fputs("</caption>\n", page->out);
	head_write(page, pivot);
	fputs("<tbody>\n", page->out);
	for (size_t r = 0; r < shown; r++) {
		words_test(pivot->row[r], pivot->by, text, sizeof(text));
		fputs("<tr><th scope=\"row\">", page->out);
		markup_text(page->out, *text ? text : "all");
		fputs("</th>", page->out);
		for (size_t c = 0; c < pivot->columns; c++)
			cell_write(page, pivot, r, c, &unit, largest);
		fputs("</tr>\n", page->out);
	}
	fputs("</tbody>\n</table>\n", page->out);
	scroller_close(page);
	if (pivot->rows > shown)
		paragraph(page, "hint", "%zu more rows are left out here; the tables of all tests have them.",
			  pivot->rows - shown);
}

static bool overview_make(const struct page *page, size_t o, struct pivot *pivot)
{
	const struct results *part = merit_part(page, overviews[o].merit);

	return merit_contests(page, overviews[o].merit)->count > 0 &&
	       pivot_make(pivot, part->rows, part->count, overviews[o].merit);
}

bool page_has_overview(const struct page *page)
{
	bool any = false;

	for (size_t o = 0; o < OVERVIEWS && !any; o++) {
		struct pivot pivot = { 0 };

		any = overview_make(page, o, &pivot);
		if (any)
			pivot_free(&pivot);
	}
	return any;
}

void page_overview(const struct page *page)
{
	if (!page_has_overview(page))
		return;
	section_open(page, "overview", "Overview");
	fputs("<p class=\"key\">", page->out);
	winner_mark(page, true);
	fputs(" in front in its row; ", page->out);
	winner_mark(page, false);
	fputs(" in front, but not told from the next. Medians of the trials; intervals are in the tables of all "
	      "tests.</p>\n", page->out);
	for (size_t o = 0; o < OVERVIEWS; o++) {
		struct pivot pivot = { 0 };

		if (!overview_make(page, o, &pivot))
			continue;
		pivot_write(page, &pivot, o);
		pivot_free(&pivot);
	}
	section_close(page);
}
