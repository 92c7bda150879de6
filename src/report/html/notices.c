/* SPDX-License-Identifier: Apache-2.0 */
/* What to know before relying on the figures: each with how many tests it concerns, and what it means. */
#include <string.h>

#include "report/html/page.h"
#include "report/markup.h"
#include "report/noise.h"

#define LOOPS_NAMED 8 /* switches */

enum severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_BAD };

struct notice {
	enum severity severity;
	const char *title;
	char text[1200];
	const char *link, *link_text; /* within the page; NULL = none */
};

/* With a page: write; without: only count those that warn. */
struct notices {
	const struct page *page;
	bool write;
	size_t count, warnings;
};

static void notice_add(struct notices *notices, const struct notice *notice)
{
	static const char *const classes[] = { "note", "warning", "bad" };
	static const char *const words[] = { "Note", "Warning", "Problem" };
	FILE *out = notices->page->out;

	notices->count++;
	notices->warnings += notice->severity != SEVERITY_NOTE;
	if (!notices->write)
		return;
	fprintf(out, "<li class=\"notice %s\"><span class=\"kind\">%s</span> <strong>", classes[notice->severity],
		words[notice->severity]);
	markup_text(out, notice->title);
	fputs("</strong> ", out);
	markup_text(out, notice->text);
	if (notice->link) {
		fprintf(out, " <a href=\"#%s\">", notice->link);
		markup_text(out, notice->link_text);
		fputs("</a>", out);
	}
	fputs("</li>\n", out);
}

static void run_notices(struct notices *notices)
{
	const struct page *page = notices->page;
	struct notice notice = { .severity = SEVERITY_WARNING };

	if (*page->view->warning) {
		notice.title = "The record is damaged.";
		snprintf(notice.text, sizeof(notice.text), "%s", page->view->warning);
		notice_add(notices, &notice);
	}
	if (*page->heading.progress) {
		notice.title = "Not complete.";
		snprintf(notice.text, sizeof(notice.text), "%s \"lanebench run --resume\" goes on with it.",
			 page->heading.progress);
		notice_add(notices, &notice);
	}
	if (page->part[0].count + page->part[1].count)
		return;
	notice.severity = SEVERITY_BAD;
	notice.title = "There is nothing to compare.";
	snprintf(notice.text, sizeof(notice.text), "%s", page->digest.recorded ?
		 "No test has figures: every trial failed, was skipped or is void." : "No trial is recorded.");
	notice_add(notices, &notice);
}

/* Failed, void, skipped: one notice each, with how many; the reasons have a section of their own. */
static void ending_notice(struct notices *notices, const char *status, const char *title, enum severity severity)
{
	const struct causes *causes = &notices->page->causes;
	struct notice notice = { .severity = severity, .title = title, .link = "without", .link_text = "Reasons" };
	size_t trials = 0, reasons = 0;

	for (size_t i = 0; i < causes->count; i++) {
		if (strcmp(causes->cause[i].status, status) != 0)
			continue;
		trials += causes->cause[i].trials;
		reasons++;
	}
	if (!trials)
		return;
	snprintf(notice.text, sizeof(notice.text), "%zu trial%s, for %zu reason%s: %s figures are in no table and in no "
		 "answer.", trials, plural(trials), reasons, plural(reasons), trials == 1 ? "its" : "their");
	notice_add(notices, &notice);
}

static void remark_notices(struct notices *notices)
{
	const struct page *page = notices->page;
	const size_t tests = page->part[0].count + page->part[1].count;
	const char *unknown = page->part[!*page->part[0].remarks.unknown].remarks.unknown;

	for (unsigned i = 0; i < remarks_count(); i++) {
		const size_t rows = page->part[0].remarks.rows[i] + page->part[1].remarks.rows[i];
		struct notice notice = { .severity = SEVERITY_WARNING, .title = remark_name(i) };

		if (!rows)
			continue;
		snprintf(notice.text, sizeof(notice.text), "(%s%zu of %zu test%s): %s%s%s.",
			 rows == tests && rows > 1 ? "all, " : "", rows, tests, plural(tests), remark_text(i),
			 i + 1 == remarks_count() ? ": " : "", i + 1 == remarks_count() ? unknown : "");
		notice_add(notices, &notice);
	}
}

