/* SPDX-License-Identifier: Apache-2.0 */
/* One set of comparisons: from pairs of tests to verdicts, the most severe ones first. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/compare/internal.h"
#include "report/figures.h"
#include "report/words.h"

/* Why a row has no figure of a kind. */
static void missing_reason(const struct digest_row *row, const char *name, char *text, size_t size)
{
	if (!row) {
		snprintf(text, size, "no such test in %.80s", name);
		return;
	}
	for (size_t i = 0; i < row->count; i++) {
		const char *status = trial_text(row->trials[i], "status"),
			   *reason = trial_text(row->trials[i], "reason");

		if (!strcmp(status, "ok"))
			continue;
		snprintf(text, size, "%.8s in %.80s%s%.160s", status, name, *reason ? ": " : "", reason);
		return;
	}
	snprintf(text, size, row->count ? "not known in %.80s" : "has not been run in %.80s", name);
}

static bool has_figure(const struct digest_row *row, enum figure figure)
{
	return row && row->figure[figure].n;
}

static void comparison_make(struct comparison *comparison, const struct pairing *pair, enum figure figure,
			    const struct compare_set *set)
{
	const bool base = has_figure(pair->base, figure), new = has_figure(pair->new, figure);

	*comparison = (struct comparison){
		.base = pair->base,
		.new = pair->new,
		.figure = figure,
		.verdict = VERDICT_COUNT,
		.ratio = NAN,
		.difference = NAN,
		.change = NAN,
		.p = NAN,
		.adjusted = NAN,
		.method = "none",
	};
	if (base && new)
		return;
	comparison->verdict = VERDICT_MISSING;
	comparison->lost = base && pair->new;
	missing_reason(base ? pair->new : pair->base, base ? set->new_name : set->base_name, comparison->why,
		       sizeof(comparison->why));
}

/* The figures of a pair: those asked for that one of both has; if neither has any, the first, to say why. */
static size_t pair_figures(const struct pairing *pair, const bool *wanted, enum figure *figures)
{
	const struct digest_row *row = pair->base ? pair->base : pair->new;
	size_t count = 0;
	int first = -1;

	for (int f = 0; f < FIGURE_COUNT; f++) {
		if (!(wanted ? wanted[f] : measure_by_default((enum figure)f, row)))
			continue;
		first = first < 0 ? f : first;
		if (has_figure(pair->base, (enum figure)f) || has_figure(pair->new, (enum figure)f))
			figures[count++] = (enum figure)f;
	}
	if (!count && first >= 0 && (!pair->base || !pair->base->ok) && (!pair->new || !pair->new->ok))
		figures[count++] = (enum figure)first;
	return count;
}

static int set_fill(struct compare_set *set, const struct pairing *pairs, size_t count, const bool *wanted)
{
	enum figure figures[FIGURE_COUNT];
	size_t total = 0;

	for (size_t i = 0; i < count; i++)
		total += pair_figures(&pairs[i], wanted, figures);
	set->comparison = calloc(total + 1, sizeof(*set->comparison));
	if (!set->comparison)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		size_t n = pair_figures(&pairs[i], wanted, figures);

		for (size_t f = 0; f < n; f++)
			comparison_make(&set->comparison[set->count++], &pairs[i], figures[f], set);
		set->tests += n > 0;
	}
	return 0;
}

static int set_judge(struct compare_set *set, const char *const *across)
{
	int rc = 0;

	for (size_t i = 0; i < set->count && !rc; i++) {
		struct comparison *comparison = &set->comparison[i];

		if (comparison->verdict == VERDICT_MISSING)
			continue;
		rc = judge_measure(comparison);
		conditions_flags(comparison);
		if (set->by == PARAMETER_COUNT)
			conditions_forbid(set, comparison, across);
		set->intervals |= comparison->has_interval;
	}
	return rc ? rc : judge_all(set->comparison, set->count, &set->judged);
}

