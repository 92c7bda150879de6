/* SPDX-License-Identifier: Apache-2.0 */
#include "report/compare/compare.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "report/compare/internal.h"
#include "report/contest.h"
#include "report/figures.h"
#include "report/words.h"
#include "util/text.h"

/* ---- comparisons of a set ------------------------------------------------------------------------------ */

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
	static const enum parameter_id how[] = { PARAMETER_REPEATS, PARAMETER_DURATION, PARAMETER_WARMUP,
						 PARAMETER_LIMIT, PARAMETER_TRIALS };

	for (size_t h = 0; h < sizeof(how) / sizeof(*how); h++)
		for (size_t i = 0; i < set->count; i++) {
			const struct digest_row *base = set->comparison[i].base,
						*new = set->comparison[i].new;
			size_t used = strlen(set->how);

			if (!base || !new || base->unused[how[h]] || new->unused[how[h]] ||
			    !strcmp(base->value[how[h]].text, new->value[how[h]].text))
				continue;
			snprintf(set->how + used, sizeof(set->how) - used, "%s%s %.20s and %.20s",
				 used ? ", " : "", parameter_table[how[h]].name, base->value[how[h]].text,
				 new->value[how[h]].text);
			break;
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

/* From the pairs, which it frees, to verdicts. */
static int set_make(struct compare_set *set, struct pairing *pairs, size_t count,
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

/* ---- sets ---------------------------------------------------------------------------------------------- */

/* What a record lacks of what it will have, or had. */
static void describe_unfinished(struct compare_set *set, const struct record_view *view,
				const struct digest *digest, const char *name)
{
	const bool done = !strcmp(trial_text(view->run, "state"), "done");
	size_t used = strlen(set->unfinished);

	if (!done && digest->recorded < digest->planned)
		snprintf(set->unfinished + used, sizeof(set->unfinished) - used,
			 "%s%.60s: %zu of %zu trials are recorded.", used ? " " : "", name,
			 digest->recorded, digest->planned);
	used = strlen(set->unfinished);
	if (view->warning[0])
		snprintf(set->unfinished + used, sizeof(set->unfinished) - used, "%s%.60s: %.160s.",
			 used ? " " : "", name, view->warning);
}

static int make_records(struct compare *compare, const struct record_view *views, const char *const *names,
			size_t count, const struct compare_options *options, struct error *err)
{
	for (size_t i = 1; i < count; i++) {
		struct compare_set *set = &compare->set[compare->count++];
		struct pairing *pairs = NULL;
		size_t n = 0;
		int rc;

		set->base_name = names[0];
		set->new_name = names[i];
		set->by = PARAMETER_COUNT;
		if (views[0].count == views[i].count && json_equal(views[0].run, views[i].run))
			snprintf(set->unfinished, sizeof(set->unfinished), "Both are the same run.");
		describe_unfinished(set, &views[0], &compare->digest[0], names[0]);
		describe_unfinished(set, &views[i], &compare->digest[i], names[i]);
		conditions_compare(set, &views[0], &views[i], options->across);
		rc = match_records(&compare->digest[0], &compare->digest[i], &pairs, &n, err);
		if (rc) {
			free(pairs);
			return rc;
		}
		rc = set_make(set, pairs, n, options, err);
		if (rc)
			return rc;
	}
	return 0;
}

/* The values of a parameter that the tests have, in their order, base first. Returns how many; 0 without
 * memory. */
static size_t collect_values(struct compare *compare, enum parameter_id by, const char *base_value)
{
	const struct digest *digest = &compare->digest[0];
	size_t count = 0, n;

	compare->names = calloc(digest->count + 1, sizeof(*compare->names));
	for (size_t i = 0; compare->names && i < digest->count; i++) {
		const struct digest_row *row = &digest->rows[i];

		if (row->unused[by] || (row->sweep && !row->point && row->ok))
			continue;
		for (n = 0; n < count && strcmp(compare->names[n], row->value[by].text) != 0;)
			n++;
		if (n < count)
			continue;
		snprintf(compare->names[count++], sizeof(*compare->names), "%s", row->value[by].text);
		if (base_value && !strcmp(row->value[by].text, base_value)) {
			memmove(compare->names[1], compare->names[0], (count - 1) * sizeof(*compare->names));
			snprintf(compare->names[0], sizeof(*compare->names), "%s", base_value);
		}
	}
	return count;
}

/* "known: veth, ovs" of the values of a parameter. */
static void list_values(const struct compare *compare, size_t count, char *text, size_t size)
{
	size_t used = (size_t)snprintf(text, size, "known:");

	for (size_t i = 0; i < count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s %s", i ? "," : "", compare->names[i]);
}

/*
 * Value `i` against base; where none was asked for, against the first of those before it that has a test in
 * common with it: what runs over kernel switches alone is not missing where all else runs past the kernel.
 */
static int make_value(struct compare *compare, size_t i, const struct compare_options *options,
		      struct error *err)
{
	struct pairing *pairs = NULL;
	size_t base = 0, n = 0;
	struct compare_set *set;
	int rc;

	for (; base < (options->base_value ? 1 : i); base++) {
		bool common = options->base_value;

		free(pairs);
		rc = match_values(&compare->digest[0], compare->by, compare->names[base], compare->names[i],
				  &pairs, &n, err);
		for (size_t p = 0; p < n && !rc; p++)
			common |= pairs[p].base && pairs[p].new;
		if (rc || common)
			break;
	}
	if (rc || base == i) { /* an error, or nothing to compare it with */
		free(pairs);
		return rc;
	}
	set = &compare->set[compare->count++];
	set->by = compare->by;
	set->base_name = compare->names[base];
	set->new_name = compare->names[i];
	return set_make(set, pairs, n, options, err);
}

static int make_values(struct compare *compare, const struct compare_options *options, struct error *err)
{
	const struct parameter *by = &parameter_table[compare->by];
	struct value value = { 0 };
	struct error ignored;
	size_t count;
	char known[256];

	if (options->base_value && parameter_parse(by, options->base_value, NULL, &value, &ignored) != 0)
		snprintf(value.text, sizeof(value.text), "%s", options->base_value);
	count = collect_values(compare, compare->by, options->base_value ? value.text : NULL);
	list_values(compare, count, known, sizeof(known));
	if (count < 2)
		return error_set(err, EINVAL, "name a parameter that varies in it",
				 "all tests of the record have the same %s", by->name);
	if (options->base_value && strcmp(compare->names[0], value.text) != 0)
		return error_set(err, EINVAL, known, "no test of the record has the %s '%.60s'", by->name,
				 options->base_value);
	free(compare->set);
	compare->set = calloc(count, sizeof(*compare->set));
	if (!compare->set)
		return error_set(err, ENOMEM, NULL, "out of memory");
	for (size_t i = 1; i < count; i++) {
		int rc = make_value(compare, i, options, err);

		if (rc)
			return rc;
	}
	if (!compare->count)
		return error_set(err, EINVAL, "name another parameter, or another record",
				 "no two tests of the record differ in the %s alone", by->name);
	return 0;
}

/* What competes within a record: the switch where it varies, else what else does and is no load. */
static enum parameter_id choose_by(const struct digest *digest)
{
	const struct digest_row **rows = calloc(digest->count + 1, sizeof(*rows));
	bool varies[PARAMETER_COUNT] = { false };
	enum parameter_id by = PARAMETER_COUNT;

	for (size_t i = 0; rows && i < digest->count; i++)
		rows[i] = &digest->rows[i];
	if (rows)
		words_varying(rows, digest->count, varies);
	for (int p = PARAMETER_COUNT - 1; p >= 0; p--)
		if (varies[p] && p != PARAMETER_DIMENSION && p != PARAMETER_REPEATS &&
		    !merit_is_load(MERIT_LATENCY, (enum parameter_id)p))
			by = (enum parameter_id)p;
	if (varies[PARAMETER_IO])
		by = PARAMETER_IO;
	if (varies[PARAMETER_SWITCH])
		by = PARAMETER_SWITCH;
	free(rows);
	return by;
}

int compare_make(struct compare *compare, const struct record_view *views, const char *const *names,
		 size_t count, const struct compare_options *options, struct error *err)
{
	int rc;

	memset(compare, 0, sizeof(*compare));
	compare->by = options->by;
	compare->digest = calloc(count, sizeof(*compare->digest));
	compare->set = calloc(count, sizeof(*compare->set));
	if (!compare->digest || !compare->set)
		return error_set(err, ENOMEM, NULL, "out of memory");
	for (; compare->digests < count; compare->digests++) {
		rc = digest_make(&compare->digest[compare->digests], &views[compare->digests], err);
		if (rc) {
			digest_free(&compare->digest[compare->digests]);
			return rc;
		}
	}
	if (count > 1)
		return make_records(compare, views, names, count, options, err);
	if (compare->by == PARAMETER_COUNT)
		compare->by = choose_by(&compare->digest[0]);
	if (compare->by == PARAMETER_COUNT)
		return error_set(err, EINVAL, "compare it with another record",
				 "nothing varies in the record %s that could be compared within it",
				 names[0]);
	return make_values(compare, options, err);
}

void compare_free(struct compare *compare)
{
	for (size_t i = 0; i < compare->count; i++)
		free(compare->set[i].comparison);
	for (size_t i = 0; i < compare->digests; i++)
		digest_free(&compare->digest[i]);
	free(compare->set);
	free(compare->digest);
	free(compare->names);
	memset(compare, 0, sizeof(*compare));
}

/* ---- the gate ------------------------------------------------------------------------------------------ */

bool comparison_regressed(const struct comparison *comparison, double limit)
{
	return comparison->verdict == VERDICT_WORSE && fabs(comparison->change) > limit;
}

size_t compare_regressions(const struct compare *compare, double limit)
{
	size_t count = 0;

	for (size_t s = 0; s < compare->count; s++)
		for (size_t i = 0; i < compare->set[s].count; i++)
			count += comparison_regressed(&compare->set[s].comparison[i], limit);
	return count;
}

/* The first reason why a set could not be judged, with its remedy. */
static int gate_blind(const struct compare_set *set, struct error *err)
{
	const struct comparison *first = set->count ? &set->comparison[0] : NULL;
	char remedy[200] = "compare records of the same suite";

	if (first && *first->remedy)
		snprintf(remedy, sizeof(remedy), "%s", first->remedy);
	error_set(err, ENODATA, remedy,
		  "nothing can be judged, so no regression would have been seen: %.60s against %.60s: %s",
		  set->new_name, set->base_name, first && *first->why ? first->why : "they have no test");
	return GATE_BLIND;
}

/* By how much a figure could be worse at most: no rate falls by more than 100 %, no loss rises above them. */
static double worst_change(const struct comparison *comparison)
{
	const struct measure *measure = measure_of(comparison->figure);

	if (measure->by_difference)
		return 1 - comparison->base->figure[comparison->figure].median;
	return measure->direction > 0 ? 1 : INFINITY;
}

/* Is there a figure that could have been worse by more than the limit? */
static bool gate_can_fail(const struct compare *compare, double limit)
{
	for (size_t s = 0; s < compare->count; s++)
		for (size_t i = 0; i < compare->set[s].count; i++)
			if (compare->set[s].comparison[i].verdict <= VERDICT_SAME &&
			    worst_change(&compare->set[s].comparison[i]) > limit)
				return true;
	return false;
}

enum gate compare_gate(const struct compare *compare, double limit, struct error *err)
{
	const struct comparison *lost = NULL;
	size_t count = 0;

	if (compare_regressions(compare, limit))
		return GATE_REGRESSION;
	for (size_t s = 0; s < compare->count; s++) {
		if (!compare->set[s].judged)
			return gate_blind(&compare->set[s], err);
		for (size_t i = 0; i < compare->set[s].count; i++)
			if (compare->set[s].comparison[i].lost && count++ == 0)
				lost = &compare->set[s].comparison[i];
	}
	if (!lost && !gate_can_fail(compare, limit)) {
		error_set(err, ENODATA, "a lower --fail-on",
			  "no figure that was compared can be worse by %.4g %%", limit * 100);
		return GATE_BLIND;
	}
	if (!lost)
		return GATE_PASSED;
	error_set(err, ENODATA, "see why, and run them again (lanebench run --resume)",
		  "no regression, but %zu figure%s of base %s missing, or lack%s trials: %s", count,
		  plural(count), count == 1 ? "is" : "are", count == 1 ? "s" : "", lost->why);
	return GATE_INCOMPLETE;
}
