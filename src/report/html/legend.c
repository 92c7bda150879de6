/* SPDX-License-Identifier: Apache-2.0 */
/* How to read the page, as far as it has what a word means; and where the record lies. */
#include <stdio.h>
#include <string.h>

#include "report/html/page.h"
#include "report/markup.h"

#define TERM_MAX 40 /* what is longer before a colon is no term */

static void term_write(const struct page *page, const char *term, size_t length, const char *text, size_t size)
{
	fputs("<div><dt>", page->out);
	markup_format(page->out, "%.*s", (int)length, term);
	fputs("</dt><dd>", page->out);
	markup_format(page->out, "%.*s", (int)size, text);
	fputs("</dd></div>\n", page->out);
}

/* Where "term: " ends, if the clause begins with a term; 0 else. */
static size_t term_length(const char *clause)
{
	const size_t length = strcspn(clause, ":;.");

	return length < TERM_MAX && clause[length] == ':' && clause[length + 1] == ' ' ? length : 0;
}

/* A paragraph of the legend, "term: what it means; another: what that means", as entries of a list of definitions;
 * nothing where it is no such thing. */
static void terms_write(const struct page *page, const char *text)
{
	while (term_length(text)) {
		const size_t length = term_length(text);
		const char *meaning = text + length + 2, *end = meaning;

		do
			end = strchr(end, ';') ? strchr(end, ';') + 1 : end + strlen(end);
		while (*end && !(*end == ' ' && term_length(end + 1)));
		term_write(page, text, length, meaning, (size_t)(end - meaning) - (*end ? 1 : 0));
		text = *end ? end + 1 : end;
	}
}

/* What defines no term stands below the list. */
static void part_terms(const struct page *page, const struct results *part)
{
	char text[LEGEND_TEXT];

	fputs("<dl class=\"legend\">\n", page->out);
	for (unsigned i = 0; results_legend(part, page->heading.processors, i, text); i++)
		terms_write(page, text);
	fputs("</dl>\n", page->out);
	for (unsigned i = 0; results_legend(part, page->heading.processors, i, text); i++)
		if (!term_length(text))
			paragraph(page, "hint", "%s", text);
}

static void marks_terms(const struct page *page)
{
	fputs("<div><dt>", page->out);
	winner_mark(page, true);
	fputs(" ", page->out);
	winner_mark(page, false);
	fputs("</dt><dd>In front among the tests under the same load: hosts, containers, packet size, rate, quotas and "
	      "neighbours (and burst, of round trips). Hollow: not certain, since a rank test over the trials of the first "
	      "two does not tell them apart, or there are too few trials for it; --repeats 6 are enough. At a given rate "
	      "nobody is in front of others that carry it, too.</dd></div>\n",
	      page->out);
}

static void remark_terms(const struct page *page)
{
	for (unsigned i = 0; i < remarks_count(); i++) {
		if (!page->part[0].remarks.rows[i] && !page->part[1].remarks.rows[i])
			continue;
		fputs("<div><dt><span class=\"chip\">", page->out);
		markup_text(page->out, remark_name(i));
		fputs("</span></dt><dd>", page->out);
		markup_text(page->out, remark_text(i));
		fputs(".</dd></div>\n", page->out);
	}
}

void page_legend(const struct page *page)
{
	section_open(page, "legend", "How to read it");
	for (int part = 0; part < 2; part++) {
		if (!page->part[part].count)
			continue;
		fprintf(page->out, "<h3>%s</h3>\n", part ? "Latency" : "Throughput");
		part_terms(page, &page->part[part]);
	}
	fputs("<h3>Marks</h3>\n<dl class=\"legend\">\n", page->out);
	marks_terms(page);
	remark_terms(page);
	fputs("</dl>\n", page->out);
	paragraph(page, "hint", "A unit and a side go with every figure: tx at the sender, rx at the receiver (of a "
		  "latency test both are the client). docs/methodology.md defines them all, docs/results.md the fields of "
		  "the record.");
	section_close(page);
}

/* ---- the record ----------------------------------------------------------------------------------------- */

static void link_write(const struct page *page, const char *folder, const char *file, const char *text)
{
	fputs("<li><a href=\"", page->out);
	if (*folder) {
		/* a name with a colon must not become a scheme, nor one with # or ? something else than a path */
		fputs(*folder == '.' || *folder == '/' ? "" : "./", page->out);
		for (; *folder; folder++)
			fprintf(page->out, (unsigned char)*folder > ' ' && !strchr("%\"'<>#?&\\^`{|}", *folder) &&
				(unsigned char)*folder < 0x7f ? "%c" : "%%%02X", (unsigned char)*folder);
		fputs("/", page->out);
	}
	fprintf(page->out, "%s\">%s</a> \u2013 %s</li>\n", file, file, text);
}

void page_record(const struct page *page)
{
	const char *record = page->options->record_link ? page->options->record_link : "";

	section_open(page, "record", "The record");
	paragraph(page, NULL, "Everything on this page derives from the record of the run: a folder with run.json, "
		  "trials.jsonl and logs. lanebench report reads it on any machine, without privileges.");
	if (*record || page->options->beside) {
		fputs("<ul class=\"links\">\n", page->out);
		if (page->options->beside)
			link_write(page, "", "trials.csv", "every figure of every trial, one row a trial");
		if (*record) {
			link_write(page, record, "run.json", "what was run, where, with which versions");
			link_write(page, record, "trials.jsonl",
				   "every trial with histograms, samples and configurations");
			link_write(page, record, "logs/", "what endpoints, switches and containers said");
		}
		fputs("</ul>\n", page->out);
	}
	section_close(page);
}
