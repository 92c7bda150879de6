/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/figures.h"
#include "report/remarks.h"
#include "report/words.h"
#include "util/text.h"

static const struct ending {
	const char *status, *title;
} endings[] = {
	{ "failed", "Failed" },
	{ "void", "Void (measured, but not to be trusted)" },
	{ "skipped", "Skipped" },
};

#define ENDINGS (sizeof(endings) / sizeof(*endings))

/* ENDINGS: a trial with figures. */
static size_t ending_of(const char *status)
{
	size_t e = 0;

	while (e < ENDINGS && strcmp(endings[e].status, status) != 0)
		e++;
	return e;
}

/* A trial whose figures, if it has any, do not count. */
struct reject {
	const struct digest_row *row;
	const char *reason, *remedy; /* of the record */
	size_t ending, index;
};

static int reject_compare(const struct reject *a, const struct reject *b)
{
	int order = (a->ending > b->ending) - (a->ending < b->ending);

	order = order ? order : strcmp(a->reason, b->reason);
	return order ? order : strcmp(a->remedy, b->remedy);
}

static int reject_order(const void *a, const void *b)
{
	const struct reject *x = a, *y = b;
	int order = reject_compare(x, y);

	return order ? order : (x->index > y->index) - (x->index < y->index);
}

/* All of them, the same reason together; NULL without memory. */
static struct reject *rejects_collect(const struct digest *digest, size_t *count)
{
	struct reject *rejects;
	size_t trials = 0;

	*count = 0;
	for (size_t r = 0; r < digest->count; r++)
		trials += digest->rows[r].count;
	rejects = calloc(trials + 1, sizeof(*rejects));
	for (size_t r = 0; rejects && r < digest->count; r++)
		for (size_t i = 0; i < digest->rows[r].count; i++) {
			const json_t *trial = digest->rows[r].trials[i];
			size_t e = ending_of(trial_text(trial, "status"));

			if (e == ENDINGS)
				continue;
			rejects[*count] = (struct reject){ &digest->rows[r], trial_text(trial, "reason"),
							trial_text(trial, "remedy"), e, *count };
			++*count;
		}
	if (*count)
		qsort(rejects, *count, sizeof(*rejects), reject_order);
	return rejects;
}

/* What the tests share, of all that varies in the run: "udp on macvlan, burst 32, throughput". */
static void cause_name_tests(struct cause *cause, const bool varies[PARAMETER_COUNT])
{
	bool differs[PARAMETER_COUNT], shared[PARAMETER_COUNT];

	words_varying(cause->rows, cause->row_count, differs);
	for (int p = 0; p < PARAMETER_COUNT; p++)
		shared[p] = varies[p] && !differs[p];
	words_test(cause->rows[0], shared, cause->which, sizeof(cause->which));
	if (shared[PARAMETER_DIMENSION])
		text_append(cause->which, sizeof(cause->which), "%s%s", *cause->which ? ", " : "",
			    cause->rows[0]->value[PARAMETER_DIMENSION].text);
}

static int cause_fill(struct cause *cause, const struct reject *rejects, size_t count,
		      const bool varies[PARAMETER_COUNT])
{
	*cause = (struct cause){ .status = endings[rejects->ending].status, .reason = rejects->reason,
				 .remedy = rejects->remedy, .trials = count,
				 .rows = calloc(count, sizeof(*cause->rows)) };
	if (!cause->rows)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (!i || rejects[i].row != rejects[i - 1].row)
			cause->rows[cause->row_count++] = rejects[i].row;
	cause_name_tests(cause, varies);
	return 0;
}

/* Those that ended worst first; then the order of the tests. Rows of one digest are of one array. */
static int cause_order(const void *a, const void *b)
{
	const struct cause *x = a, *y = b;
	size_t e = ending_of(x->status), f = ending_of(y->status);
	int order;

	if (e != f)
		return e < f ? -1 : 1;
	if (x->rows[0] != y->rows[0])
		return x->rows[0] < y->rows[0] ? -1 : 1;
	order = strcmp(x->reason, y->reason);
	return order ? order : strcmp(x->remedy, y->remedy);
}

static int causes_fill(struct causes *causes, const struct reject *rejects,
		       const bool varies[PARAMETER_COUNT])
{
	size_t end;
	int rc = 0;

	for (size_t i = 0; i < causes->trials && !rc; i = end) {
		for (end = i + 1; end < causes->trials && reject_compare(&rejects[i], &rejects[end]) == 0;)
			end++;
		rc = cause_fill(&causes->cause[causes->count++], &rejects[i], end - i, varies);
	}
	if (!rc && causes->count)
		qsort(causes->cause, causes->count, sizeof(*causes->cause), cause_order);
	return rc;
}

int causes_collect(struct causes *causes, const struct digest *digest)
{
	const struct digest_row **rows = calloc(digest->count + 1, sizeof(*rows));
	bool varies[PARAMETER_COUNT];
	struct reject *rejects;
	int rc = -ENOMEM;

	*causes = (struct causes){ 0 };
	rejects = rejects_collect(digest, &causes->trials);
	causes->cause = calloc(causes->trials + 1, sizeof(*causes->cause));
	if (rows && rejects && causes->cause) {
		for (size_t i = 0; i < digest->count; i++)
			rows[i] = &digest->rows[i];
		words_varying(rows, digest->count, varies);
		rc = causes_fill(causes, rejects, varies);
	}
	free(rejects);
	free(rows);
	return rc;
}

void causes_free(struct causes *causes)
{
	for (size_t i = 0; i < causes->count; i++)
		free(causes->cause[i].rows);
	free(causes->cause);
	*causes = (struct causes){ 0 };
}

const char *cause_title(const struct cause *cause)
{
	size_t e = ending_of(cause->status);

	return e < ENDINGS ? endings[e].title : cause->status;
}

void cause_head(const struct cause *cause, char text[CAUSE_HEAD])
{
	snprintf(text, CAUSE_HEAD, "%s: %zu trial%s%s%s%s", cause_title(cause), cause->trials,
		 plural(cause->trials), *cause->which ? " (" : "", cause->which, *cause->which ? ")" : "");
}

const char *reason_words(const char *reason)
{
	return *reason ? reason : "no reason was recorded";
}
