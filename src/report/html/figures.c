/* SPDX-License-Identifier: Apache-2.0 */
/* The plots, by topic, each with its caption and the files that it was made of. */

#include "report/html/page.h"
#include "report/markup.h"

static void links_write(const struct page *page, const struct plot *plot)
{
	static const struct { const char *suffix, *name; } files[] = {
		{ "svg", "SVG" }, { "pdf", "PDF" }, { "dat", "data" }, { "gp", "gnuplot script" },
	};

	if (!page->options->beside)
		return;
	fputs("<p class=\"files\">", page->out);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		fprintf(page->out, "%s<a href=\"plots/%s.%s\">%s</a>", i ? " \u00b7 " : "", plot->name, files[i].suffix,
			files[i].name);
	fputs("</p>\n", page->out);
}

static int plot_write(const struct page *page, const struct plot *plot, struct error *err)
{
	int rc;

	fprintf(page->out, "<figure id=\"plot-%s\">\n<div class=\"plot\">", plot->name);
	rc = plot_inline_svg(page->out, plot, page->options->plots_folder, err);
	if (rc)
		return rc;
	fputs("</div>\n<figcaption><strong>", page->out);
	markup_text(page->out, plot->title);
	fputs("</strong> ", page->out);
	markup_text(page->out, plot->caption);
	links_write(page, plot);
	fputs("</figcaption>\n</figure>\n", page->out);
	return 0;
}

/* Plots of one topic together, topics in the order of their enumeration. */
static int topic_write(const struct page *page, enum plot_topic topic, struct error *err)
{
	const struct plots *plots = page->options->plots;
	bool any = false;
	int rc = 0;

	for (size_t i = 0; i < plots->count && !rc; i++) {
		if (plots->plot[i].topic != topic)
			continue;
		if (!any) {
			fputs("<h3>", page->out);
			markup_text(page->out, topic_title(topic));
			fputs("</h3>\n<div class=\"plots\">\n", page->out);
		}
		any = true;
		rc = plot_write(page, &plots->plot[i], err);
	}
	if (any)
		fputs("</div>\n", page->out);
	return rc;
}

int page_plots(const struct page *page, struct error *err)
{
	const struct plots *plots = page->options->plots;
	const char *reason = page->options->plots_reason;
	int rc = 0;

	if ((!plots || !plots->count) && (!reason || !*reason))
		return 0;
	section_open(page, "plots", "Plots");
	if (reason && *reason)
		paragraph(page, "hint", "There are no plots: %s.", reason);
	for (int topic = 0; plots && topic < TOPIC_COUNT && !rc; topic++)
		rc = topic_write(page, (enum plot_topic)topic, err);
	if (plots && *plots->left_out)
		paragraph(page, "hint", "%s", plots->left_out);
	section_close(page);
	return rc;
}
