/* SPDX-License-Identifier: Apache-2.0 */
/* Chains, hop by hop: where packets were lost, and what each forwarder costs. */

#include "report/hops.h"
#include "report/html/page.h"
#include "report/markup.h"
#include "report/words.h"

#define LINES_SHOWN 600

static void head_write(const struct page *page, const struct hop_table *table)
{
	fputs("<table class=\"tests\">\n<caption>", page->out);
	markup_text(page->out, hop_legend);
	fputs("</caption>\n<thead><tr><th scope=\"col\" data-sort=\"text\">test</th>"
	      "<th scope=\"col\" data-sort=\"text\">figure</th>", page->out);
	for (unsigned i = 0; i < table->hops; i++)
		fprintf(page->out, "<th scope=\"col\" class=\"num\" data-sort=\"number\">hop %u</th>", i + 1);
	fputs("<th scope=\"col\" class=\"num\" data-sort=\"number\">end</th></tr></thead>\n", page->out);
}

static void line_write(const struct page *page, const struct hop_table *table, const struct hop_line *line)
{
	char text[FORMAT_MAX], name[256];

	words_test(line->row, table->varies, name, sizeof(name));
	fputs("<tr><th scope=\"row\">", page->out);
	markup_text(page->out, *name ? name : "the test");
	fputs("</th><td>", page->out);
	markup_text(page->out, hop_figure_title(line->figure));
	fputs("</td>", page->out);
	for (unsigned i = 0; i <= table->hops; i++) {
		hop_text(table, line, i, text);
		fputs("<td class=\"num\"", page->out);
		if (*text)
			value_attribute(page, line->at[i < table->hops ? i : line->hops]);
		fputs(">", page->out);
		markup_text(page->out, text);
		fputs("</td>", page->out);
	}
	fputs("</tr>\n", page->out);
}

static void table_write(const struct page *page, const struct hop_table *table, const struct results *part)
{
	const size_t shown = table->count < LINES_SHOWN ? table->count : LINES_SHOWN;

	fprintf(page->out, "<h3>%s of chains, hop by hop</h3>\n", part->latency ? "Latency" : "Throughput");
	scroller_open(page, "Chains, hop by hop");
	head_write(page, table);
	fputs("<tbody>\n", page->out);
	for (size_t i = 0; i < shown; i++)
		line_write(page, table, &table->line[i]);
	fputs("</tbody>\n</table>\n", page->out);
	scroller_close(page);
	if (shown < table->count)
		paragraph(page, "hint", "The first %zu of %zu lines; the CSV has all.", shown, table->count);
}

int page_hops(const struct page *page, const struct results *part)
{
	struct hop_table table;
	int rc = hop_table_make(&table, part);

	if (!rc && table.count)
		table_write(page, &table, part);
	hop_table_free(&table);
	return rc;
}
