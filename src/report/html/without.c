/* SPDX-License-Identifier: Apache-2.0 */
/* Trials without figures, those with the same reason together, and what can be done about it. */
#include <string.h>

#include "report/html/page.h"
#include "report/markup.h"

#define CAUSES_SHOWN 200

void page_without(const struct page *page)
{
	const size_t shown = page->causes.count < CAUSES_SHOWN ? page->causes.count : CAUSES_SHOWN;

	if (!page->causes.count)
		return;
	section_open(page, "without", "Tests without figures");
	fputs("<ul class=\"causes\">\n", page->out);
	for (size_t i = 0; i < shown; i++) {
		const struct cause *cause = &page->causes.cause[i];

		fprintf(page->out, "<li class=\"notice %s\"><p><strong>",
			strcmp(cause->status, "skipped") ? "bad" : "warning");
		markup_format(page->out, "%s: %zu trial%s", cause_title(cause), cause->trials, plural(cause->trials));
		fputs("</strong>", page->out);
		if (*cause->which)
			markup_format(page->out, " (%s)", cause->which);
		fputs("</p>\n<p>", page->out);
		markup_text(page->out, *cause->reason ? cause->reason : "No reason was recorded.");
		fputs("</p>\n", page->out);
		if (*cause->remedy) {
			fputs("<p><b>Remedy:</b> ", page->out);
			markup_text(page->out, cause->remedy);
			fputs("</p>\n", page->out);
		}
		fputs("</li>\n", page->out);
	}
	fputs("</ul>\n", page->out);
	if (shown < page->causes.count)
		paragraph(page, "hint", "And %zu more reasons; trials.jsonl has them.", page->causes.count - shown);
	section_close(page);
}
