/* SPDX-License-Identifier: Apache-2.0 */
/* The small parts that all sections are made of. */
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "report/html/page.h"
#include "report/markup.h"

void section_open(const struct page *page, const char *id, const char *heading)
{
	fprintf(page->out, "<section id=\"%s\" aria-labelledby=\"%s-h\">\n<h2 id=\"%s-h\">%s</h2>\n", id, id, id,
		heading);
}

void section_close(const struct page *page)
{
	fputs("</section>\n", page->out);
}

void paragraph(const struct page *page, const char *class, const char *format, ...)
{
	va_list args;

	if (class)
		fprintf(page->out, "<p class=\"%s\">", class);
	else
		fputs("<p>", page->out);
	va_start(args, format);
	markup_vformat(page->out, format, args);
	va_end(args);
	fputs("</p>\n", page->out);
}

void scroller_open(const struct page *page, const char *name)
{
	fputs("<div class=\"scroller\" role=\"region\" tabindex=\"0\" aria-label=\"", page->out);
	markup_text(page->out, name);
	fputs("\">\n", page->out);
}

void scroller_close(const struct page *page)
{
	fputs("</div>\n", page->out);
}

void bar(const struct page *page, double share)
{
	if (!isfinite(share) || share <= 0)
		return;
	fprintf(page->out, "<svg class=\"bar\" viewBox=\"0 0 100 4\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
		"<rect class=\"track\" width=\"100\" height=\"4\"/><rect width=\"%.1f\" height=\"4\"/></svg>",
		fmin(share, 1) * 100);
}

void value_attribute(const struct page *page, double value)
{
	if (isfinite(value))
		fprintf(page->out, " data-v=\"%.15g\"", value);
}

void remark_chips(const struct page *page, const struct digest_row *row)
{
	const char *letters = page->letters[row - page->digest.rows];

	for (; *letters; letters++)
		for (unsigned i = 0; i < remarks_count(); i++)
			if (remark_letter(i) == *letters) {
				fputs(" <span class=\"chip\">", page->out);
				markup_text(page->out, remark_name(i));
				fputs("</span>", page->out);
			}
}

void winner_mark(const struct page *page, bool certain)
{
	fprintf(page->out, "<svg class=\"star%s\" viewBox=\"0 0 20 20\" role=\"img\" aria-label=\"%s\">"
		"<path d=\"M10 1.6l2.6 5.5 6 .8-4.4 4.2 1.1 6-5.3-2.9-5.3 2.9 1.1-6L1.4 7.9l6-.8z\"/></svg>",
		certain ? "" : " open", certain ? "in front" : "in front, but too close to tell");
}

const char *spread_kind(const struct spread *spread)
{
	if (spread->coverage > 0)
		return "95 % CI";
	return !(spread->low < spread->high) ? "" : spread->n > 1 ? "range" : "MRR range";
}

void micro_sign(char text[FORMAT_MAX])
{
	const size_t length = strlen(text);

	if (length > 3 && length + 2 < FORMAT_MAX && !strcmp(text + length - 3, " us"))
		strcpy(text + length - 3, " \u00b5s");
}

void merit_text(enum merit merit, double value, char text[FORMAT_MAX])
{
	merit_format(merit, value, text);
	micro_sign(text);
}

void interval_text(enum merit merit, const struct spread *spread, char text[2 * FORMAT_MAX])
{
	char low[FORMAT_MAX], high[FORMAT_MAX], *unit;

	*text = 0;
	if (!(spread->low < spread->high))
		return;
	merit_text(merit, spread->low, low);
	merit_text(merit, spread->high, high);
	unit = strchr(low, ' ');
	if (unit && strchr(high, ' ') && !strcmp(unit, strchr(high, ' ')))
		*unit = 0;
	snprintf(text, 2 * FORMAT_MAX, "%s to %s", low, high);
}

const struct results *merit_part(const struct page *page, enum merit merit)
{
	return &page->part[merit == MERIT_LATENCY];
}

const struct contests *merit_contests(const struct page *page, enum merit merit)
{
	return merit == MERIT_COST ? &page->cost : &merit_part(page, merit)->contests;
}