/* Takes note of a loop's switch; how many there are. */
static size_t loops_add(const struct digest_row *row, const char *switches[LOOPS_NAMED], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(switches[i], row->value[PARAMETER_SWITCH].text))
			return count;
	if (count < LOOPS_NAMED)
		switches[count++] = row->value[PARAMETER_SWITCH].text;
	return count;
}

/* Loops beside pairs: who reads a switch's name alone would compare what does not compare. */
static void loops_notice(struct notices *notices)
{
	const struct page *page = notices->page;
	struct notice notice = { .severity = SEVERITY_NOTE, .title = "Loops." };
	const char *switches[LOOPS_NAMED];
	size_t count = 0, others = 0;
	char names[LOOPS_NAMED * 72] = "";

	for (int part = 0; part < 2; part++)
		for (size_t r = 0; r < page->part[part].count; r++) {
			const struct digest_row *row = page->part[part].rows[r];

			if (strcmp(row->value[PARAMETER_TOPOLOGY].text, "loop") != 0)
				others++;
			else
				count = loops_add(row, switches, count);
		}
	if (!count || !others)
		return;
	for (size_t i = 0; i < count; i++)
		text_append(names, sizeof(names), "%s%s", i ? ", " : "", switches[i]);
	snprintf(notice.text, sizeof(notice.text), "Through %s one thread sends and receives (topology loop), which two do "
		 "elsewhere. Loops compare with loops alone: the answer has them apart.", names);
	notice_add(notices, &notice);
}

static void noise_notice(struct notices *notices)
{
	struct notice notice = { .title = "Noise." };
	bool large = false;

	if (!noise_sentence(notices->page->view, notice.text, sizeof(notice.text), &large))
		return;
	notice.severity = large ? SEVERITY_WARNING : SEVERITY_NOTE;
	notice_add(notices, &notice);
}

static bool any_single(const struct page *page)
{
	for (int part = 0; part < 2; part++)
		for (size_t r = 0; r < page->part[part].count; r++)
			if (page->part[part].rows[r]->figure[FIGURE_FORWARDED].n == 1)
				return true;
	return false;
}

/* How far the spread is known. */
static void spread_notice(struct notices *notices)
{
	const struct results *part = notices->page->part;
	struct notice notice = { .severity = SEVERITY_NOTE };

	if (any_single(notices->page)) {
		notice.title = "Single trials.";
		snprintf(notice.text, sizeof(notice.text), "A test with one trial does not show how far its "
			 "figures scatter. With --repeats 6 or more each has a confidence interval.");
		notice_add(notices, &notice);
	} else if (part[0].ranges || part[1].ranges) {
		notice.title = "Few repeats.";
		snprintf(notice.text, sizeof(notice.text), "Fewer than 6 trials make no 95 %% confidence interval: "
			 "the range from the lowest to the highest stands for it.");
		notice_add(notices, &notice);
	}
}

static void notices_make(struct notices *notices)
{
	run_notices(notices);
	ending_notice(notices, "failed", "Failed:", SEVERITY_BAD);
	ending_notice(notices, "void", "Void, not to be trusted:", SEVERITY_BAD);
	ending_notice(notices, "skipped", "Skipped, this machine cannot run them:", SEVERITY_WARNING);
	remark_notices(notices);
	loops_notice(notices);
	noise_notice(notices);
	spread_notice(notices);
}

size_t notices_count(const struct page *page)
{
	struct notices notices = { .page = page };

	notices_make(&notices);
	return notices.warnings;
}

void page_notices(const struct page *page)
{
	struct notices notices = { .page = page, .write = true };

	section_open(page, "notices", "Before you rely on it");
	fputs("<ul class=\"notices\">\n", page->out);
	notices_make(&notices);
	if (!notices.count)
		fputs("<li class=\"notice good\"><span class=\"kind\">Good</span> Nothing to warn of: every trial ended "
		      "well, with a processor for each endpoint and switch thread.</li>\n", page->out);
	fputs("</ul>\n", page->out);
	section_close(page);
}
