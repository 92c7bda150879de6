/* SPDX-License-Identifier: Apache-2.0 */
/* Figures that papers have published, beside the measured ones of the same test: another machine, another time. */
#include <math.h>

#include "report/html/page.h"
#include "report/markup.h"
#include "report/published.h"
#include "report/words.h"

#define FOUND_MAX 16
#define ROWS_SHOWN 400

/* A value and its interval; its unit, too, is that of `published`. */
static void cell_write(const struct page *page, const struct published *published, double value, double low,
		       double high)
{
	char text[FORMAT_MAX], from[FORMAT_MAX], to[FORMAT_MAX];

	published_format(published, value, text);
	micro_sign(text);
	fputs("<td class=\"num\"", page->out);
	value_attribute(page, value);
	fputs(">", page->out);
	markup_text(page->out, text);
	if (low < high) {
		published_format(published, low, from);
		published_format(published, high, to);
		micro_sign(from);
		micro_sign(to);
		fputs("<small>", page->out);
		markup_format(page->out, "%s\u2013%s", from, to);
		fputs("</small>", page->out);
	}
	fputs("</td>", page->out);
}

/* As the tables call it. */
static const char *figure_title(enum figure figure, bool latency)
{
	static const char *const titles[FIGURE_COUNT] = {
		[FIGURE_FORWARDED] = "forwarded", [FIGURE_BITS] = "frames", [FIGURE_LOSS] = "loss",
		[FIGURE_P50] = "p50", [FIGURE_P90] = "p90", [FIGURE_P99] = "p99", [FIGURE_P99_9] = "p99.9",
		[FIGURE_P99_99] = "p99.99", [FIGURE_MAX] = "max", [FIGURE_MEAN] = "mean",
		[FIGURE_DEVIATION] = "standard deviation", [FIGURE_PROCESSES] = "cpu of processes",
		[FIGURE_BUSY] = "cpu busy", [FIGURE_SWITCH] = "cpu switch", [FIGURE_COST] = "cpu ns/pkt",
	};

	if (figure == FIGURE_FORWARDED && latency)
		return "answered";
	return titles[figure] ? titles[figure] : figure_name(figure);
}

static void published_write(const struct page *page, const struct results *part, const struct digest_row *row,
			    const struct published *published)
{
	const struct spread *measured = &row->figure[published->figure];
	const double ratio = measured->median / published->value;
	char name[256];

	words_test(row, part->varies, name, sizeof(name));
	fputs("<tr><th scope=\"row\">", page->out);
	markup_text(page->out, *name ? name : "the test");
	fputs("</th><td>", page->out);
	markup_format(page->out, "%s%s", row->latency && published->figure >= FIGURE_P50 &&
		      published->figure <= FIGURE_DEVIATION ? "round trip " : "", figure_title(published->figure, row->latency));
	fputs("</td>", page->out);
	cell_write(page, published, measured->median, measured->low, measured->high);
	cell_write(page, published, published->value, published->low, published->high);
	fputs("<td class=\"num\"", page->out);
	value_attribute(page, ratio);
	if (isfinite(ratio))
		fprintf(page->out, ">%.2f", ratio);
	else
		fputs(">\u2013", page->out);
	fputs("</td><td class=\"text\"><cite>", page->out);
	markup_text(page->out, published->source);
	fputs("</cite>", page->out);
	if (*published->machine) {
		fputs("<small>", page->out);
		markup_text(page->out, published->machine);
		fputs("</small>", page->out);
	}
	fputs("</td><td class=\"text\">", page->out);
	markup_text(page->out, published->note);
	fputs("</td></tr>\n", page->out);
}

bool page_has_published(const struct page *page)
{
	const char *run = published_run(page->view);
	const struct published *found[1];

	for (int part = 0; part < 2; part++)
		for (size_t r = 0; r < page->part[part].count; r++)
			if (published_for(page->part[part].rows[r], run, found, 1))
				return true;
	return false;
}

void page_published(const struct page *page)
{
	const char *run = published_run(page->view);
	const struct published *found[FOUND_MAX];
	size_t shown = 0;

	if (!page_has_published(page))
		return;
	section_open(page, "published", "Published values beside measured ones");
	paragraph(page, NULL, "What papers have published of the same tests. They were measured on other machines, "
		  "with other programs: compare the proportions between paths, not single figures.");
	scroller_open(page, "Published values");
	fputs("<table class=\"published tests\">\n<caption>Ratio: measured to published.</caption>\n<thead><tr>"
	      "<th scope=\"col\" data-sort=\"text\">test</th><th scope=\"col\" data-sort=\"text\">figure</th>"
	      "<th scope=\"col\" class=\"num\" data-sort=\"number\">measured</th>"
	      "<th scope=\"col\" class=\"num\" data-sort=\"number\">published</th>"
	      "<th scope=\"col\" class=\"num\" data-sort=\"number\">ratio</th>"
	      "<th scope=\"col\" data-sort=\"text\">source, machine</th>"
	      "<th scope=\"col\" data-sort=\"text\">what differs</th></tr></thead>\n<tbody>\n", page->out);
	for (int part = 0; part < 2; part++)
		for (size_t r = 0; r < page->part[part].count && shown < ROWS_SHOWN; r++) {
			const struct digest_row *row = page->part[part].rows[r];
			size_t count = published_for(row, run, found, FOUND_MAX);

			for (size_t i = 0; i < count; i++, shown++)
				published_write(page, &page->part[part], row, found[i]);
		}
	fputs("</tbody>\n</table>\n", page->out);
	scroller_close(page);
	section_close(page);
}
