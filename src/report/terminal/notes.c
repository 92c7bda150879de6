/* SPDX-License-Identifier: Apache-2.0 */
#include "report/terminal/notes.h"

#include <limits.h>
#include <string.h>

#include "report/noise.h"
#include "util/text.h"

#define SENTENCES_MAX 8
#define CAUSES_MAX 20

void notes_contests(const struct contests *contests, const bool varies[PARAMETER_COUNT],
		    const struct sheet *sheet)
{
	size_t sentences = 0, more = 0;
	char text[1024];

	for (size_t i = 0; i < contests->count; i++) {
		struct contest contest = contests->contest[i];

		if (!contest.next)
			continue;
		if (sentences++ >= SENTENCES_MAX) {
			more++;
			continue;
		}
		if (!contest.paced)
			contest_tell_ratio(&contest);
		contest_sentence(&contest, varies, text, sizeof(text));
		sheet_text(sheet, STYLE_HEADING, 0, 2, "%s", text);
	}
	if (more)
		sheet_text(sheet, STYLE_FAINT, 0, 2, "(and %zu more load%s)", more, plural(more));
}

void notes_remarks(const struct remarks *remarks, size_t total, const struct sheet *sheet)
{
	for (unsigned i = 0; i < remarks_count(); i++) {
		const char *subject = remark_subject(remarks, i);

		if (!remarks->rows[i])
			continue;
		sheet_text(sheet, STYLE_WARNING, 2, 5, "%c  %s: %s%s%s%s", remark_letter(i), remark_name(i),
			   remark_text(i), *subject ? ": " : "", subject,
			   remarks->rows[i] == total && total > 1 ? " (all rows)" : "");
	}
}

/* "Skipped: 12 trials (switch ovs): no Open vSwitch here." */
static void cause_print(const struct cause *cause, const struct sheet *sheet)
{
	char head[CAUSE_HEAD];

	cause_head(cause, head);
	sheet_text(sheet, !strcmp(cause->status, "skipped") ? STYLE_WARNING : STYLE_BAD, 0, 2, "%s: %s", head,
		   reason_words(cause->reason));
	if (*cause->remedy)
		sheet_text(sheet, STYLE_PLAIN, 2, 10, "Remedy: %s", cause->remedy);
}

int notes_causes(const struct digest *digest, const struct sheet *sheet)
{
	struct causes causes;
	int rc = causes_collect(&causes, digest);

	for (size_t i = 0; !rc && i < causes.count && i < CAUSES_MAX; i++)
		cause_print(&causes.cause[i], sheet);
	if (!rc && causes.count > CAUSES_MAX)
		sheet_text(sheet, STYLE_WARNING, 0, 2, "And trials without figures for %zu more reasons "
			   "(--format csv has them all).", causes.count - CAUSES_MAX);
	if (!rc)
		rc = causes.trials > INT_MAX ? INT_MAX : (int)causes.trials;
	causes_free(&causes);
	return rc;
}

void notes_noise(const struct record_view *view, const struct sheet *sheet)
{
	char text[1024];
	bool large;

	if (!noise_sentence(view, text, sizeof(text), &large))
		return;
	sheet_text(sheet, large ? STYLE_WARNING : STYLE_PLAIN, 0, 2, "%s", text);
	sheet_gap(sheet);
}
