/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which differences are real (docs/methodology.md, "Comparing runs"): those that the rank test finds among
 * all comparisons of a set, and whose size the bootstrap tells from nothing.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/bootstrap.h"
#include "measure/histogram.h"
#include "measure/hypothesis.h"
#include "report/compare/internal.h"

#define REPEATS_MOST 1000 /* that a remedy asks for */

/* A statistic: the median of the first of two groups less that of the second one. */
static double median_difference(const struct bootstrap_group *groups, size_t count, const void *unused)
{
	return statistics_median(groups[0].samples, groups[0].n) -
	       statistics_median(groups[1].samples, groups[1].n);
}

/* Of the medians: what changed, and by how much. */
static void measure_change(struct comparison *comparison)
{
	double base = comparison->base->figure[comparison->figure].median;
	double new = comparison->new->figure[comparison->figure].median;

	comparison->difference = new - base;
	comparison->ratio = base != 0 ? new / base : NAN;
	if (measure_of(comparison->figure)->by_difference)
		comparison->change = comparison->difference;
	else if (base != 0)
		comparison->change = comparison->ratio - 1;
	else
		comparison->change = new == 0 ? 0 : copysign(INFINITY, new);
}

/* samples: those of new, then those of base. */
static void measure_interval(struct comparison *comparison, const double *samples, size_t n, size_t m)
{
	const struct bootstrap_group groups[] = { { samples, n }, { samples + n, m } };
	const bool ratio = !measure_of(comparison->figure)->by_difference;
	const bootstrap_statistic statistic = ratio ? bootstrap_median_ratio : median_difference;

	comparison->has_interval = bootstrap_interval(groups, 2, statistic, NULL, CONFIDENCE,
						      &comparison->interval) == 0;
	if (comparison->has_interval && ratio) {
		comparison->interval.low -= 1;
		comparison->interval.high -= 1;
	}
}

int judge_measure(struct comparison *comparison)
{
	const struct digest_row *base = comparison->base, *new = comparison->new;
	double *samples = calloc(base->count + new->count + 1, sizeof(*samples));
	size_t n, m;

	if (!samples)
		return -ENOMEM;
	n = digest_samples(new, comparison->figure, samples);
	m = digest_samples(base, comparison->figure, samples + n);
	measure_change(comparison);
	if (n >= 2 && m >= 2) {
		comparison->p = rank_test(samples, n, samples + n, m, &comparison->above);
		measure_interval(comparison, samples, n, m);
		comparison->method = comparison->has_interval ? "rank test, bootstrap" : "rank test";
	}
	free(samples);
	return 0;
}

/* Repeats with which a lone difference among `family` comparisons could be told from chance. */
static unsigned repeats_needed(size_t family)
{
	unsigned n = 2;

	while (n < REPEATS_MOST && rank_test_least(n, n) > COMPARE_FALSE / (double)family)
		n++;
	return n;
}

static void call_unproven(struct comparison *comparison, size_t family, double least)
{
	const size_t m = comparison_spread(comparison, false)->n, n = comparison_spread(comparison, true)->n;

	comparison->verdict = VERDICT_UNPROVEN;
	comparison->lost = n < m && n < comparison->new->planned && rank_test_least(m, m) <= COMPARE_FALSE;
	if (m < 2 || n < 2)
		snprintf(comparison->why, sizeof(comparison->why), "single trials have no spread to compare");
	else if (least > COMPARE_FALSE)
		snprintf(comparison->why, sizeof(comparison->why),
			 "of %zu and %zu trials, all of one are above all of the other by chance in "
			 "%.0f %% of cases", m, n, least * 100);
	else
		snprintf(comparison->why, sizeof(comparison->why),
			 "%zu and %zu trials are too few to tell one difference among %zu comparisons "
			 "from chance", m, n, family);
	snprintf(comparison->remedy, sizeof(comparison->remedy), "%u repeats each%s", repeats_needed(family),
		 least > COMPARE_FALSE || m < 2 || n < 2 ? "" : ", or fewer figures (--figure)");
}

/*
 * Medians of few trials in two modes may move one way while most trials move the other way: then the trials
 * differ, and neither direction can be called.
 */
static bool directions_differ(const struct comparison *comparison)
{
	return (comparison->above - 0.5) * comparison->change <= 0;
}

/* Percentiles are middles of buckets (measure/histogram.h): what is off by a bucket may be off by nothing. */
static bool is_within_bucket(const struct comparison *comparison)
{
	const double base = comparison->base->figure[comparison->figure].median,
		     new = comparison->new->figure[comparison->figure].median;
	int exponent;

	if (comparison->figure < FIGURE_P50 || comparison->figure > FIGURE_P99_99)
		return false;
	frexp(fmax(base, new), &exponent); /* that one is from 2^(exponent - 1) to 2^exponent */
	return exponent > HISTOGRAM_BITS && fabs(new - base) <= ldexp(1, exponent - 1 - HISTOGRAM_BITS);
}

