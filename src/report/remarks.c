/* SPDX-License-Identifier: Apache-2.0 */
#include "report/remarks.h"

#include <stdlib.h>
#include <string.h>

#include "report/figures.h"
#include "report/words.h"

/* Flags of a trial (results/record.h), and counters that should be nought (`path`). */
static const struct remark {
	char letter;
	const char *flag, *path;
	const char *text;
} remark_table[] = {
	{ 'o', "oversubscribed", NULL,
	  "oversubscribed: fewer processors than endpoints and switch threads, which took "
	  "turns; with a processor each they are faster, and their latency is lower" },
	{ 's', "siblings", NULL, "siblings: two threads shared the hyper-threads of one core" },
	{ 'n', "nodes", NULL, "nodes: the endpoints ran on different NUMA nodes" },
	{ 'c', "contended", NULL, "contended: another run used some of the same processors at the time" },
	{ 'r', "offered_warn", NULL, "the offered load was more than 0.1 % off the intended rate" },
	{ 'R', "offered_off", NULL,
	  "the offered load was more than 1 % off the intended rate: the sender could not keep "
	  "it, or was held up" },
	{ 't', "clock", NULL,
	  "clock: packets seemed to arrive before they were sent; do not trust the latency" },
	{ 'l', "late_start", NULL, "late_start: an endpoint began too late after the common start" },
	{ 'p', "disturbed", NULL,
	  "disturbed: something else took the processor of an endpoint or of the switch for more than "
	  "1 % of the time; latency and loss tell of that as well" },
	{ 'u', "unstable", NULL,
	  "unstable: what arrived each second was no steady rate: it drifted by more than 10 % within half of the "
	  "trial, or scattered by more than 10 %" },
	{ 'h', "no_hugepages", NULL,
	  "no_hugepages: packets lay in memory without hugepages, which costs TLB misses; "
	  "lanebench doctor tells how to have some" },
	{ 'd', NULL, "rx.duplicated", "some packets arrived more than once (not counted twice)" },
	{ 'q', NULL, "rx.reordered", "some packets arrived out of sequence" },
	{ 'x', NULL, "rx.corrupted", "some packets arrived damaged (neither forwarded nor lost)" },
	{ 'f', NULL, "rx.foreign",
	  "packets that are not of the test reached the port: other traffic, or a switch that floods" },
	{ '?', "", NULL, "has a flag that this lanebench does not know" },
};

#define REMARKS (sizeof(remark_table) / sizeof(*remark_table))
#define REMARK_UNKNOWN (REMARKS - 1)
_Static_assert(REMARKS <= REMARKS_MAX, "struct remarks has room for all");

static size_t flag_remark(const char *flag)
{
	for (size_t i = 0; i < REMARK_UNKNOWN; i++)
		if (remark_table[i].flag && !strcmp(remark_table[i].flag, flag))
			return i;
	return REMARK_UNKNOWN;
}

static void trial_remarks(const json_t *trial, bool has[REMARKS_MAX], char *unknown, size_t size)
{
	const json_t *flags = trial_value(trial, "flags");

	for (size_t i = 0; i < json_array_size(flags); i++) {
		const char *flag = json_string_value(json_array_get(flags, i));
		size_t remark = flag ? flag_remark(flag) : REMARK_UNKNOWN;

		has[remark] = true;
		if (remark == REMARK_UNKNOWN)
			snprintf(unknown, size, "%s", flag ? flag : "?");
	}
	for (size_t i = 0; i < REMARKS; i++)
		if (remark_table[i].path && trial_number(trial, remark_table[i].path) > 0)
			has[i] = true;
	/* The stronger of the two is enough. */
	if (has[flag_remark("offered_off")])
		has[flag_remark("offered_warn")] = false;
}

void remarks_of_row(struct remarks *remarks, const struct digest_row *row, char letters[REMARKS_MAX + 1])
{
	bool has[REMARKS_MAX] = { false };

	for (size_t i = 0; i < row->count; i++)
		if (!strcmp(trial_text(row->trials[i], "status"), "ok"))
			trial_remarks(row->trials[i], has, remarks->unknown, sizeof(remarks->unknown));
	for (size_t i = 0; i < REMARKS; i++) {
		remarks->rows[i] += has[i];
		if (has[i])
			*letters++ = remark_table[i].letter;
	}
	*letters = 0;
}

