/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>

#include "report/export/markdown_parts.h"
#include "report/internal.h"
#include "report/noise.h"
#include "report/report.h"
#include "util/text.h"

#define SENTENCES_MAX 8  /* of each merit */
#define CAUSES_MAX 12

/* ---- the answer ---------------------------------------------------------------------------------------- */

static void contest_items(struct markdown_page *page, struct contests *contests,
			  const bool varies[PARAMETER_COUNT])
{
	size_t sentences = 0, more = 0;
	char text[1024];

	for (size_t i = 0; i < contests->count; i++) {
		struct contest *contest = &contests->contest[i];

		if (!contest->next)
			continue;
		if (sentences++ >= SENTENCES_MAX) {
			more++;
			continue;
		}
		if (!contest->paced)
			contest_tell_ratio(contest);
		contest_sentence(contest, varies, text, sizeof(text));
		page_item(page, "", "%s", text);
	}
	if (more)
		page_item(page, "", "And %zu more load%s, in the tables below.", more, plural(more));
}

/* What costs least, of the throughput tests. */
static int cost_items(struct markdown_page *page, const struct results *results)
{
	struct contests contests;
	int rc = contests_hold(&contests, results->rows, results->count, MERIT_COST, false);

	if (!rc)
		contest_items(page, &contests, results->varies);
	contests_free(&contests);
	return rc;
}

static int page_answer(struct markdown_page *page, struct subject *subject)
{
	int rc = 0;

	for (int i = 0; i < 2; i++) {
		struct results *results = &subject->results[i];
		char compared[2048], shared[512];

		if (!results->count)
			continue;
		results_compared(results, compared, sizeof(compared));
		results_shared(results, shared, sizeof(shared));
		page_paragraph(page, results->latency ? "**Latency**" : "**Throughput**",
			       "of %s. %s: %s.", compared,
			       results->count > 1 ? "The same for all" : "The test", shared);
		contest_items(page, &results->contests, results->varies);
		if (!results->latency)
			rc = cost_items(page, results);
	}
	return rc;
}

/* ---- what to know before relying on it ----------------------------------------------------------------- */

static void remark_items(struct markdown_page *page, const struct subject *subject)
{
	size_t total = subject->results[0].count + subject->results[1].count;

	for (unsigned i = 0; i < remarks_count(); i++) {
		const struct remarks *a = &subject->results[0].remarks, *b = &subject->results[1].remarks;
		size_t rows = a->rows[i] + b->rows[i];
		char words[512];

		if (!rows)
			continue;
		snprintf(words, sizeof(words), "%s (%c, %zu of %zu tests): %s", remark_name(i),
			 remark_letter(i), rows, total, remark_text(i));
		page_item(page, words, "%s", remark_subject(*a->unknown ? a : b, i));
	}
}

static void cause_items(struct markdown_page *page, const struct causes *causes)
{
	for (size_t i = 0; i < causes->count && i < CAUSES_MAX; i++) {
		const struct cause *cause = &causes->cause[i];
		char head[CAUSE_HEAD];

		cause_head(cause, head);
		page_item(page, "", "%s: %s%s%s", head, reason_words(cause->reason),
			  *cause->remedy ? ". Remedy: " : "", cause->remedy);
	}
	if (causes->count > CAUSES_MAX)
		page_item(page, "", "And trials without figures for %zu more reasons.",
			  causes->count - CAUSES_MAX);
}

static void page_warnings(struct markdown_page *page, const struct subject *subject)
{
	const struct heading *heading = &subject->heading;
	char noise[1024];
	bool large, told = noise_sentence(subject->view, noise, sizeof(noise), &large);
	size_t remarks = 0;

	for (unsigned i = 0; i < remarks_count(); i++)
		remarks += subject->results[0].remarks.rows[i] + subject->results[1].remarks.rows[i];
	if (!subject->digest.recorded)
		page_paragraph(page, "**No trial is recorded:**", "there is nothing to compare.");
	else if (!subject->results[0].count && !subject->results[1].count)
		page_paragraph(page, "**No test has figures:**",
			       "every trial failed, was skipped or is void.");
	if (!told && !remarks && !subject->causes.count && !*heading->progress && !*subject->view->warning)
		return;
	page_paragraph(page, "**Before relying on it:**", "%s", "");
	if (*heading->progress)
		page_item(page, "", "%s", heading->progress);
	if (*subject->view->warning)
		page_item(page, "**Warning:**", "%s", subject->view->warning);
	cause_items(page, &subject->causes);
	remark_items(page, subject);
	if (told)
		page_item(page, "", "%s", noise);
}

/* ---- the whole ----------------------------------------------------------------------------------------- */

static int subject_make(struct subject *subject, const struct record_view *view, struct error *err)
{
	int rc = digest_make(&subject->digest, view, err);

	subject->view = view;
	if (rc)
		return rc;
	heading_make(&subject->heading, view, &subject->digest);
	for (int i = 0; i < 2 && !rc; i++)
		rc = results_make(&subject->results[i], &subject->digest, i == 1);
	if (!rc)
		rc = causes_collect(&subject->causes, &subject->digest);
	return rc ? error_set(err, -rc, NULL, "out of memory") : 0;
}

static void subject_free(struct subject *subject)
{
	causes_free(&subject->causes);
	for (int i = 0; i < 2; i++)
		results_free(&subject->results[i]);
	digest_free(&subject->digest);
}

static int page_body(struct markdown_page *page, struct subject *subject)
{
	int rc;

	page_title(page, "lanebench:", "%s", subject->heading.name);
	if (*subject->heading.description)
		page_paragraph(page, "**About:**", "%s", subject->heading.description);
	rc = page_answer(page, subject);
	page_warnings(page, subject);
	markdown_pivot(page, &subject->results[0], "**Throughput**");
	markdown_pivot(page, &subject->results[1], "**Round trip, p50**");
	markdown_environment(page, subject);
	markdown_published(page, subject);
	for (int i = 0; i < 2; i++) {
		markdown_results(page, &subject->results[i], subject->heading.processors);
		markdown_hops(page, &subject->results[i]);
	}
	return rc;
}

int report_markdown(FILE *out, const struct record_view *view, struct error *err)
{
	struct subject subject = { 0 };
	struct markdown_page page;
	int rc = subject_make(&subject, view, err);

	if (!rc) {
		page_open(&page, out);
		rc = page_body(&page, &subject);
		if (page_close(&page) != 0 || rc)
			rc = error_set(err, ENOMEM, NULL, "out of memory");
	}
	subject_free(&subject);
	return rc ? rc : report_finish(out, err);
}
