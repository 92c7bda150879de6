/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files that make up report_markdown: what it is about, and its parts in files of their own. */
#ifndef LB_REPORT_EXPORT_MARKDOWN_PARTS_H
#define LB_REPORT_EXPORT_MARKDOWN_PARTS_H

#include "report/digest.h"
#include "report/export/markdown_page.h"
#include "report/heading.h"
#include "report/remarks.h"
#include "report/results.h"
#include "results/record.h"

struct subject {
	const struct record_view *view;
	struct digest digest;
	struct heading heading;
	struct results results[2]; /* throughput, latency */
	struct causes causes;
};

/* The medians as a table of few columns, where there is something to compare. `title`: our own, in
 * Markdown. */
void markdown_pivot(struct markdown_page *page, const struct results *results, const char *title);
/* Folded: published figures beside the measured ones; every test with every figure, and what these mean; chains hop
 * by hop. */
void markdown_published(struct markdown_page *page, const struct subject *subject);
void markdown_results(struct markdown_page *page, const struct results *results, int processors);
void markdown_hops(struct markdown_page *page, const struct results *results);
/* The machine, its settings, versions, and the command. */
void markdown_environment(struct markdown_page *page, const struct subject *subject);

#endif
