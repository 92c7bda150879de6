/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/figures.h"
#include "report/remarks.h"
#include "report/words.h"

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

/* A trial without figures. */
struct loss {
	const struct digest_row *row;
	const char *reason, *remedy; /* of the record */
	size_t ending, index;
};

static int loss_compare(const struct loss *a, const struct loss *b)
{
	int order = (a->ending > b->ending) - (a->ending < b->ending);

	order = order ? order : strcmp(a->reason, b->reason);
	return order ? order : strcmp(a->remedy, b->remedy);
}

static int loss_order(const void *a, const void *b)
{
	const struct loss *x = a, *y = b;
	int order = loss_compare(x, y);

	return order ? order : (x->index > y->index) - (x->index < y->index);
}

/* All of them, the same reason together; NULL without memory. */
static struct loss *losses_collect(const struct digest *digest, size_t *count)
{
	struct loss *losses;
	size_t trials = 0;

	*count = 0;
	for (size_t r = 0; r < digest->count; r++)
		trials += digest->rows[r].count;
	losses = calloc(trials + 1, sizeof(*losses));
	for (size_t r = 0; losses && r < digest->count; r++)
		for (size_t i = 0; i < digest->rows[r].count; i++) {
			const json_t *trial = digest->rows[r].trials[i];
			size_t e = ending_of(trial_text(trial, "status"));

			if (e == ENDINGS)
				continue;
			losses[*count] = (struct loss){ &digest->rows[r], trial_text(trial, "reason"),
							trial_text(trial, "remedy"), e, *count };
			++*count;
		}
	if (*count)
		qsort(losses, *count, sizeof(*losses), loss_order);
	return losses;
}

/* What the tests share, of all that varies in the run: "udp on macvlan, burst 32, throughput". */
static void cause_name_tests(struct cause *cause, const bool varies[PARAMETER_COUNT])
{
	bool differs[PARAMETER_COUNT], shared[PARAMETER_COUNT];
	size_t used;

	words_varying(cause->rows, cause->row_count, differs);
	for (int p = 0; p < PARAMETER_COUNT; p++)
		shared[p] = varies[p] && !differs[p];
	words_test(cause->rows[0], shared, cause->which, sizeof(cause->which));
	used = strlen(cause->which);
	if (shared[PARAMETER_DIMENSION])
		snprintf(cause->which + used, sizeof(cause->which) - used, "%s%s", used ? ", " : "",
			 cause->rows[0]->value[PARAMETER_DIMENSION].text);
}

static int cause_fill(struct cause *cause, const struct loss *losses, size_t count,
		      const bool varies[PARAMETER_COUNT])
{
	*cause = (struct cause){ .status = endings[losses->ending].status, .reason = losses->reason,
				 .remedy = losses->remedy, .trials = count,
				 .rows = calloc(count, sizeof(*cause->rows)) };
	if (!cause->rows)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (!i || losses[i].row != losses[i - 1].row)
			cause->rows[cause->row_count++] = losses[i].row;
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

static int causes_fill(struct causes *causes, const struct loss *losses, const bool varies[PARAMETER_COUNT])
{
	size_t end;
	int rc = 0;

	for (size_t i = 0; i < causes->trials && !rc; i = end) {
		for (end = i + 1; end < causes->trials && loss_compare(&losses[i], &losses[end]) == 0;)
			end++;
		rc = cause_fill(&causes->cause[causes->count++], &losses[i], end - i, varies);
	}
	if (!rc && causes->count)
		qsort(causes->cause, causes->count, sizeof(*causes->cause), cause_order);
	return rc;
}

int causes_collect(struct causes *causes, const struct digest *digest)
{
	const struct digest_row **rows = calloc(digest->count + 1, sizeof(*rows));
	bool varies[PARAMETER_COUNT];
	struct loss *losses;
	int rc = -ENOMEM;

	*causes = (struct causes){ 0 };
	losses = losses_collect(digest, &causes->trials);
	causes->cause = calloc(causes->trials + 1, sizeof(*causes->cause));
	if (rows && losses && causes->cause) {
		for (size_t i = 0; i < digest->count; i++)
			rows[i] = &digest->rows[i];
		words_varying(rows, digest->count, varies);
		rc = causes_fill(causes, losses, varies);
	}
	free(losses);
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