/* How much worse (better): ratios by their logarithm, so that half and double are equally far. */
static double severity(const struct comparison *comparison)
{
	if (measure_of(comparison->figure)->by_difference)
		return fabs(comparison->change);
	return comparison->change > -1 ? fabs(log1p(comparison->change)) : INFINITY;
}

static int comparison_order(const void *a, const void *b)
{
	const struct comparison *x = *(const struct comparison *const *)a,
				*y = *(const struct comparison *const *)b;
	double s, t;

	if (x->verdict != y->verdict)
		return x->verdict < y->verdict ? -1 : 1;
	s = x->verdict <= VERDICT_BETTER ? severity(x) : 0;
	t = y->verdict <= VERDICT_BETTER ? severity(y) : 0;
	if (s != t)
		return s > t ? -1 : 1;
	return x < y ? -1 : x > y; /* both are of one array: the order of the tests */
}

/* 0 or -ENOMEM. */
static int set_sort(struct compare_set *set)
{
	const struct comparison **order = calloc(set->count + 1, sizeof(*order));
	struct comparison *sorted = calloc(set->count + 1, sizeof(*sorted));
	int rc = order && sorted ? 0 : -ENOMEM;

	for (size_t i = 0; i < set->count && !rc; i++)
		order[i] = &set->comparison[i];
	if (!rc) {
		qsort(order, set->count, sizeof(*order), comparison_order);
		for (size_t i = 0; i < set->count; i++)
			sorted[i] = *order[i];
		free(set->comparison);
		set->comparison = sorted;
	} else {
		free(sorted);
	}
	free(order);
	return rc;
}

/* Comparisons of a test stand side by side until they are sorted. */
static void set_count(struct compare_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct comparison *this = &set->comparison[i], *before = i ? this - 1 : NULL;
		enum verdict first = this->verdict;

		set->verdicts[this->verdict]++;
		if (before && before->base == this->base && before->new == this->new)
			continue;
		for (size_t k = i + 1; k < set->count; k++) {
			if (set->comparison[k].base != this->base || set->comparison[k].new != this->new)
				break;
			first = set->comparison[k].verdict < first ? set->comparison[k].verdict : first;
		}
		set->test_verdicts[first]++;
	}
}

/* Base and new differ in how well they were measured: that is said, and forbids nothing. */
static void set_describe_how(struct compare_set *set)
{
	for (size_t h = 0; h < COMPARE_HOW; h++) {
		const enum parameter_id id = compare_how[h];

		for (size_t i = 0; i < set->count; i++) {
			const struct digest_row *base = set->comparison[i].base,
						*new = set->comparison[i].new;
			size_t used = strlen(set->how);

			if (!base || !new || base->unused[id] || new->unused[id] ||
			    !strcmp(base->value[id].text, new->value[id].text))
				continue;
			snprintf(set->how + used, sizeof(set->how) - used, "%s%s %.20s and %.20s",
				 used ? ", " : "", parameter_table[id].name, base->value[id].text,
				 new->value[id].text);
			break;
		}
	}
}

static int set_name_tests(struct compare_set *set, const struct pairing *pairs, size_t count,
			  const struct compare_options *options)
{
	const struct digest_row **rows = calloc(count + 1, sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		rows[i] = pairs[i].base ? pairs[i].base : pairs[i].new;
	words_varying(rows, count, set->varies);
	if (set->by != PARAMETER_COUNT)
		set->varies[set->by] = false;
	if (!options->figures) /* "round trip p50" tells it */
		set->varies[PARAMETER_DIMENSION] = false;
	free(rows);
	return 0;
}

int set_make(struct compare_set *set, struct pairing *pairs, size_t count,
		    const struct compare_options *options, struct error *err)
{
	int rc = set_fill(set, pairs, count, options->figures);

	rc = rc ? rc : set_name_tests(set, pairs, count, options);
	rc = rc ? rc : set_judge(set, options->across);
	if (!rc) {
		set_describe_how(set);
		set_count(set);
		rc = set_sort(set);
	}
	free(pairs);
	return rc ? error_set(err, ENOMEM, NULL, "out of memory") : 0;
}
