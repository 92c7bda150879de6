/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html/page.h"

#include <errno.h>
#include <stdlib.h>

#include "report/html/frame.h"
#include "report/internal.h"
#include "report/markup.h"

static int page_letters(struct page *page)
{
	struct remarks counted_elsewhere = { 0 };

	page->letters = calloc(page->digest.count + 1, sizeof(*page->letters));
	for (size_t i = 0; page->letters && i < page->digest.count; i++)
		if (page->digest.rows[i].ok)
			remarks_of_row(&counted_elsewhere, &page->digest.rows[i], page->letters[i]);
	return page->letters ? 0 : -ENOMEM;
}

static int page_make(struct page *page, struct error *err)
{
	int rc = digest_make(&page->digest, page->view, err);

	if (rc)
		return rc;
	heading_make(&page->heading, page->view, &page->digest);
	rc = page_letters(page);
	for (int part = 0; part < 2 && !rc; part++)
		rc = results_make(&page->part[part], &page->digest, part == 1);
	if (!rc)
		rc = contests_hold(&page->cost, page->part[0].rows, page->part[0].count, MERIT_COST, false);
	if (!rc)
		rc = causes_collect(&page->causes, &page->digest);
	return rc ? error_set(err, -rc, NULL, "out of memory") : 0;
}

static void page_free(struct page *page)
{
	causes_free(&page->causes);
	contests_free(&page->cost);
	for (int part = 0; part < 2; part++)
		results_free(&page->part[part]);
	free(page->letters);
	digest_free(&page->digest);
}

/* ---- head and header ------------------------------------------------------------------------------------ */

/* What one dimension compares, and what is the same for all of its tests. */
static void lead_write(const struct page *page, const struct results *part)
{
	char compared[2048], shared[1024];

	if (!part->count)
		return;
	results_compared(part, compared, sizeof(compared));
	results_shared(part, shared, sizeof(shared));
	fprintf(page->out, "<p class=\"lead\"><strong>%s</strong> of ", part->latency ? "Latency" : "Throughput");
	markup_text(page->out, compared);
	fprintf(page->out, ". <span class=\"shared\">%s: ", part->count > 1 ? "The same for all" : "The test");
	markup_text(page->out, shared);
	fputs(".</span></p>\n", page->out);
}

static void header_write(const struct page *page)
{
	const struct heading *heading = &page->heading;
	const size_t measured = page->part[0].count + page->part[1].count, warnings = notices_count(page);
	size_t tests = 0;

	for (size_t i = 0; i < page->digest.count; i++)
		tests += !page->digest.rows[i].sweep;
	fputs("<header>\n<h1>", page->out);
	markup_text(page->out, heading->name);
	fputs("</h1>\n", page->out);
	if (*heading->description)
		paragraph(page, "description", "%s", heading->description);
	paragraph(page, "facts", "%s \u00b7 lanebench %s \u00b7 %s", heading->when, heading->version, heading->machine);
	lead_write(page, &page->part[0]);
	lead_write(page, &page->part[1]);
	fprintf(page->out, "<p class=\"facts\">%zu of %zu test%s ha%s figures, of %zu trial%s.", measured, tests,
		plural(tests), measured == 1 ? "s" : "ve", page->digest.recorded, plural(page->digest.recorded));
	if (warnings)
		fprintf(page->out, " <a href=\"#notices\">%zu warning%s</a>.", warnings, plural(warnings));
	fputs("</p>\n</header>\n", page->out);
}

static void contents_write(const struct page *page)
{
	const bool figures = page->part[0].count + page->part[1].count > 0;
	const struct { const char *id, *name; bool shown; } entries[] = {
		{ "answer", "Answer", figures }, { "notices", "Warnings", true },
		{ "overview", "Overview", page_has_overview(page) },
		{ "plots", "Plots", page->options->plots && page->options->plots->count },
		{ "tests", "All tests", figures }, { "published", "Published", page_has_published(page) },
		{ "without", "Without figures", page->causes.count > 0 }, { "environment", "Environment", true },
		{ "legend", "How to read it", true }, { "record", "Record", true },
	};

	fputs("<nav aria-label=\"Contents\">\n<ul>\n", page->out);
	for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++)
		if (entries[i].shown)
			fprintf(page->out, "<li><a href=\"#%s\">%s</a></li>\n", entries[i].id, entries[i].name);
	fputs("</ul>\n</nav>\n", page->out);
}

static int body_write(const struct page *page, struct error *err)
{
	char title[256];
	int rc;

	snprintf(title, sizeof(title), "%s \u2013 lanebench report", page->heading.name);
	frame_open(page->out, title, "report");
	header_write(page);
	contents_write(page);
	fputs("<main id=\"main\">\n", page->out);
	page_answer(page);
	page_notices(page);
	page_overview(page);
	rc = page_plots(page, err);
	if (rc)
		return rc;
	if (page_tables(page) != 0)
		return error_set(err, ENOMEM, NULL, "out of memory");
	page_published(page);
	page_without(page);
	page_environment(page);
	page_legend(page);
	page_record(page);
	fputs("</main>\n", page->out);
	frame_close(page->out, "from the record alone");
	return report_finish(page->out, err);
}

int report_html(FILE *out, const struct record_view *view, const struct html_options *options, struct error *err)
{
	struct page page = { .out = out, .view = view, .options = options };
	int rc = page_make(&page, err);

	if (!rc)
		rc = body_write(&page, err);
	page_free(&page);
	return rc;
}