void remarks_explain(const struct remarks *remarks, size_t total, const struct sheet *sheet)
{
	for (size_t i = 0; i < REMARKS; i++) {
		if (!remarks->rows[i])
			continue;
		sheet_text(sheet, STYLE_WARNING, 2, 5, "%c  %s%s%s%s", remark_table[i].letter,
			   remark_table[i].text, i == REMARK_UNKNOWN ? ": " : "",
			   i == REMARK_UNKNOWN ? remarks->unknown : "",
			   remarks->rows[i] == total && total > 1 ? " (all rows)" : "");
	}
}

static const struct ending {
	const char *status, *what;
	enum style style;
} endings[] = {
	{ "failed", "Failed", STYLE_BAD },
	{ "void", "Void (measured, but not to be trusted)", STYLE_BAD },
	{ "skipped", "Skipped", STYLE_WARNING },
};

/* The cause of a trial among `causes`, made if it is new; NULL when out of memory. */
static struct cause *cause_of(struct cause **causes, size_t *count, const json_t *trial)
{
	const char *reason = trial_text(trial, "reason"), *remedy = trial_text(trial, "remedy");
	struct cause *cause;

	for (size_t i = 0; i < *count; i++)
		if (!strcmp((*causes)[i].reason, reason) && !strcmp((*causes)[i].remedy, remedy))
			return &(*causes)[i];
	cause = reallocarray(*causes, *count + 1, sizeof(*cause));
	if (!cause)
		return NULL;
	*causes = cause;
	cause += (*count)++;
	*cause = (struct cause){ .reason = reason, .remedy = remedy };
	return cause;
}

static void cause_add(struct cause *cause, const struct digest_row *row)
{
	const struct digest_row **rows;

	cause->trials++;
	if (cause->row_count && cause->rows[cause->row_count - 1] == row)
		return;
	rows = reallocarray(cause->rows, cause->row_count + 1, sizeof(*rows));
	if (!rows)
		return;
	cause->rows = rows;
	cause->rows[cause->row_count++] = row;
}

/* "Skipped: 12 trials (switch ovs): no Open vSwitch here." What the tests share, of all that varies in the
 * run. */
static void cause_print(const struct cause *cause, const struct ending *ending,
			const bool varies[PARAMETER_COUNT], const struct sheet *sheet)
{
	bool differs[PARAMETER_COUNT], shared[PARAMETER_COUNT];
	char which[512] = "";

	if (cause->row_count) {
		words_varying(cause->rows, cause->row_count, differs);
		for (int p = 0; p < PARAMETER_COUNT; p++)
			shared[p] = varies[p] && !differs[p];
		words_test(cause->rows[0], shared, which, sizeof(which));
		if (varies[PARAMETER_DIMENSION] && !differs[PARAMETER_DIMENSION]) {
			size_t used = strlen(which);

			snprintf(which + used, sizeof(which) - used, "%s%s", used ? ", " : "",
				 cause->rows[0]->value[PARAMETER_DIMENSION].text);
		}
	}
	sheet_text(sheet, ending->style, 0, 2, "%s: %zu trial%s%s%s%s: %s", ending->what, cause->trials,
		   cause->trials == 1 ? "" : "s", *which ? " (" : "", which, *which ? ")" : "",
		   *cause->reason ? cause->reason : "no reason was recorded");
	if (*cause->remedy)
		sheet_text(sheet, STYLE_PLAIN, 2, 10, "Remedy: %s", cause->remedy);
}

static size_t ending_print(const struct digest *digest, const struct ending *ending,
			   const bool varies[PARAMETER_COUNT], const struct sheet *sheet)
{
	struct cause *causes = NULL, *cause;
	size_t count = 0, trials = 0;

	for (size_t r = 0; r < digest->count; r++) {
		const struct digest_row *row = &digest->rows[r];

		for (size_t i = 0; i < row->count; i++) {
			if (strcmp(trial_text(row->trials[i], "status"), ending->status) != 0)
				continue;
			trials++;
			cause = cause_of(&causes, &count, row->trials[i]);
			if (cause)
				cause_add(cause, row);
		}
	}
	for (size_t i = 0; i < count; i++) {
		cause_print(&causes[i], ending, varies, sheet);
		free(causes[i].rows);
	}
	free(causes);
	return trials;
}

size_t remarks_without_figures(const struct digest *digest, const struct sheet *sheet)
{
	const struct digest_row **rows = calloc(digest->count + 1, sizeof(*rows));
	bool varies[PARAMETER_COUNT];
	size_t trials = 0;

	if (!rows)
		return 0;
	for (size_t i = 0; i < digest->count; i++)
		rows[i] = &digest->rows[i];
	words_varying(rows, digest->count, varies);
	free(rows);
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++)
		trials += ending_print(digest, &endings[i], varies, sheet);
	return trials;
}