/* Between which loads a search says that the rate lies; from 0 or to infinity where it has no such bound. */
static struct interval search_bounds(const struct digest_row *row)
{
	const struct spread *lower = &row->figure[FIGURE_LOWER], *upper = &row->figure[FIGURE_UPPER];

	return (struct interval){ 2 * lower->n > row->ok ? lower->median : 0,
				  2 * upper->n > row->ok ? upper->median : INFINITY, 0 };
}

/* Repeats of a search end on the same loads, and scatter less than it is wide: its width counts, too. */
static bool is_within_search(struct comparison *comparison)
{
	const struct digest_row *base = comparison->base, *new = comparison->new;
	const struct interval b = search_bounds(base), n = search_bounds(new);

	if (comparison->figure != FIGURE_FORWARDED && comparison->figure != FIGURE_LOWER &&
	    comparison->figure != FIGURE_UPPER)
		return false;
	if ((!base->figure[FIGURE_LOWER].n && !base->figure[FIGURE_UPPER].n) ||
	    (!new->figure[FIGURE_LOWER].n && !new->figure[FIGURE_UPPER].n))
		return false;
	return n.low < b.high && b.low < n.high;
}

static bool interval_has_nothing(const struct comparison *comparison)
{
	return comparison->has_interval && comparison->interval.low <= 0 && comparison->interval.high >= 0;
}

/* Of what is no chance: is it more than the figure itself can tell? */
static void call_found(struct comparison *comparison)
{
	const int direction = measure_of(comparison->figure)->direction;

	if (directions_differ(comparison)) {
		comparison->verdict = VERDICT_SAME;
		snprintf(comparison->why, sizeof(comparison->why),
			 "the medians move one way, most trials the other way");
	} else if (is_within_bucket(comparison)) {
		comparison->verdict = VERDICT_SAME;
		snprintf(comparison->why, sizeof(comparison->why),
			 "a bucket of the histogram, which may be nothing");
	} else if (is_within_search(comparison)) {
		comparison->verdict = VERDICT_UNPROVEN;
		snprintf(comparison->why, sizeof(comparison->why),
			 "the rates lie between bounds that overlap (lower, upper)");
		snprintf(comparison->remedy, sizeof(comparison->remedy),
			 "a search that is less wide (search: csit), or senders that reach more");
	} else {
		comparison->verdict = comparison->change * direction > 0 ? VERDICT_BETTER : VERDICT_WORSE;
	}
}

/* `family`: how many comparisons share the risk of a false alarm. */
static void judge_one(struct comparison *comparison, size_t family, double least)
{
	if (comparison->adjusted <= COMPARE_FALSE && comparison->change != 0 &&
	    !interval_has_nothing(comparison))
		call_found(comparison);
	else if (least > COMPARE_FALSE / (double)family)
		call_unproven(comparison, family, least);
	else
		comparison->verdict = VERDICT_SAME;
}

/* The least p that a comparison can have; above COMPARE_FALSE it can never be real, and takes no part. */
static double least_p(const struct comparison *comparison)
{
	return isnan(comparison->p) ? 1 : rank_test_least(comparison->base->figure[comparison->figure].n,
							  comparison->new->figure[comparison->figure].n);
}

int judge_all(struct comparison *comparison, size_t count, size_t *judged)
{
	struct comparison **family = calloc(count + 1, sizeof(struct comparison *));
	double *p = calloc(2 * count + 1, sizeof(*p)), *adjusted = p ? p + count : NULL;
	size_t size = 0, pending = 0;
	int rc = family && p ? 0 : -ENOMEM;

	*judged = 0;
	for (size_t i = 0; i < count; i++)
		pending += comparison[i].verdict == VERDICT_COUNT;
	for (size_t i = 0; i < count && !rc; i++) {
		if (comparison[i].verdict != VERDICT_COUNT)
			continue;
		if (least_p(&comparison[i]) <= COMPARE_FALSE) {
			p[size] = comparison[i].p;
			family[size++] = &comparison[i];
		} else {
			call_unproven(&comparison[i], pending, least_p(&comparison[i]));
		}
	}
	rc = rc ? rc : false_discovery_adjust(p, size, adjusted);
	for (size_t i = 0; i < size && !rc; i++) {
		family[i]->adjusted = adjusted[i];
		judge_one(family[i], size, least_p(family[i]));
		*judged += family[i]->verdict != VERDICT_UNPROVEN;
	}
	free(p);
	free(family);
	return rc;
}
